// SPDX-License-Identifier: GPL-2.0-only
// umcrun check: would these module files load, and if not, what is missing?
#include <optional>

#include "runtime/host/kernel_symbols.h"
#include "symtab/check.h"
#include "umcrun/commands.h"
#include "umcrun/installation.h"
#include "umcrun/protocol.h"

namespace umc::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    {'s', "summary", "", "print only how many would load and what is wanted most"},
    {'t', "top", "N", "with -s: how many wanted symbols to print (default: 20,\n0: all)"},
    {'S', "symvers", "FILE",
     "the Module.symvers that tells who else exports a symbol\n"
     "(default: the kernel build directory's)"},
};

Result<std::optional<symtab::Symvers>> read_symvers(const Invocation& call) {
    auto path = call.options.value("symvers");
    if (!path) {
        // Only names the groups of what is missing: checking works without.
        auto kdir = kernel_build_dir();
        if (!kdir) return std::optional<symtab::Symvers>();
        auto symvers = symtab::Symvers::read(*kdir + "/Module.symvers");
        if (!symvers) return std::optional<symtab::Symvers>();
        return std::optional(std::move(*symvers));
    }
    auto symvers = symtab::Symvers::read(*path);
    if (!symvers) return tl::unexpected(symvers.error());
    return std::optional(std::move(*symvers));
}

int run(const Invocation& call) {
    if (call.args().empty()) return usage_error(call, "missing filename");
    auto top = parse_number(call.options.value_or("top", "20"), 0, 1000000);
    if (!top) return usage_error(call, top.error().message);
    auto symvers = read_symvers(call);
    if (!symvers) {
        print_error(call, error_text(symvers.error()));
        return kExitUsage;
    }
    const symtab::CheckReport report =
        symtab::check(call.args(), kernel_symbols(), kernel_info(), *symvers ? &**symvers : nullptr);
    if (call.options.has("summary")) {
        const symtab::CheckSummary summary = symtab::summarize(report);
        const auto count = static_cast<std::size_t>(*top);
        if (call.json)
            outf("{}\n", dump(to_json(summary, count)));
        else
            out(to_text(summary, count));
        return summary.exit_status();
    }
    if (call.json)
        outf("{}\n", dump(symtab::to_json(report)));
    else
        out(symtab::to_text(report));
    return report.exit_status();
}

}  // namespace

const Command kCheckCommand = {
    "check",
    "FILE...",
    "Tell whether modules would load, and what is missing",
    "Needs no running instance. The files' exports count for each other, in any order.\n"
    "Exits with 0 when all would load, 1 when one would not, 2 when one could not be read.",
    kOptions,
    run,
    /*json=*/true,
};

}  // namespace umc::cli
