// SPDX-License-Identifier: GPL-2.0-only
// The starter's side of the background instance. The daemon's side is the command `daemon` (cmd_daemon.cc).
#include "umcrun/daemon.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

namespace umc::cli {
namespace {

constexpr int kStartTimeoutMs = 120000;
constexpr int kMaxStatusLine = 65536;

using Clock = std::chrono::steady_clock;

void pause_ms(int ms) { usleep(static_cast<useconds_t>(ms) * 1000); }

// Runs in the child: nothing but system calls, as the parent may have threads.
[[noreturn]] void become_daemon(char* const* argv, int status_fd, int log_fd) {
    setsid();
    const int null_fd = open("/dev/null", O_RDWR);
    dup2(null_fd, 0);
    dup2(null_fd, 1);
    dup2(log_fd >= 0 ? log_fd : null_fd, 2);
    dup2(status_fd, 3);
    close_range(4, ~0U, 0);
    execv("/proc/self/exe", argv);
    _exit(127);
}

std::string death_text(int wait_status) {
    if (WIFSIGNALED(wait_status))
        return fmt::format("killed by signal {} ({})", WTERMSIG(wait_status),
                           strsignal(WTERMSIG(wait_status)));
    return fmt::format("exit status {}", WEXITSTATUS(wait_status));
}

// Starts one daemon and waits for its report. EWOULDBLOCK: another one got the lock.
Result<> spawn_daemon(const RuntimeDir& dir, const std::string& instance,
                      const std::vector<std::string>& words) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return fail(errno);
    Fd read_end(ends[0]), write_end(ends[1]);
    // Moved out of the way of the child's descriptor 3.
    Fd status_fd(fcntl(write_end.get(), F_DUPFD_CLOEXEC, 10));
    write_end.reset();
    Fd log_fd(openat(dir.fd(), (instance + ".log").c_str(),
                     O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (log_fd) log_fd.reset(fcntl(log_fd.get(), F_DUPFD_CLOEXEC, 10));

    std::vector<std::string> all = {"umcrun", "daemon", "--instance", instance, "--ready-fd", "3"};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> argv;
    for (std::string& word : all) argv.push_back(word.data());
    argv.push_back(nullptr);

    const pid_t pid = fork();
    if (pid < 0) return fail(errno, fmt::format("fork: {}", std::strerror(errno)));
    if (pid == 0) become_daemon(argv.data(), status_fd.get(), log_fd.get());
    status_fd.reset();

    std::string report;
    char chunk[4096];
    while (report.size() < kMaxStatusLine && report.find('\n') == std::string::npos) {
        const ssize_t got = read(read_end.get(), chunk, sizeof chunk);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        report.append(chunk, static_cast<std::size_t>(got));
    }
    auto parsed = parse_object(report);
    if (parsed && get_bool(*parsed, "ready")) return {};
    int wait_status = 0;
    while (waitpid(pid, &wait_status, 0) < 0 && errno == EINTR) {
    }
    if (parsed) return fail(static_cast<int>(get_int(*parsed, "errno", EIO)), get_string(*parsed, "message"));
    return fail(ECONNABORTED, fmt::format("instance '{}' died while starting: {} (see {})", instance,
                                          death_text(wait_status), dir.file(instance, ".log")));
}

}  // namespace

Result<StartOutcome> start_instance(const std::string& instance,
                                    const std::vector<std::string>& daemon_words) {
    auto dir = RuntimeDir::open(RuntimeDir::Create::yes);
    if (!dir) return tl::unexpected(dir.error());
    const auto deadline = Clock::now() + std::chrono::milliseconds(kStartTimeoutMs);
    for (int wait_ms = 2; Clock::now() < deadline; wait_ms = std::min(wait_ms * 2, 50)) {
        auto fd = dir->connect(instance);
        if (fd) return StartOutcome::was_running;
        if (!is_not_running(fd.error())) return tl::unexpected(fd.error());
        // Somebody else's instance is starting or leaving: see what becomes of it.
        if (InstanceLock::held(*dir, instance)) {
            pause_ms(wait_ms);
            continue;
        }
        auto spawned = spawn_daemon(*dir, instance, daemon_words);
        if (spawned) return StartOutcome::started;
        if (spawned.error().err != EWOULDBLOCK) return tl::unexpected(spawned.error());
    }
    return fail(ETIMEDOUT,
                fmt::format("instance '{}' is starting or stopping, but does not answer", instance));
}

Result<Client> open_or_start(const std::string& instance) {
    for (int tries = 0;; ++tries) {
        auto client = Client::open(instance);
        if (client || !is_not_running(client.error()) || tries == 3) return client;
        auto started = start_instance(instance, {});
        if (!started) return tl::unexpected(started.error());
    }
}

}  // namespace umc::cli
