// SPDX-License-Identifier: GPL-2.0-only
// Resolving names, as libkmod does.
#include "umcrun/module_lookup.h"

#include <algorithm>
#include <set>

#include "runtime/host/kernel_symbols.h"
#include "umcrun/client.h"
#include "umcrun/installation.h"
#include "umcrun/module_args.h"

namespace umc::cli {
namespace {

void add_target(std::vector<TargetModule>& targets, const std::string& name, const std::string& asked) {
    for (const TargetModule& target : targets)
        if (target.name == name) return;
    targets.push_back({name, name == asked ? "" : asked});
}

class ProbeListMaker {
 public:
    ProbeListMaker(const ModuleDir& dir, const ModuleLookup& lookup) : dir_(dir), lookup_(lookup) {}

    void add(const TargetModule& target, bool required, bool ignore_command) {
        if (!visited_.insert(target.name).second) return;
        const IndexedModule* module = dir_.find(target.name);
        static const std::vector<std::string> none;
        const auto& dependencies = module ? module->dependencies : none;
        if (required) {
            required_.insert(target.name);
            required_.insert(dependencies.begin(), dependencies.end());
        }
        for (auto name = dependencies.rbegin(); name != dependencies.rend(); ++name)
            add_with_soft({*name, ""});
        if (ignore_command)
            append(target, true);
        else
            add_with_soft(target);
    }

    std::vector<ProbeStep> take() {
        for (ProbeStep& step : steps_) step.required = required_.contains(step.name);
        return std::move(steps_);
    }

 private:
    void add_with_soft(const TargetModule& target) {
        const SoftDependency* soft = lookup_.softdep(target.name);
        if (soft) add_all(soft->pre);
        append(target, soft && !(soft->pre.empty() && soft->post.empty()));
        if (soft) add_all(soft->post);
    }

    void add_all(const std::vector<std::string>& names) {
        for (const std::string& name : names)
            for (const TargetModule& found : lookup_.find(normalize_name(name))) add(found, false, false);
    }

    void append(const TargetModule& target, bool ignore_command) {
        for (const ProbeStep& step : steps_)
            if (step.name == target.name) return;
        steps_.push_back({target.name, target.alias, false, ignore_command});
    }

    const ModuleDir& dir_;
    const ModuleLookup& lookup_;
    std::set<std::string> visited_, required_;
    std::vector<ProbeStep> steps_;
};

}  // namespace

std::optional<TargetModule> ModuleLookup::find_name(const std::string& name) const {
    if (dir_.find(name) || dir_.builtin(name)) return TargetModule{name, ""};
    return std::nullopt;
}

std::vector<TargetModule> ModuleLookup::find(const std::string& name) const {
    std::vector<TargetModule> targets;
    for (const auto& [pattern, module] : config_.aliases)
        if (matches(pattern, name)) add_target(targets, module, name);
    if (!targets.empty()) return targets;
    if (dir_.find(name)) return {{name, ""}};
    if (name.starts_with("symbol:")) {
        for (const std::string& module : dir_.find_symbol(name)) add_target(targets, module, name);
        if (!targets.empty()) return targets;
    }
    if (config_.install_command(name) || config_.remove_command(name)) return {{name, ""}};
    for (const std::string& module : dir_.find_alias(name)) add_target(targets, module, name);
    if (!targets.empty()) return targets;
    if (dir_.builtin(name)) return {{name, ""}};
    return {};
}

const SoftDependency* ModuleLookup::softdep(const std::string& module) const {
    if (const SoftDependency* own = config_.softdep(module)) return own;
    for (const SoftDependency& softdep : dir_.softdeps())
        if (softdep.module == module) return &softdep;
    return nullptr;
}

std::vector<ProbeStep> ModuleLookup::probe_list(const TargetModule& target, bool ignore_command) const {
    ProbeListMaker maker(dir_, *this);
    maker.add(target, true, ignore_command);
    return maker.take();
}

std::string module_dir_path(const Invocation& call, const std::string& base_option,
                            const std::string& release_option) {
    const auto base = call.options.value(base_option);
    const auto release = call.options.value(release_option);
    const std::string own_release = kernel_info().release;
    if (base || release)
        return fmt::format("{}/lib/modules/{}", base.value_or(""), release.value_or(own_release));
    if (auto client = Client::open(call.instance)) {
        if (auto response = client->request({{"cmd", "status"}}))
            if (const std::string dir = get_string(*response, "module_dir"); !dir.empty()) return dir;
    }
    return default_module_dir(own_release);
}

}  // namespace umc::cli
