// SPDX-License-Identifier: GPL-2.0-only
// Thousands of truncated and bit-flipped modules through the check engine and the .ko loader's arithmetic,
// built with the address and undefined behaviour sanitizers: clear errors, no crash, no hang, no read outside
// the file.
//
// usage: malformed_test [VARIANTS [SEED]]     (10000 variants; the seed is fixed and printed)
// UMC_CORPUS=DIR adds up to 40 modules found below DIR to the fixtures.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "symtab/check.h"
#include "symtab/ko_relocate.h"
#include "tests/symtab/fixtures.h"
#include "tests/symtab/mutator.h"

using namespace umc::symtab;

namespace {

constexpr unsigned kSecondsEach = 10;  // ample under sanitizers; SIGALRM ends the test otherwise
constexpr std::uint64_t kLargestImage = 64 << 20;

std::vector<Bytes> load_corpus() {
    std::vector<Bytes> corpus;
    for (const char* name : {"exporter.ko", "importer.ko", "exporter.so", "importer.so"}) {
        corpus.push_back(read_bytes(fixture(name)));
    }
    const char* dir = std::getenv("UMC_CORPUS");
    if (!dir) return corpus;
    std::vector<std::string> paths;
    for (const auto& e : std::filesystem::recursive_directory_iterator(dir)) {
        const auto extension = e.path().extension();
        if (e.is_regular_file() && (extension == ".ko" || extension == ".so") &&
            e.file_size() < (256 << 10)) {
            paths.push_back(e.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    for (std::size_t i = 0; i < 40 && i < paths.size(); i++) {
        corpus.push_back(read_bytes(paths[i * paths.size() / std::min<std::size_t>(paths.size(), 40)]));
    }
    return corpus;
}

// As the loader does it, for what passed the checks.
void relocate_ko(const ModuleFile& file) {
    const auto layout = layout_ko(file);
    if (!layout) return;
    if (layout->core.size + layout->init.size + layout->percpu.size > kLargestImage) return;
    Bytes core(layout->core.size), init(layout->init.size), percpu(layout->percpu.size);
    const KoImages images{{core, 0x40000000}, {init, 0x50000000}, {percpu, 0x3000}};
    if (!copy_sections(file, *layout, images)) std::abort();
    const auto values =
        symbol_values(file, *layout, images, [](std::uint32_t i) { return 0x10000000ull + i * 64; });
    (void)relocate(file, *layout, images, values);
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t variants = argc > 1 ? std::strtoul(argv[1], nullptr, 0) : 10000;
    const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 20240611;
    const auto corpus = load_corpus();
    fmt::print("seed {}, {} variants of {} modules\n", seed, variants, corpus.size());
    std::fflush(stdout);

    SymbolTable base;
    if (!base.add({}, test_exports())) return 1;
    const std::string path = fixture("malformed." + std::to_string(getpid()));
    Mutator mutator(seed);
    std::map<std::string, std::size_t> outcomes;
    std::chrono::steady_clock::duration slowest{};
    for (std::size_t i = 0; i < variants; i++) {
        Bytes bytes = corpus[mutator.below(corpus.size())];
        for (std::size_t n = 1 + mutator.below(2); n > 0; n--) mutator.mutate(bytes);
        const auto start = std::chrono::steady_clock::now();
        alarm(kSecondsEach);

        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        // Of no particular kernel every second time: other code decides then.
        const KernelInfo kernel = i % 2 ? test_kernel() : KernelInfo{};
        const auto report = check(std::vector<std::string>{path}, base, kernel);
        if (to_text(report).empty() || to_json(report).dump().empty()) return 1;
        const FileReport& f = report.files.at(0);
        if (!f.loadable && f.reason.empty()) {
            fmt::print("variant {}: refused without a reason\n", i);
            return 1;
        }
        outcomes[f.loadable ? "would load" : f.err == ENOEXEC ? "invalid module format" : "other refusal"]++;
        if (const auto file = ModuleFile::parse(bytes, path, kernel)) relocate_ko(*file);

        alarm(0);
        slowest = std::max(slowest, std::chrono::steady_clock::now() - start);
    }
    unlink(path.c_str());
    for (const auto& [outcome, count] : outcomes) fmt::print("{}: {}\n", outcome, count);
    fmt::print("slowest: {} ms\n", std::chrono::duration_cast<std::chrono::milliseconds>(slowest).count());
    // Variants that only ever load, or never do, would mean that nothing was tested.
    return outcomes["would load"] + outcomes["other refusal"] > 0 &&
                   outcomes["invalid module format"] > variants / 10
               ? 0
               : 1;
}
