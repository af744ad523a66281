// SPDX-License-Identifier: GPL-2.0-only
// umcrun kdir: the directory to build modules against.
#include "umcrun/commands.h"
#include "umcrun/installation.h"

namespace umc::cli {
namespace {

int run(const Invocation& call) {
    if (!call.args().empty()) return usage_error(call, "too many arguments");
    auto dir = kernel_build_dir();
    if (!dir) {
        print_error(call, error_text(dir.error()));
        return kExitFailure;
    }
    outf("{}\n", *dir);
    return kExitOk;
}

}  // namespace

const Command kKdirCommand = {
    "kdir",
    "",
    "Print the kernel build directory to build modules against",
    "    make -C \"$(umcrun kdir)\" M=\"$PWD\" modules\n\n"
    "builds foo.so beside foo.ko with any module's own makefile. $UMC_KDIR overrides the directory.",
    {},
    run,
};

}  // namespace umc::cli
