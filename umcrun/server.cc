// SPDX-License-Identifier: GPL-2.0-only
// The control server.
#include "umcrun/server.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "umcrun/module_args.h"

namespace umc::cli {
namespace {

constexpr std::size_t kLogChunk = 256;  // records a response line
constexpr int kFollowCheckMs = 500;     // how soon a follower that went away is noticed
constexpr std::size_t kAttemptLines = 64;

Json success() { return {{"v", kProtocolVersion}, {"ok", true}, {"done", true}}; }

Json failure(const Error& error) {
    return {{"v", kProtocolVersion},
            {"ok", false},
            {"done", true},
            {"errno", error.err},
            {"message", to_wire(error.message)}};
}

Json failure(int err, std::string message) { return failure(Error{err, std::move(message)}); }

void raise_event(int fd) {
    const std::uint64_t one = 1;
    // An eventfd write fails only when its counter is full: then it is readable already.
    [[maybe_unused]] ssize_t ignored = write(fd, &one, sizeof one);
}

std::uint64_t next_log_seq(Instance& instance) {
    if (const std::uint64_t next = instance.status().log_next) return next;
    const auto records = instance.log(0);
    return records.empty() ? 0 : records.back().seq + 1;
}

bool peer_allowed(int fd) {
    ucred peer{};
    socklen_t length = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return false;
    return peer.uid == geteuid() || peer.uid == 0;
}

}  // namespace

Server::Server(Instance& instance, Fd listener, ServerInfo info)
    : instance_(instance),
      listener_(std::move(listener)),
      info_(std::move(info)),
      stop_event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      wake_event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      acceptor_([this] { accept_loop(); }) {}

Server::~Server() {
    if (acceptor_.joinable()) finish({});
    for (Connection& connection : connections_) connection.thread.join();
}

bool Server::stopping() {
    std::lock_guard lock(mutex_);
    return stopping_;
}

void Server::begin_stop() {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
}

bool Server::finish(Result<> outcome) {
    {
        std::lock_guard lock(mutex_);
        stopping_ = finished_ = true;
        outcome_ = std::move(outcome);
        changed_.notify_all();
    }
    raise_event(wake_event_.get());
    acceptor_.join();
    listener_.reset();
    std::unique_lock lock(mutex_);
    // Reading ends at once; answers on their way may still be written.
    for (Connection& connection : connections_)
        if (!connection.ended) ::shutdown(connection.fd, SHUT_RD);
    changed_.wait_for(lock, std::chrono::milliseconds(kSendTimeoutMs + 1000),
                      [this] { return active_ == 0; });
    if (active_ != 0) return false;
    reap_ended(lock);
    return true;
}

void Server::reap_ended(std::unique_lock<std::mutex>& lock) {
    std::list<Connection> ended;
    for (auto it = connections_.begin(); it != connections_.end();) {
        auto next = std::next(it);
        if (it->ended) ended.splice(ended.end(), connections_, it);
        it = next;
    }
    lock.unlock();
    for (Connection& connection : ended) connection.thread.join();
    lock.lock();
}

void Server::accept_loop() {
    while (true) {
        {
            std::unique_lock lock(mutex_);
            reap_ended(lock);
            changed_.wait(lock, [this] { return finished_ || active_ < kMaxConnections; });
            if (finished_) return;
        }
        pollfd items[] = {{listener_.get(), POLLIN, 0}, {wake_event_.get(), POLLIN, 0}};
        if (poll(items, 2, -1) < 0 || !(items[0].revents & POLLIN)) continue;
        Fd fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!fd) {
            // Out of descriptors or memory: give connections time to end instead of spinning.
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) usleep(10000);
            continue;
        }
        if (!peer_allowed(fd.get())) continue;
        start_connection(std::move(fd));
    }
}

void Server::start_connection(Fd fd) {
    std::lock_guard lock(mutex_);
    connections_.emplace_back();
    Connection& connection = connections_.back();
    connection.fd = fd.get();
    try {
        connection.thread = std::thread([this, &connection, fd = std::move(fd)]() mutable {
            {
                Channel channel(std::move(fd));
                serve(channel);
                std::lock_guard ending(mutex_);
                connection.ended = true;  // before the descriptor closes: finish() uses it until then
            }
            std::lock_guard ending(mutex_);
            --active_;
            changed_.notify_all();
        });
        ++active_;
    } catch (const std::system_error&) {  // no thread to be had: the client sees the connection close
        connections_.pop_back();
    }
}

void Server::serve(Channel& channel) {
    auto line = channel.read_line(kMaxRequest, kRequestTimeoutMs);
    if (!line) {
        if (line.error().err == EMSGSIZE)
            (void)channel.write_line(dump(failure(EMSGSIZE, "the request is too long")), kSendTimeoutMs);
        return;
    }
    auto request = parse_object(*line);
    if (!request) {
        (void)channel.write_line(dump(failure(request.error())), kSendTimeoutMs);
        return;
    }
    if (get_int(*request, "v") != kProtocolVersion) {
        const auto text =
            fmt::format("this instance speaks version {} of the control protocol", kProtocolVersion);
        (void)channel.write_line(dump(failure(EPROTONOSUPPORT, text)), kSendTimeoutMs);
        return;
    }
    handle(*request, channel);
}

void Server::handle(const Json& request, Channel& channel) {
    const std::string cmd = get_string(request, "cmd");
    Json response = success();
    if (cmd == "stop") {
        response = stop();
    } else if (stopping()) {
        response = failure(ESHUTDOWN, "the instance is stopping");
    } else if (cmd == "insmod") {
        response = insmod(request);
    } else if (cmd == "rmmod") {
        response = rmmod(request);
    } else if (cmd == "modules") {
        Json list = Json::array();
        for (const ModuleStatus& module : instance_.modules()) list.push_back(to_json(module));
        response["modules"] = std::move(list);
    } else if (cmd == "tasks") {
        Json list = Json::array();
        for (const TaskStatus& task : instance_.tasks(get_bool(request, "stack")))
            list.push_back(to_json(task));
        response["tasks"] = std::move(list);
    } else if (cmd == "status") {
        response["status"] = to_json(instance_.status());
        response["module_dir"] = to_wire(info_.module_dir);
    } else if (cmd == "log") {
        send_log(request, channel);
        return;
    } else {
        response = failure(ENOSYS, fmt::format("unknown command '{}'", cmd));
    }
    (void)channel.write_line(dump(response), kSendTimeoutMs);
}

Json Server::insmod(const Json& request) {
    const std::string path = get_string(request, "path");
    if (path.empty() || path[0] != '/') return failure(EINVAL, "the path must be absolute");
    InsmodOptions options;
    options.force_vermagic = get_bool(request, "force_vermagic");
    options.force_modversion = get_bool(request, "force_modversion");
    options.allow_missing = get_bool(request, "allow_missing");

    const std::uint64_t before = next_log_seq(instance_);
    auto loaded = instance_.insmod(path, get_string(request, "args"), options);
    if (loaded) return success();

    Json response = failure(loaded.error());
    response["log"] = to_json(attempt_lines(before, module_name_of_path(path)));
    return response;
}

std::vector<std::string> Server::attempt_lines(std::uint64_t from, const std::string& module) {
    std::vector<LogRecord> records = instance_.log(from);
    // Others may be logging at the same time: the loader starts its lines with the module's name.
    std::erase_if(records, [&](const LogRecord& record) { return !record.text.starts_with(module + ":"); });
    std::stable_sort(records.begin(), records.end(),
                     [](const LogRecord& a, const LogRecord& b) { return a.level < b.level; });
    if (records.size() > kAttemptLines) records.resize(kAttemptLines);
    std::vector<std::string> lines;
    for (LogRecord& record : records) lines.push_back(std::move(record.text));
    return lines;
}

Json Server::rmmod(const Json& request) {
    const std::string name = get_string(request, "name");
    auto removed = instance_.rmmod(name, get_bool(request, "force"));
    if (removed) return success();
    Json response = failure(removed.error());
    for (const ModuleStatus& module : instance_.modules()) {
        if (module.name != name) continue;
        response["users"] = to_json(module.users);
        response["refcount"] = module.refcount;
    }
    return response;
}

Json Server::stop() {
    std::unique_lock lock(mutex_);
    raise_event(stop_event_.get());
    changed_.wait(lock, [this] { return finished_; });
    return outcome_ ? success() : failure(outcome_.error());
}

void Server::send_log(const Json& request, Channel& channel) {
    std::uint64_t from = get_uint(request, "from");
    const bool follow = get_bool(request, "follow");
    // Set when only what comes from now on is wanted.
    if (get_bool(request, "new_only")) from = next_log_seq(instance_);
    while (true) {
        const std::vector<LogRecord> records = instance_.log(from);
        for (std::size_t start = 0; start < records.size(); start += kLogChunk) {
            Json chunk = {{"v", kProtocolVersion}, {"ok", true}};
            Json list = Json::array();
            for (std::size_t i = start; i < std::min(records.size(), start + kLogChunk); ++i)
                list.push_back(to_json(records[i]));
            chunk["records"] = std::move(list);
            if (!channel.write_line(dump(chunk), kSendTimeoutMs)) return;
        }
        if (!records.empty()) from = records.back().seq + 1;
        if (!follow || stopping() || channel.peer_gone()) break;
        instance_.wait_log(from, kFollowCheckMs);
        if (stopping()) break;
    }
    if (get_bool(request, "clear")) instance_.clear_log();
    (void)channel.write_line(dump(success()), kSendTimeoutMs);
}

}  // namespace umc::cli
