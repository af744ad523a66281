// SPDX-License-Identifier: GPL-2.0-only
// A command's connection to an instance.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/host/instance.h"
#include "umcrun/channel.h"
#include "umcrun/protocol.h"
#include "umcrun/runtime_dir.h"

namespace umc::cli {

// The server's answer when it refused: the error and what it told besides.
struct Refusal {
    Error error;
    Json response = Json::object();  // the "log" of an insmod, the "users" of an rmmod
};

class Client {
 public:
    // ECONNREFUSED: no such instance runs.
    static Result<Client> open(const std::string& instance);

    // One request, one final response. A transport failure is a Refusal without a response.
    tl::expected<Json, Refusal> request(Json message);
    // As request(); on_line gets the lines before the final one and returns false to give up.
    tl::expected<Json, Refusal> stream(Json message, const std::function<bool(const Json&)>& on_line);

    Result<std::vector<ModuleStatus>> modules();

    const std::string& instance() const { return instance_; }
    const RuntimeDir& dir() const { return dir_; }

 private:
    Client(RuntimeDir dir, std::string instance, Channel channel)
        : dir_(std::move(dir)), instance_(std::move(instance)), first_(std::move(channel)) {}

    RuntimeDir dir_;
    std::string instance_;
    std::optional<Channel> first_;  // opened by open(), taken by the first request
};

// True for the errors that mean that nobody listens.
bool is_not_running(const Error& error);

}  // namespace umc::cli
