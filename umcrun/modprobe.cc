// SPDX-License-Identifier: GPL-2.0-only
// The work of modprobe.
#include "umcrun/modprobe.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "umcrun/daemon.h"
#include "umcrun/installation.h"
#include "umcrun/module_args.h"
#include "umcrun/report.h"

namespace umc::cli {

std::vector<std::string> default_config_dirs() {
    const std::string bin = program_dir();
    const std::string prefix = bin.substr(0, std::max<std::size_t>(bin.rfind('/'), 0));
    return {"/etc/umc/modprobe.d", "/run/umc/modprobe.d", prefix + "/lib/umc/modprobe.d"};
}

void Modprobe::complain(std::string_view text) {
    if (options_.quiet) return;
    if (options_.all)
        print_warning(call_, text);
    else
        hint(call_, "FATAL: {}", text);
}

void Modprobe::complain_error(std::string_view text) {
    if (!options_.quiet) print_error(call_, text);
}

bool Modprobe::connect(bool start) {
    if (client_) return true;
    auto client = start ? open_or_start(call_.instance) : Client::open(call_.instance);
    if (!client) {
        complain_error(error_text(client.error()));
        return false;
    }
    client_.emplace(std::move(*client));
    return true;
}

std::vector<ModuleStatus> Modprobe::loaded() {
    if (!client_) {
        // A dry run starts no instance; without one nothing is loaded.
        auto client = Client::open(call_.instance);
        if (!client) return {};
        client_.emplace(std::move(*client));
    }
    auto modules = client_->modules();
    return modules ? std::move(*modules) : std::vector<ModuleStatus>{};
}

std::optional<ModuleStatus> Modprobe::find_loaded(const std::string& module) {
    for (ModuleStatus& status : loaded())
        if (status.name == module) return std::move(status);
    return std::nullopt;
}

bool Modprobe::insert_all(const std::vector<std::string>& words) {
    if (!options_.all) return insert(words[0], join_parameters(std::span(words).subspan(1)));
    bool good = true;
    for (const std::string& name : words) good = insert(name, "") && good;
    return good;
}

bool Modprobe::insert(const std::string& name, const std::string& args) {
    const auto targets = lookup_.find(normalize_name(name));
    if (targets.empty()) {
        complain(fmt::format("Module {} not found in directory {}", name, dir_.path()));
        if (!dir_.indexed() && !options_.quiet)
            hint(call_, "{} has no modules.dep: run 'umcrun depmod {}'", dir_.path(), dir_.path());
        return false;
    }
    bool good = true;
    for (const TargetModule& target : targets) {
        if (options_.lookup_only)
            outf("{}\n", target.name);
        else
            good = insert_target(target, args) && good;
    }
    return good;
}

bool Modprobe::insert_target(const TargetModule& target, const std::string& args) {
    if (!options_.show_depends && is_loaded(target.name)) {
        if (!options_.first_time) return true;
        complain_error(fmt::format("could not insert '{}': Module already in kernel", target.name));
        return false;
    }
    if ((options_.use_blacklist || !target.alias.empty()) && config_.blacklisted(target.name)) return true;

    for (const ProbeStep& step : lookup_.probe_list(target, options_.ignore_commands)) {
        if (!options_.show_depends && is_loaded(step.name)) continue;
        std::string options = config_.options_of(step.name, step.alias);
        if (step.name == target.name && !args.empty()) options += (options.empty() ? "" : " ") + args;
        Refusal refusal;
        const int err = insert_step(step, options, refusal);
        if (err == 0 || !step.required) continue;
        if (err == EEXIST) {
            if (step.name != target.name || !options_.first_time) continue;
            complain_error(fmt::format("could not insert '{}': Module already in kernel", target.name));
        } else if (err == ENOENT) {
            complain_error(fmt::format(
                "could not insert '{}': Unknown symbol in module, or unknown parameter (see dmesg)",
                target.name));
        } else {
            complain_error(fmt::format("could not insert '{}': {}", target.name, std::strerror(err)));
        }
        if (!options_.quiet) report_reason(call_, refusal);
        return false;
    }
    return true;
}

int Modprobe::insert_step(const ProbeStep& step, const std::string& args, Refusal& refusal) {
    const bool show = options_.show_depends || options_.verbose;
    const std::string* command = config_.install_command(step.name);
    if (command && !step.ignore_command) {
        if (show) outf("install {} {}\n", *command, args);
        if (options_.dry_run) return 0;
        return run_command(step.name, "install", *command, args) ? 0 : EIO;
    }
    const IndexedModule* module = dir_.find(step.name);
    if (!module) {
        if (show && dir_.builtin(step.name)) outf("builtin {}\n", step.name);
        return dir_.builtin(step.name) || options_.dry_run ? 0 : ENOENT;
    }
    if (show) outf("insmod {} {}\n", module->path, args);
    if (options_.dry_run) return 0;

    auto path = resolve_module_file(module->path);
    if (!path) {
        refusal.error = {path.error().err,
                         fmt::format("{}: {}", module->path, std::strerror(path.error().err))};
        return path.error().err;
    }
    if (!connect(true)) return ECONNREFUSED;
    auto loaded = client_->request(insmod_request({*path, args, options_.insmod}));
    if (loaded) return 0;
    refusal = std::move(loaded.error());
    return refusal.error.err;
}

bool Modprobe::run_command(const std::string& module, const char* type, std::string command,
                           const std::string& args) {
    constexpr std::string_view kVariable = "$CMDLINE_OPTS";
    for (std::size_t at = 0; (at = command.find(kVariable, at)) != std::string::npos; at += args.size())
        command.replace(at, kVariable.size(), args);
    std::fflush(stdout);
    setenv("MODPROBE_MODULE", module.c_str(), 1);
    setenv("UMC_INSTANCE", call_.instance.c_str(), 1);  // for an umcrun in the command
    const int status = std::system(command.c_str());
    unsetenv("MODPROBE_MODULE");
    if (status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    complain(fmt::format("Error running {} command for {}", type, module));
    return false;
}

bool Modprobe::remove_all(const std::vector<std::string>& names) {
    if (!options_.dry_run && !connect(false)) return false;
    bool good = true;
    for (const std::string& name : names) {
        const bool removed = remove(name);
        good = removed && good;
        if (!removed && !options_.all) return false;
    }
    return good;
}

bool Modprobe::remove(const std::string& name) {
    auto targets = lookup_.find(normalize_name(name));
    // A module that was loaded from elsewhere can be unloaded as well.
    if (targets.empty() && find_loaded(normalize_name(name))) targets.push_back({normalize_name(name), ""});
    if (targets.empty()) {
        complain(fmt::format("Module {} not found.", name));
        return false;
    }
    for (const TargetModule& target : targets) {
        if (dir_.builtin(target.name) && !dir_.find(target.name)) {
            complain(fmt::format("Module {} is builtin.", target.name));
            return false;
        }
        if (!remove_module(target.name, options_.remove_holders)) return false;
    }
    return true;
}

bool Modprobe::remove_list(const std::vector<std::string>& names, bool stop_on_error) {
    for (auto name = names.rbegin(); name != names.rend(); ++name)
        for (const TargetModule& target : lookup_.find(normalize_name(*name)))
            if (!remove_module(target.name, false) && stop_on_error) return false;
    return true;
}

bool Modprobe::remove_module(const std::string& module, bool with_holders) {
    const SoftDependency* soft = options_.ignore_commands ? nullptr : lookup_.softdep(module);
    const std::string* command = options_.ignore_commands ? nullptr : config_.remove_command(module);
    auto status = find_loaded(module);
    if (!command && !status) {
        if (!options_.first_time) return true;
        complain(fmt::format("Module {} is not in kernel.", module));
        return false;
    }
    if (soft) remove_list(soft->post, false);
    if (with_holders && status)
        for (const std::string& user : status->users)
            if (!remove_module(user, true)) return false;

    if (command) {
        if (options_.verbose) outf("remove {}\n", *command);
        if (!options_.dry_run && !run_command(module, "remove", *command, "")) return false;
    } else {
        status = find_loaded(module);
        if (status && status->refcount > 0 && options_.wait_ms == 0 && !options_.dry_run) {
            complain(fmt::format("Module {} is in use.", module));
            return false;
        }
        if (!remove_one(module)) return false;
        // What it needed and nobody else does.
        if (const IndexedModule* indexed = dir_.find(module); indexed && !options_.dry_run) {
            for (const std::string& name : indexed->dependencies)
                if (auto dependency = find_loaded(name); dependency && dependency->refcount == 0)
                    remove_one(name);
        }
    }
    if (soft) remove_list(soft->pre, false);
    return true;
}

bool Modprobe::remove_one(const std::string& module) {
    using Clock = std::chrono::steady_clock;
    if (options_.verbose) outf("rmmod {}\n", module);
    if (options_.dry_run) return true;
    if (!connect(false)) return false;
    const auto deadline = Clock::now() + std::chrono::milliseconds(options_.wait_ms);
    for (useconds_t wait_us = 1000;; wait_us = std::min<useconds_t>(wait_us * 2, 50000)) {
        auto removed =
            client_->request({{"cmd", "rmmod"}, {"name", to_wire(module)}, {"force", options_.force_remove}});
        if (removed) return true;
        if (removed.error().error.err == ENOENT && !options_.first_time) return true;
        if (removed.error().error.err == EWOULDBLOCK && Clock::now() < deadline) {
            usleep(wait_us);
            continue;
        }
        if (!options_.quiet) report_rmmod(call_, module, module, removed.error());
        return false;
    }
}

}  // namespace umc::cli
