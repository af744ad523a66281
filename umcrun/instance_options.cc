// SPDX-License-Identifier: GPL-2.0-only
// Reading the boot options.
#include "umcrun/instance_options.h"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

namespace umc::cli {

Result<HostOptions> host_options(const Invocation& call) {
    HostOptions host;
    host.instance.name = call.instance;
    if (auto text = call.options.value("cpus")) {
        auto cpus = parse_number(*text, 1, 4096);
        if (!cpus) return tl::unexpected(cpus.error());
        host.instance.cpus = static_cast<int>(*cpus);
    }
    if (auto text = call.options.value("mem")) {
        auto memory = parse_size(*text);
        if (!memory) return tl::unexpected(memory.error());
        host.instance.memory = *memory;
    }
    host.instance.panic_on_oops = call.options.has("panic-on-oops");
    host.instance.cmdline = call.options.value_or("cmdline", "");
    if (auto dir = call.options.value("module-dir")) {
        char resolved[PATH_MAX];
        if (!realpath(dir->c_str(), resolved))
            return fail(errno, fmt::format("{}: {}", *dir, std::strerror(errno)));
        host.module_dir = resolved;
    }
    return host;
}

std::vector<std::string> host_option_words(const Invocation& call) {
    std::vector<std::string> words;
    for (const char* name : {"cpus", "mem", "cmdline", "module-dir"})
        if (auto value = call.options.value(name)) words.push_back(fmt::format("--{}={}", name, *value));
    if (call.options.has("panic-on-oops")) words.emplace_back("--panic-on-oops");
    return words;
}

}  // namespace umc::cli
