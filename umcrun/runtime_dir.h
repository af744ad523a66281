// SPDX-License-Identifier: GPL-2.0-only
// Where an instance can be found: a private directory of the user with NAME.sock (the control socket),
// NAME.lock (held by the instance for its life) and NAME.log (the daemon's standard error, its last words).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "symtab/result.h"
#include "umcrun/fd.h"

namespace umc::cli {

// 1 to 64 of [A-Za-z0-9_.-], not starting with '.' or '-'. EINVAL otherwise.
Result<> check_instance_name(std::string_view name);

// $UMC_RUNTIME_DIR, else $XDG_RUNTIME_DIR/umc, else /run/umc for root, else /tmp/umc-UID.
std::string runtime_dir_path();

class RuntimeDir {
 public:
    enum class Create { no, yes };
    // Refuses (EPERM) a directory that is a symbolic link, belongs to another user or is open to others.
    // ENOENT when it does not exist and may not be created.
    static Result<RuntimeDir> open(Create create);

    int fd() const { return fd_.get(); }
    const std::string& path() const { return path_; }
    std::string file(std::string_view instance, std::string_view suffix) const;

    // Connects to NAME.sock and makes sure that its owner is this user or root.
    // ENOENT or ECONNREFUSED: no instance listens.
    Result<Fd> connect(std::string_view instance) const;
    // A listening NAME.sock, mode 0600. It appears atomically, replacing a stale one: call under the lock.
    Result<Fd> listen(std::string_view instance) const;

    // Names with a lock or socket file; some may be stale.
    std::vector<std::string> instances() const;

 private:
    RuntimeDir(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

    Fd fd_;
    std::string path_;
};

// NAME.lock, held through flock(2). The kernel drops it with the process, however that ends.
class InstanceLock {
 public:
    // EWOULDBLOCK: an instance of this name runs or is starting.
    static Result<InstanceLock> acquire(const RuntimeDir& dir, std::string_view instance);
    // True while some process holds the lock.
    static bool held(const RuntimeDir& dir, std::string_view instance);

    InstanceLock(InstanceLock&&) = default;
    // Removes the instance's files, the lock last, then lets go of it.
    void remove_files(const RuntimeDir& dir, std::string_view instance);

 private:
    explicit InstanceLock(Fd fd) : fd_(std::move(fd)) {}

    Fd fd_;
};

}  // namespace umc::cli
