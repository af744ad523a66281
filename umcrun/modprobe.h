// SPDX-License-Identifier: GPL-2.0-only
// The work of modprobe, once options, configuration and module directory are known.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "umcrun/client.h"
#include "umcrun/command.h"
#include "umcrun/module_lookup.h"

namespace umc::cli {

struct ModprobeOptions {
    bool all = false;
    bool quiet = false;
    bool verbose = false;
    bool show_depends = false;
    bool dry_run = false;
    bool first_time = false;
    bool ignore_commands = false;
    bool use_blacklist = false;
    bool remove_holders = false;
    bool lookup_only = false;
    bool force_remove = false;
    long wait_ms = 0;
    InsmodOptions insmod;
};

class Modprobe {
 public:
    Modprobe(const Invocation& call, const ModprobeOptions& options, const ModuleDir& dir,
             const ModprobeConfig& config)
        : call_(call), options_(options), dir_(dir), config_(config), lookup_(dir, config) {}

    // The first word is the module and the rest are parameters, unless ModprobeOptions::all. False: not all
    // went well; the reason has been printed.
    bool insert_all(const std::vector<std::string>& words);
    bool remove_all(const std::vector<std::string>& names);

 private:
    bool insert(const std::string& name, const std::string& args);
    bool insert_target(const TargetModule& target, const std::string& args);
    // An errno; 0: done.
    int insert_step(const ProbeStep& step, const std::string& args, Refusal& refusal);
    bool remove(const std::string& name);
    bool remove_module(const std::string& module, bool with_holders);
    bool remove_list(const std::vector<std::string>& names, bool stop_on_error);
    bool remove_one(const std::string& module);
    bool run_command(const std::string& module, const char* type, std::string command,
                     const std::string& args);

    // The loaded modules, asked for anew each time: install commands and others change them.
    std::vector<ModuleStatus> loaded();
    std::optional<ModuleStatus> find_loaded(const std::string& module);
    bool is_loaded(const std::string& module) { return dir_.builtin(module) || find_loaded(module); }
    // Connects, starting the instance when one is needed to load into. False: printed.
    bool connect(bool start);
    void complain(std::string_view text);  // FATAL, or WARNING with -a
    void complain_error(std::string_view text);

    const Invocation& call_;
    const ModprobeOptions& options_;
    const ModuleDir& dir_;
    const ModprobeConfig& config_;
    ModuleLookup lookup_;
    std::optional<Client> client_;
};

// Where the configuration is read from by default, the first taking precedence. The host's /etc/modprobe.d is
// not among them: it speaks about the host's kernel.
std::vector<std::string> default_config_dirs();

}  // namespace umc::cli
