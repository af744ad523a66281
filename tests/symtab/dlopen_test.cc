// SPDX-License-Identifier: GPL-2.0-only
// The dynamic linker trusts a file completely, so ModuleFile must not let through a .so that makes it fail:
// thousands of modules with damaged headers and tables are checked, and those that pass are opened, in a
// child each.
//
// usage: dlopen_test [VARIANTS [SEED]]     (6000 variants; the seed is fixed and printed)
#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "symtab/module_file.h"
#include "tests/symtab/fixtures.h"
#include "tests/symtab/mutator.h"

using namespace umc::symtab;

namespace {

struct Seed {
    Bytes bytes;
    std::vector<std::pair<std::size_t, std::size_t>> areas;  // what the dynamic linker reads: [from, to)
};

Seed load(const std::string& path) {
    Seed seed{read_bytes(path), {}};
    const auto& header = *reinterpret_cast<const Elf64_Ehdr*>(seed.bytes.data());
    seed.areas = {{0, 64}, {header.e_phoff, header.e_phoff + header.e_phnum * sizeof(Elf64_Phdr)}};
    const auto file = ModuleFile::parse(seed.bytes, path, KernelInfo{});
    if (!file) return seed;
    for (const Section& s : file->sections()) {
        switch (s.header.sh_type) {
            case SHT_STRTAB:
                if (!s.alloc()) continue;
                [[fallthrough]];
            case SHT_DYNAMIC:
            case SHT_DYNSYM:
            case SHT_GNU_HASH:
            case SHT_RELA:
            case SHT_NOTE:
                seed.areas.emplace_back(s.header.sh_offset, s.header.sh_offset + s.header.sh_size);
        }
    }
    return seed;
}

// The child's wait status.
int open_in_child(const Bytes& bytes) {
    const int fd = memfd_create("module", 0);
    if (fd < 0 || write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
    const pid_t pid = fork();
    if (pid == 0) {
        alarm(10);
        void* handle = dlopen(fmt::format("/proc/self/fd/{}", fd).c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!handle) _exit(1);
        (void)dlsym(handle, "exporter_add");
        (void)dlsym(handle, "nowhere");
        dlclose(handle);
        _exit(0);
    }
    int status = -1;
    if (pid < 0 || waitpid(pid, &status, 0) != pid) std::abort();
    close(fd);
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t variants = argc > 1 ? std::strtoul(argv[1], nullptr, 0) : 6000;
    const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 20240611;
    fmt::print("seed {}, {} variants\n", seed, variants);
    std::fflush(stdout);

    const Seed seeds[] = {load(fixture("exporter.so")), load(fixture("importer.so"))};
    for (const Seed& s : seeds) {
        if (open_in_child(s.bytes) == 0) continue;
        fmt::print("an undamaged module does not open\n");
        return 1;
    }

    Mutator mutator(seed);
    std::size_t passed = 0, opened = 0, crashed = 0;
    for (std::size_t i = 0; i < variants; i++) {
        const Seed& from = seeds[mutator.below(std::size(seeds))];
        Bytes bytes = from.bytes;
        for (std::size_t n = 1 + mutator.below(2); n > 0; n--) {
            const auto& [start, end] = from.areas[mutator.below(from.areas.size())];
            if (mutator.below(2)) {
                mutator.flip(bytes, start, end);
            } else {
                mutator.overwrite(bytes, start, end);
            }
        }
        if (!ModuleFile::parse(bytes, "damaged.so", KernelInfo{})) continue;
        passed++;
        const int status = open_in_child(bytes);
        opened += status == 0;
        if (!WIFSIGNALED(status)) continue;
        crashed++;
        const std::string kept = fixture(fmt::format("crash-{}-{}.so", seed, i));
        std::ofstream(kept, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        fmt::print("variant {}: signal {}, kept as {}\n", i, WTERMSIG(status), kept);
    }
    fmt::print("passed the checks: {}, opened: {}, crashed the dynamic linker: {}\n", passed, opened,
               crashed);
    return crashed == 0 && opened > 0 && passed < variants ? 0 : 1;
}
