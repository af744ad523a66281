// SPDX-License-Identifier: GPL-2.0-only
// The runtime directory, its sockets and locks.
#include "umcrun/runtime_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>

namespace umc::cli {
namespace {

constexpr std::string_view kLockSuffix = ".lock";
constexpr std::string_view kSocketSuffix = ".sock";

tl::unexpected<Error> fail_errno(std::string_view what) {
    const int err = errno;
    return fail(err, fmt::format("{}: {}", what, std::strerror(err)));
}

// Socket paths are limited to 107 bytes; going through the directory's descriptor keeps any path usable.
sockaddr_un socket_address(int dir_fd, std::string_view file) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = fmt::format("/proc/self/fd/{}/{}", dir_fd, file);
    std::copy_n(path.c_str(), std::min(path.size() + 1, sizeof address.sun_path - 1), address.sun_path);
    return address;
}

std::string with_suffix(std::string_view instance, std::string_view suffix) {
    return std::string(instance).append(suffix);
}

// True when the open file is still the one in the directory: a lock on a removed file excludes nobody.
bool is_current(int fd, int dir_fd, const std::string& name) {
    struct stat opened, named;
    return fstat(fd, &opened) == 0 && fstatat(dir_fd, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace

Result<> check_instance_name(std::string_view name) {
    const auto allowed = [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
               c == '.' || c == '-';
    };
    if (name.empty() || name.size() > 64 || name[0] == '.' || name[0] == '-' ||
        !std::all_of(name.begin(), name.end(), allowed))
        return fail(EINVAL,
                    fmt::format("invalid instance name '{}' (1 to 64 letters, digits, '_', '.', '-')", name));
    return {};
}

std::string runtime_dir_path() {
    const char* dir = std::getenv("UMC_RUNTIME_DIR");
    if (dir && *dir) return dir;
    dir = std::getenv("XDG_RUNTIME_DIR");
    if (dir && *dir == '/') return std::string(dir) + "/umc";
    if (geteuid() == 0) return "/run/umc";
    return fmt::format("/tmp/umc-{}", geteuid());
}

Result<RuntimeDir> RuntimeDir::open(Create create) {
    std::string path = runtime_dir_path();
    if (create == Create::yes && mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return fail_errno(fmt::format("cannot create the runtime directory {}", path));
    Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return fail_errno(fmt::format("cannot open the runtime directory {}", path));
    struct stat st;
    if (fstat(fd.get(), &st) != 0) return fail_errno(path);
    if (st.st_uid != geteuid())
        return fail(EPERM, fmt::format("the runtime directory {} belongs to user {}", path, st.st_uid));
    if ((st.st_mode & 077) != 0)
        return fail(EPERM,
                    fmt::format("the runtime directory {} is open to other users (mode {:04o}, must be 0700)",
                                path, st.st_mode & 07777));
    return RuntimeDir(std::move(fd), std::move(path));
}

std::string RuntimeDir::file(std::string_view instance, std::string_view suffix) const {
    return fmt::format("{}/{}{}", path_, instance, suffix);
}

Result<Fd> RuntimeDir::connect(std::string_view instance) const {
    Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) return fail_errno("socket");
    const sockaddr_un address = socket_address(fd_.get(), with_suffix(instance, kSocketSuffix));
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail(errno);
    ucred peer{};
    socklen_t length = sizeof peer;
    if (getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return fail_errno("SO_PEERCRED");
    if (peer.uid != geteuid() && peer.uid != 0)
        return fail(EPERM, fmt::format("the instance '{}' belongs to user {}", instance, peer.uid));
    return fd;
}

Result<Fd> RuntimeDir::listen(std::string_view instance) const {
    const std::string name = with_suffix(instance, kSocketSuffix);
    const std::string fresh = name + ".new";
    Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) return fail_errno("socket");
    if (unlinkat(fd_.get(), fresh.c_str(), 0) != 0 && errno != ENOENT) return fail_errno(fresh);
    const sockaddr_un address = socket_address(fd_.get(), fresh);
    // The mode of a socket file follows that of the socket; the directory keeps others out in any case.
    if (fchmod(fd.get(), 0600) != 0) return fail_errno("fchmod");
    if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno(fmt::format("cannot bind {}/{}", path_, fresh));
    if (::listen(fd.get(), SOMAXCONN) != 0) return fail_errno("listen");
    if (renameat(fd_.get(), fresh.c_str(), fd_.get(), name.c_str()) != 0) return fail_errno(name);
    return fd;
}

std::vector<std::string> RuntimeDir::instances() const {
    std::set<std::string> names;
    Fd copy(openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!copy) return {};
    std::unique_ptr<DIR, int (*)(DIR*)> dir(fdopendir(copy.get()), closedir);
    if (!dir) return {};
    copy.release();
    while (const dirent* entry = readdir(dir.get())) {
        const std::string_view file = entry->d_name;
        for (std::string_view suffix : {kLockSuffix, kSocketSuffix}) {
            if (!file.ends_with(suffix)) continue;
            const std::string_view name = file.substr(0, file.size() - suffix.size());
            if (check_instance_name(name)) names.emplace(name);
        }
    }
    return {names.begin(), names.end()};
}

Result<InstanceLock> InstanceLock::acquire(const RuntimeDir& dir, std::string_view instance) {
    const std::string name = with_suffix(instance, kLockSuffix);
    // A few tries: held() of another process takes the lock for a moment, and a leaving instance removes the
    // file.
    for (int tries = 0; tries < 20; ++tries) {
        Fd fd(openat(dir.fd(), name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!fd) return fail_errno(dir.file(instance, kLockSuffix));
        if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) {
            if (is_current(fd.get(), dir.fd(), name)) return InstanceLock(std::move(fd));
            continue;
        }
        if (errno != EWOULDBLOCK && errno != EINTR) return fail_errno("flock");
        usleep(1000);
    }
    return fail(EWOULDBLOCK, fmt::format("the instance '{}' is running already", instance));
}

bool InstanceLock::held(const RuntimeDir& dir, std::string_view instance) {
    const std::string name = with_suffix(instance, kLockSuffix);
    Fd fd(openat(dir.fd(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return false;
    // Shared, so that several processes asking at once do not take each other for the instance.
    return flock(fd.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

void InstanceLock::remove_files(const RuntimeDir& dir, std::string_view instance) {
    for (std::string_view suffix : {kSocketSuffix, std::string_view(".log"), kLockSuffix})
        unlinkat(dir.fd(), with_suffix(instance, suffix).c_str(), 0);
    fd_.reset();
}

}  // namespace umc::cli
