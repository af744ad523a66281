// SPDX-License-Identifier: GPL-2.0-only
// umcrun modinfo: what a module file says about itself.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "umcrun/commands.h"
#include "umcrun/modinfo.h"
#include "umcrun/modprobe.h"
#include "umcrun/module_args.h"
#include "umcrun/module_lookup.h"

namespace umc::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    {'a', "author", "", "print only 'author'"},
    {'d', "description", "", "print only 'description'"},
    {'l', "license", "", "print only 'license'"},
    {'p', "parameters", "", "print only 'parm'"},
    {'n', "filename", "", "print only 'filename'"},
    {'0', "null", "", "end each value with a NUL instead of a newline"},
    {'m', "modname", "", "the argument is a module's name, not an alias or file"},
    {'F', "field", "FIELD", "print only this field"},
    {'k', "set-version", "RELEASE", "use this release instead of the emulated kernel's"},
    {'b', "basedir", "DIR", "use DIR/lib/modules/RELEASE"},
};

bool is_module_file(const std::string& word) {
    struct stat st;
    return stat(word.c_str(), &st) == 0 && S_ISREG(st.st_mode) && has_module_suffix(word);
}

std::string absolute(const std::string& path) {
    char cwd[PATH_MAX];
    return path.starts_with('/') || !getcwd(cwd, sizeof cwd) ? path : std::string(cwd) + "/" + path;
}

class Modinfo {
 public:
    Modinfo(const Invocation& call, ModinfoFormat format) : call_(call), format_(std::move(format)) {}

    bool show(const std::string& word) {
        const bool by_name = call_.options.has("modname");
        if (!by_name && is_module_file(word)) return show_file(absolute(word), module_name_of_path(word));
        if (!dir_) {
            dir_ = ModuleDir::load(module_dir_path(call_, "basedir", "set-version"));
            for (const std::string& path : default_config_dirs()) config_.load(path);
        }
        const ModuleLookup lookup(*dir_, config_);
        std::vector<TargetModule> targets;
        if (!by_name)
            targets = lookup.find(normalize_name(word));
        else if (auto target = lookup.find_name(normalize_name(word)))
            targets.push_back(*target);
        if (targets.empty()) {
            error(call_, "Module {}{} not found.", by_name ? "name " : "", word);
            return false;
        }
        bool good = true;
        for (const TargetModule& target : targets) {
            const IndexedModule* module = dir_->find(target.name);
            good = (module ? show_file(module->path, module->name) : show_builtin(target.name)) && good;
        }
        return good;
    }

    const Json& collected() const { return collected_; }

 private:
    bool show_file(const std::string& path, const std::string& name) {
        auto info = read_module_info(path);
        if (!info) {
            if (format_.field == "filename" && info.error().err == ENOEXEC) {
                out(path + format_.separator);
                return true;
            }
            error(call_, "could not get modinfo from '{}': {}", name, std::strerror(info.error().err));
            if (!info.error().message.empty()) print_hint(call_, info.error().message);
            return false;
        }
        if (call_.json) {
            collected_.push_back(module_info_json(*info));
            return true;
        }
        std::vector<std::string> warnings;
        out(format_module_info(*info, format_, warnings));
        for (const std::string& text : warnings) print_error(call_, text);
        return true;
    }

    bool show_builtin(const std::string& name) {
        if (call_.json) {
            collected_.push_back({{"name", name}, {"filename", "(builtin)"}});
        } else if (format_.field.empty()) {
            outf("{:<16}{}{}{:<16}{}{}", "name:", name, format_.separator, "filename:", "(builtin)",
                 format_.separator);
        } else if (format_.field == "name" || format_.field == "filename") {
            outf("{}{}", format_.field == "name" ? name : "(builtin)", format_.separator);
        }
        return true;
    }

    const Invocation& call_;
    ModinfoFormat format_;
    std::optional<ModuleDir> dir_;
    ModprobeConfig config_;
    Json collected_ = Json::array();
};

int run(const Invocation& call) {
    if (call.args().empty()) return usage_error(call, "missing module or filename");
    ModinfoFormat format;
    constexpr std::pair<const char*, const char*> kShortcuts[] = {{"author", "author"},
                                                                  {"description", "description"},
                                                                  {"license", "license"},
                                                                  {"parameters", "parm"},
                                                                  {"filename", "filename"}};
    for (const auto& [option, field] : kShortcuts)
        if (call.options.has(option)) format.field = field;
    format.field = call.options.value_or("field", format.field);
    if (call.options.has("null")) format.separator = '\0';
    Modinfo modinfo(call, format);
    bool good = true;
    for (const std::string& word : call.args()) good = modinfo.show(word) && good;
    if (call.json) outf("{}\n", dump(modinfo.collected()));
    return good ? kExitOk : kExitFailure;
}

}  // namespace

const Command kModinfoCommand = {
    "modinfo", "FILE|MODULE...", "Show information about modules", "", kOptions, run, /*json=*/true,
};

}  // namespace umc::cli
