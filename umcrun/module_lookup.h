// SPDX-License-Identifier: GPL-2.0-only
// From a name or alias to the modules meant, and to the list of what has to be loaded for them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "umcrun/command.h"
#include "umcrun/module_dir.h"

namespace umc::cli {

struct TargetModule {
    std::string name;
    std::string alias;  // what it was found by, when not its own name
};

// One step of loading a module.
struct ProbeStep {
    std::string name;
    std::string alias;
    bool required = false;        // a failure ends the whole; that of a soft dependency does not
    bool ignore_command = false;  // the install command is not for this step
};

class ModuleLookup {
 public:
    ModuleLookup(const ModuleDir& dir, const ModprobeConfig& config) : dir_(dir), config_(config) {}

    // In modprobe's order: aliases of the configuration, module names, symbols, install and remove commands,
    // aliases of the modules, built-in modules. Empty: unknown.
    std::vector<TargetModule> find(const std::string& name) const;
    // Names only: no alias.
    std::optional<TargetModule> find_name(const std::string& name) const;
    // Dependencies and soft dependencies in loading order, `target` among them.
    std::vector<ProbeStep> probe_list(const TargetModule& target, bool ignore_command) const;
    const SoftDependency* softdep(const std::string& module) const;

 private:
    const ModuleDir& dir_;
    const ModprobeConfig& config_;
};

// Where a command that works on a module directory is to look: -d BASE and -S RELEASE as kmod's; else the
// directory of the running instance; else the installation's.
std::string module_dir_path(const Invocation& call, const std::string& base_option,
                            const std::string& release_option);

}  // namespace umc::cli
