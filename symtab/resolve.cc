// SPDX-License-Identifier: GPL-2.0-only
// The decisions of the kernel's load_module(), in its order and with its log lines.
#include "symtab/resolve.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <unordered_set>

namespace umc::symtab {

namespace {

class Resolver {
 public:
    Resolver(const ModuleDescription& module, const SymbolTable& table, const KernelInfo& kernel,
             const ResolveOptions& options)
        : module_(module), table_(table), kernel_(kernel), options_(options) {}

    Resolution run() {
        check_layout_version() && check_modinfo() && check_export_versions() && resolve_imports() &&
            check_duplicates();
        return std::move(result_);
    }

 private:
    template <typename... Args>
    void log(int level, fmt::format_string<Args...> format, Args&&... args) {
        result_.log.push_back(
            {level, module_.name + ": " + fmt::format(format, std::forward<Args>(args)...)});
    }

    bool refuse(int err, std::string reason) {
        result_.err = err;
        result_.reason = std::move(reason);
        return false;
    }

    bool tainted(unsigned bit) const { return (kernel_.taints | result_.taints) >> bit & 1; }
    void taint(unsigned bit) { result_.taints |= 1ULL << bit; }

    bool has_versions() const { return module_.has_versions && !options_.force_modversion; }

    // try_to_force_load()
    bool force_load(std::string_view why) {
        if (!kernel_.force_load) return false;
        if (!tainted(kTaintForced)) log(LogLine::kWarning, "{}: kernel tainted.", why);
        taint(kTaintForced);
        return true;
    }

    // check_version()
    bool check_version(std::string_view name, std::optional<std::uint64_t> expected,
                       std::optional<std::uint32_t> provided) {
        if (!provided) return true;  // the exporter has no versions
        if (!has_versions()) return force_load(name);
        if (expected == *provided) return true;
        if (expected) {
            log(LogLine::kWarning, "disagrees about version of symbol {}", name);
        } else {
            log(LogLine::kWarning, "no symbol version for {}", name);
        }
        return false;
    }

    // check_modstruct_version()
    bool check_layout_version() {
        if (!kernel_.modversions) return true;
        const auto found = table_.find("module_layout");
        if (!found || check_version("module_layout", module_.module_layout_version, found->symbol->crc))
            return true;
        return refuse(ENOEXEC, "built for another kernel: disagrees about version of symbol module_layout");
    }

    // check_modinfo()
    bool check_modinfo() {
        if (!kernel_.vermagic.empty()) {
            if (options_.force_vermagic || !module_.vermagic) {
                if (!force_load("bad vermagic")) return refuse(ENOEXEC, "no version magic");
            } else if (!same_magic(*module_.vermagic, kernel_.vermagic)) {
                log(LogLine::kErr, "version magic '{}' should be '{}'", *module_.vermagic, kernel_.vermagic);
                return refuse(ENOEXEC, fmt::format("version magic '{}' should be '{}'", *module_.vermagic,
                                                   kernel_.vermagic));
            }
        }
        if (!module_.intree) {
            if (!tainted(kTaintOutOfTree))
                log(LogLine::kWarning, "loading out-of-tree module taints kernel.");
            taint(kTaintOutOfTree);
        }
        if (module_.staging) {
            taint(kTaintStaging);
            log(LogLine::kWarning,
                "module is from the staging directory, the quality is unknown, you have been warned.");
        }
        if (module_.livepatch) {
            log(LogLine::kErr, "module is marked as livepatch module, but livepatch support is disabled");
            return refuse(ENOEXEC, "a livepatch module");
        }
        const std::string license = module_.license.value_or("unspecified");
        if (!license_is_gpl_compatible(license)) {
            if (!tainted(kTaintProprietary))
                log(LogLine::kWarning, "module license '{}' taints kernel.", license);
            taint(kTaintProprietary);
        }
        if (module_.test) {
            if (!tainted(kTaintTest)) log(LogLine::kWarning, "loading test module taints kernel.");
            taint(kTaintTest);
        }
        return true;
    }

    // The release at the start does not count when there are symbol versions.
    bool same_magic(std::string_view a, std::string_view b) const {
        if (has_versions()) {
            a.remove_prefix(std::min(a.find(' '), a.size()));
            b.remove_prefix(std::min(b.find(' '), b.size()));
        }
        return a == b;
    }

    // check_module_license_and_versions()
    bool check_export_versions() {
        if (!kernel_.modversions) return true;
        const bool versioned = std::all_of(module_.exports.begin(), module_.exports.end(),
                                           [](const Export& e) { return e.crc.has_value(); });
        if (versioned || force_load("no versions for exported symbols")) return true;
        return refuse(ENOEXEC, "no versions for exported symbols");
    }

    // resolve_symbol(): fills state and owner, returns the errno that makes the symbol unusable; ENOENT: not
    // found.
    int resolve_import(ResolvedImport& r) {
        const Import& import = *r.import;
        const auto found = table_.find(import.name);
        if (!found) {
            r.state = ImportState::kMissing;
            return ENOENT;
        }
        r.found = *found;
        const Symbol& symbol = *found->symbol;
        const Provider& owner = *found->owner;
        if (symbol.gpl_only) {
            if (result_.proprietary()) {
                r.state = ImportState::kGplOnly;
                return ENOENT;
            }
            using_gpl_only_ = true;
        }
        if (!inherit_taint(import.name, owner)) {
            r.state = ImportState::kProprietary;
            return ENOENT;
        }
        if (kernel_.modversions && !check_version(import.name, import.version, symbol.crc)) {
            r.state = ImportState::kVersion;
            return EINVAL;
        }
        if (!symbol.name_space.empty() && std::find(module_.import_ns.begin(), module_.import_ns.end(),
                                                    symbol.name_space) == module_.import_ns.end()) {
            log(kernel_.allow_missing_namespace ? LogLine::kWarning : LogLine::kErr,
                "module uses symbol ({}) from namespace {}, but does not import it.", import.name,
                symbol.name_space);
            if (!kernel_.allow_missing_namespace) {
                r.state = ImportState::kNamespace;
                return EINVAL;
            }
        }
        r.state = ImportState::kResolved;
        if (!owner.is_kernel() && used_.insert(&owner).second) result_.uses.push_back(found->owner);
        return 0;
    }

    bool inherit_taint(std::string_view name, const Provider& owner) {
        if (owner.is_kernel() || !owner.proprietary()) return true;
        if (using_gpl_only_) {
            log(LogLine::kErr, "module using GPL-only symbols uses symbols {} from proprietary module {}.",
                name, owner.name());
            return false;
        }
        if (!(result_.taints >> kTaintProprietary & 1)) {
            log(LogLine::kWarning, "module uses symbols {} from proprietary module {}, inheriting taint.",
                name, owner.name());
            taint(kTaintProprietary);
        }
        return true;
    }

    // simplify_symbols(): all of them, the last failure is the result.
    bool resolve_imports() {
        int err = 0;
        std::size_t unusable = 0;
        const ResolvedImport* first = nullptr;
        result_.imports.reserve(module_.imports.size());
        for (const Import& import : module_.imports) {
            ResolvedImport& r = result_.imports.emplace_back();
            r.import = &import;
            if (import.host_runtime) {
                r.state = ImportState::kHostRuntime;
                continue;
            }
            const int failure = resolve_import(r);
            if (failure == 0) continue;
            if (failure == ENOENT && import.weak) {
                if (r.state == ImportState::kMissing) r.state = ImportState::kWeakMissing;
                continue;
            }
            log(LogLine::kWarning, "Unknown symbol {} (err -{})", import.name, failure);
            if (r.state == ImportState::kMissing && options_.allow_missing) continue;
            err = failure;
            unusable++;
            if (!first) first = &r;
        }
        if (!err) return true;
        const std::string_view more = unusable > 1 ? ", ..." : "";
        return refuse(err, fmt::format("{} unknown symbol{}: {}{}", unusable, unusable > 1 ? "s" : "",
                                       first->import->name, more));
    }

    // verify_exported_symbols()
    bool check_duplicates() {
        for (const Export& e : module_.exports) {
            const auto found = table_.find(e.name);
            // A loaded module of the same name is another matter: EEXIST.
            if (!found || (!found->owner->is_kernel() && found->owner->name() == module_.name)) continue;
            const std::string what =
                fmt::format("exports duplicate symbol {} (owned by {})", e.name, found->owner->name());
            log(LogLine::kErr, "{}", what);
            return refuse(ENOEXEC, what);
        }
        return true;
    }

    const ModuleDescription& module_;
    const SymbolTable& table_;
    const KernelInfo& kernel_;
    const ResolveOptions& options_;
    Resolution result_;
    bool using_gpl_only_ = false;
    std::unordered_set<const Provider*> used_;
};

}  // namespace

bool license_is_gpl_compatible(std::string_view license) {
    for (const std::string_view known :
         {"GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"}) {
        if (license == known) return true;
    }
    return false;
}

std::string taint_letters(std::uint64_t taints) {
    constexpr std::pair<unsigned, char> kLetters[] = {
        {kTaintProprietary, 'P'}, {kTaintForced, 'F'},    {kTaintStaging, 'C'}, {kTaintOutOfTree, 'O'},
        {kTaintUnsigned, 'E'},    {kTaintLivepatch, 'K'}, {kTaintTest, 'N'},
    };
    std::string letters;
    for (const auto& [bit, letter] : kLetters) {
        if (taints >> bit & 1) letters += letter;
    }
    return letters;
}

Resolution resolve(const ModuleDescription& module, const SymbolTable& table, const KernelInfo& kernel,
                   const ResolveOptions& options) {
    return Resolver(module, table, kernel, options).run();
}

}  // namespace umc::symtab
