// SPDX-License-Identifier: GPL-2.0-only
// An instance within this process, reachable by others: the lock, the emulated kernel, the control server.
#pragma once

#include <memory>
#include <string>

#include "runtime/host/instance.h"
#include "umcrun/runtime_dir.h"
#include "umcrun/server.h"

namespace umc::cli {

struct HostOptions {
    InstanceOptions instance;
    std::string module_dir;
};

class InstanceHost {
 public:
    // Blocks SIGTERM, SIGINT and SIGHUP for this thread and those made later, ignores SIGPIPE. Call it before
    // there are other threads. EWOULDBLOCK: an instance of this name runs already.
    static Result<std::unique_ptr<InstanceHost>> boot(const HostOptions& options);
    // Leaves the process when a request cannot be ended; otherwise the files are gone and the lock is free.
    ~InstanceHost();

    Instance& instance() { return *instance_; }
    // Until a client asks to stop (returns 0) or a signal arrives (its number).
    int wait_for_stop();
    // True when wait_for_stop() would return at once.
    bool stop_requested() const;
    // Ends the instance. Afterwards a second signal kills the process.
    Result<> shutdown();

 private:
    InstanceHost(RuntimeDir dir, InstanceLock lock, Fd signals, std::string name)
        : dir_(std::move(dir)),
          lock_(std::move(lock)),
          signals_(std::move(signals)),
          name_(std::move(name)) {}
    int poll_stop(int timeout_ms);

    RuntimeDir dir_;
    InstanceLock lock_;
    Fd signals_;
    std::string name_;
    Instance* instance_ = nullptr;
    std::unique_ptr<Server> server_;
    bool down_ = false;
};

}  // namespace umc::cli
