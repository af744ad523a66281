// SPDX-License-Identifier: GPL-2.0-only
// umcrun depmod: indexes a module directory for modprobe.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <unordered_set>

#include "runtime/host/kernel_symbols.h"
#include "umcrun/commands.h"
#include "umcrun/fd.h"
#include "umcrun/module_index.h"
#include "umcrun/module_lookup.h"

namespace umc::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    {'a', "all", "", "index all modules (the default)"},
    {'A', "quick", "", "only when a module is newer than modules.dep"},
    {'b', "basedir", "DIR", "use DIR/lib/modules/RELEASE"},
    {'e', "errsyms", "", "report symbols that nobody provides"},
    {'E', "symvers", "FILE", "with -e: the kernel's symbols, as a Module.symvers"},
    {'F', "filesyms", "FILE", "with -e: the kernel's symbols, as a System.map"},
    {'n', "show", "", "print the indexes instead of writing them"},
    {0, "dry-run", "", ""},
    {'v', "verbose", "", "name each module"},
    {'w', "warn", "", ""},
    {'C', "config", "PATH", ""},
};

struct IndexFile {
    const char* name;
    std::string (ModuleIndex::*text)() const;
};
constexpr IndexFile kIndexFiles[] = {
    {"modules.dep", &ModuleIndex::dep},
    {"modules.alias", &ModuleIndex::alias},
    {"modules.softdep", &ModuleIndex::softdep},
    {"modules.symbols", &ModuleIndex::symbols},
};

// The names in the third column of a System.map ("__ksymtab_x": x) or the second of a Module.symvers.
std::optional<std::unordered_set<std::string>> read_symbols(const std::string& path, bool system_map) {
    constexpr std::string_view kPrefix = "__ksymtab_";
    std::ifstream file(path);
    if (!file) return std::nullopt;
    std::unordered_set<std::string> names;
    for (std::string line; std::getline(file, line);) {
        const std::size_t start = system_map ? line.rfind(' ') : line.find('\t');
        if (start == std::string::npos) continue;
        std::string name =
            line.substr(start + 1, system_map ? std::string::npos : line.find('\t', start + 1) - start - 1);
        if (system_map && !name.starts_with(kPrefix)) continue;
        names.insert(system_map ? name.substr(kPrefix.size()) : name);
    }
    return names;
}

// False: a symbol file could not be read.
bool report_unknown(const Invocation& call, const ModuleIndex& index) {
    const auto map = call.options.value("filesyms");
    const auto symvers = call.options.value("symvers");
    std::vector<std::string> lines;
    if (map || symvers) {
        auto names = read_symbols(map ? *map : *symvers, map.has_value());
        if (!names) {
            error(call, "could not open {}: {}", map ? *map : *symvers, std::strerror(errno));
            return false;
        }
        lines = index.unknown_symbols([&](const std::string& name) { return names->contains(name); });
    } else {
        const symtab::SymbolTable& kernel = kernel_symbols();
        lines = index.unknown_symbols([&](const std::string& name) { return kernel.find(name).has_value(); });
    }
    for (const std::string& line : lines) print_warning(call, line);
    return true;
}

// Readers see the old file or the new one, never a part.
Result<> write_file(const std::string& path, std::string_view text) {
    const std::string fresh = fmt::format("{}.{}", path, getpid());
    {
        std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
        file << text;
        file.close();
        if (!file) {
            const int err = errno ? errno : EIO;
            unlink(fresh.c_str());
            return fail(err, fmt::format("could not write {}: {}", path, std::strerror(err)));
        }
    }
    if (rename(fresh.c_str(), path.c_str()) == 0) return {};
    const int err = errno;
    unlink(fresh.c_str());
    return fail(err, fmt::format("could not write {}: {}", path, std::strerror(err)));
}

std::string directory(const Invocation& call) {
    if (call.args().empty()) return module_dir_path(call, "basedir", "");
    const std::string& word = call.args()[0];
    if (word.find('/') != std::string::npos || word == ".") return word;
    return fmt::format("{}/lib/modules/{}", call.options.value_or("basedir", ""), word);
}

int run(const Invocation& call) {
    if (call.args().size() > 1) return usage_error(call, "too many arguments");
    const std::string dir = directory(call);
    auto index = ModuleIndex::scan(dir);
    if (!index) {
        print_error(call, error_text(index.error()));
        return kExitFailure;
    }
    const bool show = call.options.has("show") || call.options.has("dry-run");
    struct stat st;
    if (call.options.has("quick") && !show && stat((dir + "/modules.dep").c_str(), &st) == 0 &&
        index->newest() < st.st_mtime)
        return kExitOk;
    index->read_files();
    for (const std::string& text : index->warnings()) print_warning(call, text);
    if (auto resolved = index->resolve(); !resolved) {
        print_error(call, resolved.error().message);
        return kExitFailure;
    }
    if (call.options.has("verbose"))
        for (const ModuleIndexEntry& entry : index->entries()) outf("{}/{}\n", dir, entry.path);
    if (call.options.has("errsyms") && !report_unknown(call, *index)) return kExitFailure;
    for (const IndexFile& file : kIndexFiles) {
        const std::string text = ((*index).*file.text)();
        if (show) {
            out(text);
            continue;
        }
        if (auto written = write_file(dir + "/" + file.name, text); !written) {
            print_error(call, written.error().message);
            return kExitFailure;
        }
    }
    return kExitOk;
}

}  // namespace

const Command kDepmodCommand = {
    "depmod",
    "[RELEASE|DIR]",
    "Index a module directory for modprobe",
    "Writes modules.dep, modules.alias, modules.softdep and modules.symbols. An argument with a '/'\n"
    "is the directory itself. Of foo.so and foo.ko the .so is indexed.",
    kOptions,
    run,
};

}  // namespace umc::cli
