// SPDX-License-Identifier: GPL-2.0-only
// The fake instance.
#include "tests/umcrun/fake_instance.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "runtime/host/kernel_symbols.h"

namespace umc {
namespace {

constexpr std::size_t kMaxLog = 10000;

Instance* current_instance = nullptr;

std::uint64_t monotonic_ns() {
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

// The number behind "NAME=" in the command line; -1: absent.
int boot_parameter(const std::string& cmdline, const std::string& name) {
    std::istringstream words(cmdline);
    for (std::string word; words >> word;)
        if (word.starts_with(name + "=")) return std::atoi(word.c_str() + name.size() + 1);
    return -1;
}

struct Script {
    bool readable = false;
    std::vector<std::string> depends, logs;
    std::set<std::string> parameters;
    int error = 0, sleep_ms = 0;
    bool permanent = false, is_script = false, abort = false;
    std::size_t size = 0;
};

Script read_script(const std::string& path) {
    Script script;
    std::ifstream file(path);
    script.readable = file.good();
    std::string line;
    std::getline(file, line);
    script.size = line.size();
    script.is_script = line == "fake-module";
    while (script.is_script && std::getline(file, line)) {
        script.size += line.size() + 1;
        const std::size_t space = line.find(' ');
        const std::string word = line.substr(0, space);
        const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
        if (word == "depends") script.depends.push_back(rest);
        if (word == "parm") script.parameters.insert(rest);
        if (word == "log") script.logs.push_back(rest);
        if (word == "error") script.error = std::atoi(rest.c_str());
        if (word == "sleep") script.sleep_ms = std::atoi(rest.c_str());
        if (word == "permanent") script.permanent = true;
        if (word == "abort") script.abort = true;
    }
    return script;
}

std::string module_name(const std::string& path) {
    std::string name = path.substr(path.rfind('/') + 1);
    name = name.substr(0, name.rfind('.'));
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

}  // namespace

Result<Instance*> Instance::boot(const InstanceOptions& options) {
    if (current_instance) return fail(EBUSY, "an instance is running in this process");
    if (const int err = boot_parameter(options.cmdline, "fake.boot_error"); err > 0)
        return fail(err, "the fake instance was told to fail");
    if (options.cmdline.find("fake.boot_abort") != std::string::npos) {
        fmt::print(stderr, "fake instance: last words\n");
        std::abort();
    }
    current_instance = new FakeInstance(options);
    return current_instance;
}

Instance* Instance::current() { return current_instance; }

symtab::KernelInfo kernel_info() {
    symtab::KernelInfo info;
    info.release = "6.1.0-fake";
    return info;
}

const symtab::SymbolTable& kernel_symbols() {
    static const symtab::SymbolTable table;
    return table;
}

FakeInstance::FakeInstance(InstanceOptions options)
    : options_(std::move(options)), start_ns_(monotonic_ns()) {
    print(5, "Linux version 6.1.0-fake");
    print(6, "Command line: " + options_.cmdline);
}

std::uint64_t FakeInstance::now_ns() const { return monotonic_ns() - start_ns_; }

void FakeInstance::print(int level, std::string text) {
    std::lock_guard lock(mutex_);
    log_.push_back({next_seq_++, now_ns(), level, 0, std::move(text)});
    if (log_.size() > kMaxLog) log_.pop_front();
    logged_.notify_all();
}

ModuleStatus* FakeInstance::find(const std::string& name) {
    for (ModuleStatus& module : modules_)
        if (module.name == name) return &module;
    return nullptr;
}

Result<> FakeInstance::insmod(const std::string& path, const std::string& args,
                              const InsmodOptions& options) {
    const Script script = read_script(path);
    const std::string name = module_name(path);
    if (!script.readable) return fail(ENOENT, path + ": cannot be opened");
    if (script.abort) {
        fmt::print(stderr, "fake instance: {} aborts\n", name);
        std::abort();
    }
    {
        std::unique_lock lock(mutex_);
        if (find(name)) return fail(EEXIST);
        for (const std::string& dependency : script.depends) {
            if (find(dependency) || options.allow_missing) continue;
            lock.unlock();
            print(4, fmt::format("{}: Unknown symbol {}_symbol (err -2)", name, dependency));
            return fail(ENOENT);
        }
        ModuleStatus module;
        module.name = name;
        module.path = path;
        module.kind = path.ends_with(".so") ? "so" : "ko";
        module.state = "Loading";
        module.size = 16384;
        module.address = 0x40000000 + (next_seq_ << 12);
        modules_.push_front(module);
    }
    std::istringstream words(args);
    for (std::string word; words >> word;) {
        const std::string parameter = word.substr(0, word.find('='));
        if (script.is_script && !script.parameters.contains(parameter))
            print(4, fmt::format("{}: unknown parameter '{}' ignored", name, parameter));
    }
    for (const std::string& text : script.logs) print(6, fmt::format("{}: {}", name, text));
    if (script.sleep_ms) std::this_thread::sleep_for(std::chrono::milliseconds(script.sleep_ms));
    std::lock_guard lock(mutex_);
    if (script.error) {
        modules_.remove_if([&](const ModuleStatus& module) { return module.name == name; });
        return fail(script.error);
    }
    ModuleStatus* module = find(name);
    module->state = "Live";
    if (script.permanent) module->refcount = -1;
    for (const std::string& dependency : script.depends) {
        ModuleStatus* used = find(dependency);
        if (!used) continue;
        ++used->refcount;
        used->users.insert(used->users.begin(), name);
    }
    return {};
}

Result<> FakeInstance::rmmod(const std::string& name, bool force) {
    std::lock_guard lock(mutex_);
    ModuleStatus* module = find(name);
    if (!module) return fail(ENOENT);
    if (!module->users.empty()) return fail(EWOULDBLOCK);
    if (module->state != "Live") return fail(EBUSY);
    if (module->refcount < 0 && !force) return fail(EBUSY, name + " has no exit function");
    if (module->refcount > 0 && !force) return fail(EWOULDBLOCK);
    modules_.remove_if([&](const ModuleStatus& other) { return other.name == name; });
    for (ModuleStatus& other : modules_) other.refcount -= static_cast<long>(std::erase(other.users, name));
    return {};
}

std::vector<ModuleStatus> FakeInstance::modules() {
    std::lock_guard lock(mutex_);
    return {modules_.begin(), modules_.end()};
}

std::vector<TaskStatus> FakeInstance::tasks(bool with_stack) {
    TaskStatus init{1, 0, "init", 'S', 0, 12345678, "schedule+0x10", {}};
    TaskStatus worker{7, 2, "kworker/0:1", 'I', 1, 61001000000, "worker_thread+0x5f", {}};
    if (with_stack) init.stack = {"schedule+0x10", "kernel_init+0x40"};
    return {init, worker};
}

InstanceStatus FakeInstance::status() {
    std::lock_guard lock(mutex_);
    InstanceStatus status;
    status.name = options_.name;
    status.release = kernel_info().release;
    status.pid = getpid();
    status.cpus = options_.cpus ? options_.cpus : 2;
    status.memory = options_.memory ? options_.memory : std::uint64_t{1} << 30;
    status.uptime_ns = now_ns();
    status.modules = static_cast<int>(modules_.size());
    status.tasks = 2;
    status.log_next = next_seq_;
    return status;
}

std::vector<LogRecord> FakeInstance::log(std::uint64_t from) {
    std::lock_guard lock(mutex_);
    std::vector<LogRecord> records;
    for (const LogRecord& record : log_)
        if (record.seq >= from) records.push_back(record);
    return records;
}

bool FakeInstance::wait_log(std::uint64_t from, int timeout_ms) {
    std::unique_lock lock(mutex_);
    const auto ready = [&] { return down_ || next_seq_ > from; };
    if (timeout_ms < 0)
        logged_.wait(lock, ready);
    else
        logged_.wait_for(lock, std::chrono::milliseconds(timeout_ms), ready);
    return !down_ && next_seq_ > from;
}

void FakeInstance::clear_log() {
    std::lock_guard lock(mutex_);
    log_.clear();
}

Result<> FakeInstance::shutdown() {
    if (const int ms = boot_parameter(options_.cmdline, "fake.shutdown_sleep"); ms > 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(ms));
    std::lock_guard lock(mutex_);
    down_ = true;
    modules_.clear();
    logged_.notify_all();
    current_instance = nullptr;  // not freed: a thread may still be on its way out of wait_log()
    return {};
}

}  // namespace umc
