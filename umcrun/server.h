// SPDX-License-Identifier: GPL-2.0-only
// The control server of a running instance: one thread a connection, at most kMaxConnections at once.
#pragma once

#include <condition_variable>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/host/instance.h"
#include "umcrun/channel.h"
#include "umcrun/fd.h"
#include "umcrun/protocol.h"

namespace umc::cli {

struct ServerInfo {
    std::string module_dir;  // where the clients' modprobe looks; empty: their default
};

class Server {
 public:
    static constexpr int kMaxConnections = 256;

    // Serves the listening socket until finish(). The instance must outlive the server.
    Server(Instance& instance, Fd listener, ServerInfo info);
    ~Server();
    Server(const Server&) = delete;

    // Readable once a client has asked the instance to stop.
    int stop_fd() const { return stop_event_.get(); }
    // Requests from now on are refused: the instance is going down.
    void begin_stop();
    // The outcome of the instance's shutdown, which the stop requests wait for. Ends every connection. False
    // when a request is still being worked on (a module's init function that hangs): leave the process with
    // _exit then.
    bool finish(Result<> outcome);

 private:
    struct Connection {
        std::thread thread;
        int fd = -1;
        bool ended = false;
    };

    void accept_loop();
    void start_connection(Fd fd);
    void serve(Channel& channel);
    void handle(const Json& request, Channel& channel);
    void reap_ended(std::unique_lock<std::mutex>& lock);
    bool stopping();

    Json insmod(const Json& request);
    Json rmmod(const Json& request);
    Json stop();
    // What a failed attempt to load a module logged from record `from` on, the most severe first.
    std::vector<std::string> attempt_lines(std::uint64_t from, const std::string& module);
    void send_log(const Json& request, Channel& channel);

    Instance& instance_;
    Fd listener_;
    ServerInfo info_;
    Fd stop_event_;
    Fd wake_event_;  // ends the accept loop

    std::mutex mutex_;  // the members below
    std::condition_variable changed_;
    std::list<Connection> connections_;
    int active_ = 0;
    bool stopping_ = false;
    bool finished_ = false;
    Result<> outcome_;

    std::thread acceptor_;
};

}  // namespace umc::cli
