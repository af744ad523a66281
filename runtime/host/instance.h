// SPDX-License-Identifier: GPL-2.0-only
// A running emulated kernel, as the control server and `umcrun run` see it. One per process.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "symtab/result.h"

namespace umc {

struct InstanceOptions {
    std::string name = "default";
    int cpus = 0;                // vCPUs; 0: one for each CPU in the process's affinity mask
    std::uint64_t memory = 0;    // bytes of emulated physical memory; 0: a quarter of the host's
    bool panic_on_oops = false;  // dump core instead of ending the task
    std::string cmdline;         // kernel command line ("foo.bar=1" parameters of the kernel's own code)
    // Serves request_module(NAME) of kernel code, as modprobe does: its exit status, or a negative errno. Called on a host
    // thread that may block. Unset: no module is ever found.
    std::function<int(const std::string& name)> request_module;
};

struct ModuleStatus {
    std::string name;
    std::string path;
    std::string kind;   // "so" or "ko"
    std::string state;  // "Live", "Loading", "Unloading", as /proc/modules
    std::uint64_t size = 0;  // bytes, core part
    std::uint64_t address = 0;
    long refcount = 0;  // -1: cannot be unloaded
    std::vector<std::string> users;  // modules that use this one, newest first
    std::string taints;              // "(OE)" letters as in /proc/modules, without parentheses; empty: none
};

struct TaskStatus {
    int pid = 0;
    int ppid = 0;
    std::string comm;
    char state = '?';  // R S D T Z I as ps(1)
    int cpu = 0;
    std::uint64_t cpu_ns = 0;      // CPU time used
    std::string wchan;             // symbol+offset the task sleeps in; empty when running
    std::vector<std::string> stack;  // only when asked for
};

struct LogRecord {
    std::uint64_t seq = 0;
    std::uint64_t time_ns = 0;  // since the instance booted
    int level = 6;              // 0 emerg .. 7 debug
    int facility = 0;
    std::string text;           // without the trailing newline; may hold several lines
};

struct InsmodOptions {
    bool force_vermagic = false;
    bool force_modversion = false;
    bool allow_missing = false;  // unresolved symbols become traps that stop loudly on first use
};

struct InstanceStatus {
    std::string name;
    std::string release;  // the emulated kernel's, e.g. 6.1.0-NN-amd64
    int pid = 0;
    int cpus = 0;
    std::uint64_t memory = 0;
    std::uint64_t uptime_ns = 0;
    int modules = 0;
    int tasks = 0;
    std::uint64_t taint = 0;
    std::uint64_t log_next = 0;  // seq that the next log record will get
};

// Every member function may be called from any host thread (never from a task) and may block.
class Instance {
   public:
    // Boots the emulated kernel in this process. Fails when one is running already or memory cannot be had.
    static Result<Instance*> boot(const InstanceOptions& options);
    // The running one, or nullptr.
    static Instance* current();

    virtual ~Instance() = default;

    // Loads one module file, as finit_module(2). `args`: "name=value ..." already joined and quoted as insmod does.
    // errno values and their meaning are finit_module's; the reason is also in the log.
    virtual Result<> insmod(const std::string& path, const std::string& args, const InsmodOptions& options) = 0;
    // As delete_module(2): ENOENT not loaded, EWOULDBLOCK/EBUSY in use. `force` as O_TRUNC.
    virtual Result<> rmmod(const std::string& name, bool force) = 0;

    virtual std::vector<ModuleStatus> modules() = 0;  // newest first, as /proc/modules
    virtual std::vector<TaskStatus> tasks(bool with_stack) = 0;
    virtual InstanceStatus status() = 0;

    // Log records with seq >= from, oldest first (older ones may be gone). wait_log blocks until seq `from` exists, or
    // `timeout_ms` passes (-1: none), or the instance shuts down (then returns false).
    virtual std::vector<LogRecord> log(std::uint64_t from) = 0;
    virtual bool wait_log(std::uint64_t from, int timeout_ms) = 0;
    virtual void clear_log() = 0;

    // Unloads every module that can be, newest first, and stops the vCPUs. The instance cannot be used afterwards.
    virtual Result<> shutdown() = 0;
};

}  // namespace umc
