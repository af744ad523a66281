// SPDX-License-Identifier: GPL-2.0-only
// Finding the program's own files.
#include "umcrun/installation.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>

namespace umc::cli {
namespace {

std::string parent(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

bool exists(const std::string& path) {
    struct stat st;
    return stat(path.c_str(), &st) == 0;
}

const char* environment(const char* name) {
    const char* value = std::getenv(name);
    return value && *value ? value : nullptr;
}

}  // namespace

std::string program_dir() {
    char path[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    return length > 0 ? parent(std::string(path, static_cast<std::size_t>(length))) : "/";
}

Result<std::string> kernel_build_dir() {
    if (const char* dir = environment("UMC_KDIR")) {
        if (exists(std::string(dir) + "/Makefile")) return std::string(dir);
        return fail(ENOENT, fmt::format("$UMC_KDIR ({}) is no kernel build directory", dir));
    }
    const std::string prefix = parent(program_dir());
    for (const std::string& dir : {prefix + "/kdir", prefix + "/share/umc/kdir"})
        if (exists(dir + "/Makefile")) return dir;
    return fail(ENOENT, fmt::format("no kernel build directory at {0}/kdir or {0}/share/umc/kdir", prefix));
}

std::string default_module_dir(const std::string& release) {
    if (const char* dir = environment("UMC_MODULES")) return dir;
    const std::string prefix = parent(program_dir());
    if (exists(prefix + "/CMakeCache.txt")) return prefix + "/modules";
    return fmt::format("{}/lib/umc/modules/{}", prefix, release);
}

}  // namespace umc::cli
