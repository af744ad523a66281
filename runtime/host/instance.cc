// SPDX-License-Identifier: GPL-2.0-only
// The one instance of this process: boots the kernel side and hands each wish to the part that serves it.
#include "host/instance.h"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <set>

#include "host/kern_call.h"
#include "host/kernel_symbols.h"
#include "host/loader.h"
#include "host/log.h"
#include "host/memory.h"
#include "host/trap.h"
#include "host/vcpu.h"
#include "seam/inspect.h"
#include "seam/memory.h"
#include "seam/module.h"
#include "seam/time.h"
#include "seam/vcpu.h"

namespace umc {
namespace {

std::string symbol_of(unsigned long address) {
    char name[256], module[64];
    unsigned long offset = 0, size = 0;
    if (!umc_host_symbol_lookup(address, name, sizeof name, &offset, &size, module, sizeof module))
        return fmt::format("{:#x}", address);
    const std::string text = fmt::format("{}+{:#x}/{:#x}", name, offset, size);
    return *module ? fmt::format("{} [{}]", text, module) : text;
}

class RunningInstance final : public Instance {
   public:
    explicit RunningInstance(const InstanceOptions& options) : options_(options) {}

    Result<> start();

    Result<> insmod(const std::string& path, const std::string& args, const InsmodOptions& options) override {
        return loader_.insmod(path, args, options);
    }
    Result<> rmmod(const std::string& name, bool force) override { return loader_.rmmod(name, force); }
    std::vector<ModuleStatus> modules() override { return loader_.modules(); }
    std::vector<TaskStatus> tasks(bool with_stack) override;
    InstanceStatus status() override;
    std::vector<LogRecord> log(std::uint64_t from) override { return log_records(from); }
    bool wait_log(std::uint64_t from, int timeout_ms) override { return log_wait(from, timeout_ms); }
    void clear_log() override { instance_log().clear(); }
    Result<> shutdown() override;

   private:
    void unload_all();

    const InstanceOptions options_;
    Loader loader_;
    std::uint64_t memory_ = 0;
    long long started_ns_ = 0;
    std::mutex shutdown_mutex_;
    bool down_ = false;  // protected by shutdown_mutex_
};

std::atomic<RunningInstance*> running{nullptr};

Result<> RunningInstance::start() {
    if (auto ok = reserve_memory(options_.memory); !ok) return ok;
    umc_memory_layout layout{};
    umc_host_memory_layout(&layout);
    memory_ = layout.direct_map_size;
    install_trap_handlers();
    set_module_requester(options_.request_module);
    started_ns_ = umc_host_time_ns(UMC_CLOCK_MONOTONIC);

    std::string cmdline = options_.cmdline;
    if (options_.panic_on_oops) cmdline += cmdline.empty() ? "oops=panic" : " oops=panic";
    return vcpus_start(options_.cpus, cmdline);
}

std::vector<TaskStatus> RunningInstance::tasks(bool with_stack) {
    std::vector<umc_task_info> raw(256);
    int count = 0;
    for (;;) {
        auto ran = call_in_task("ps", [&] { count = umc_kern_task_list(raw.data(), raw.size(), with_stack); });
        if (!ran) return {};
        if (count <= static_cast<int>(raw.size())) break;
        raw.resize(count + 64);
    }
    raw.resize(count);

    std::vector<TaskStatus> list;
    for (const umc_task_info& from : raw) {
        TaskStatus& to = list.emplace_back();
        to.pid = from.pid;
        to.ppid = from.ppid;
        to.comm = from.comm;
        to.state = from.state;
        to.cpu = from.cpu;
        to.cpu_ns = from.cpu_ns;
        if (from.wchan) to.wchan = symbol_of(from.wchan);
        for (unsigned i = 0; i < from.frame_count; ++i) to.stack.push_back(symbol_of(from.frames[i]));
    }
    std::sort(list.begin(), list.end(), [](const TaskStatus& a, const TaskStatus& b) { return a.pid < b.pid; });
    return list;
}

InstanceStatus RunningInstance::status() {
    InstanceStatus status;
    status.name = options_.name;
    const symtab::KernelInfo kernel = kernel_info();
    status.release = kernel.release;
    status.taint = kernel.taints;
    status.pid = getpid();
    status.cpus = umc_host_vcpu_count();
    status.memory = memory_;
    status.uptime_ns = umc_host_time_ns(UMC_CLOCK_MONOTONIC) - started_ns_;
    status.modules = static_cast<int>(loader_.count());
    status.log_next = instance_log().next_seq();
    // Not asked of a task, so that status answers when none can run.
    status.tasks = umc_kern_task_count();
    return status;
}

// Newest first; a module that is in use waits for its users. What cannot be removed stays.
void RunningInstance::unload_all() {
    std::set<std::string> stuck;
    for (bool progress = true; progress;) {
        progress = false;
        for (const ModuleStatus& module : loader_.modules()) {
            if (stuck.contains(module.name) || !module.users.empty()) continue;
            if (loader_.rmmod(module.name, false))
                progress = true;
            else
                stuck.insert(module.name);
        }
    }
}

Result<> RunningInstance::shutdown() {
    std::lock_guard lock(shutdown_mutex_);
    if (down_) return fail(ESHUTDOWN, "the instance is down already");
    unload_all();
    down_ = true;
    vcpus_stop();
    log_interrupt();
    return {};
}

}  // namespace

Result<Instance*> Instance::boot(const InstanceOptions& options) {
    static std::mutex mutex;
    std::lock_guard lock(mutex);
    if (running.load()) return fail(EEXIST, "an instance is running in this process already");
    // Threads of clients come and go; an arena each would leave mappings behind, and none of them is in a hurry.
    mallopt(M_ARENA_MAX, 2);
    auto instance = std::make_unique<RunningInstance>(options);
    if (auto ok = instance->start(); !ok) return tl::unexpected(ok.error());
    // Never deleted: vCPU threads and kernel code may refer to it until the process ends.
    running.store(instance.release());
    return running.load();
}

Instance* Instance::current() { return running.load(); }

}  // namespace umc
