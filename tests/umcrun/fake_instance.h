// SPDX-License-Identifier: GPL-2.0-only
// An Instance without an emulated kernel, for testing the commands. It defines umc::Instance::boot() and the
// other functions that the real engine would, so it is linked in the engine's place.
//
// A module is any regular file. One that starts with "fake-module" is a script, a word and its argument a
// line:
//   depends NAME      fails with ENOENT unless NAME is loaded, and uses it
//   parm NAME         knows this parameter; others are logged as ignored
//   log TEXT          logs "MODULE: TEXT" when loaded
//   error ERRNO       its init function fails
//   sleep MS          its init function takes this long
//   permanent         cannot be unloaded
//   abort             takes the process down
// The kernel command line "fake.boot_error=ERRNO", "fake.boot_abort" and "fake.shutdown_sleep=MS" act on the
// instance.
#pragma once

#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>

#include "runtime/host/instance.h"

namespace umc {

class FakeInstance : public Instance {
 public:
    explicit FakeInstance(InstanceOptions options);

    Result<> insmod(const std::string& path, const std::string& args, const InsmodOptions& options) override;
    Result<> rmmod(const std::string& name, bool force) override;
    std::vector<ModuleStatus> modules() override;
    std::vector<TaskStatus> tasks(bool with_stack) override;
    InstanceStatus status() override;
    std::vector<LogRecord> log(std::uint64_t from) override;
    bool wait_log(std::uint64_t from, int timeout_ms) override;
    void clear_log() override;
    Result<> shutdown() override;

    void print(int level, std::string text);

 private:
    ModuleStatus* find(const std::string& name);
    std::uint64_t now_ns() const;

    InstanceOptions options_;
    std::uint64_t start_ns_;
    std::mutex mutex_;  // everything below
    std::condition_variable logged_;
    std::list<ModuleStatus> modules_;  // newest first
    std::deque<LogRecord> log_;
    std::uint64_t next_seq_ = 0;
    bool down_ = false;
};

}  // namespace umc
