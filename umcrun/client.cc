// SPDX-License-Identifier: GPL-2.0-only
// Requests to an instance.
#include "umcrun/client.h"

#include <fmt/format.h>

#include <cerrno>

namespace umc::cli {

bool is_not_running(const Error& error) { return error.err == ENOENT || error.err == ECONNREFUSED; }

Result<Client> Client::open(const std::string& instance) {
    const auto not_running = [&] {
        return fail(ECONNREFUSED, fmt::format("instance '{}' is not running", instance));
    };
    auto dir = RuntimeDir::open(RuntimeDir::Create::no);
    if (!dir) return dir.error().err == ENOENT ? Result<Client>(not_running()) : tl::unexpected(dir.error());
    auto fd = dir->connect(instance);
    if (!fd) {
        if (is_not_running(fd.error())) return not_running();
        return tl::unexpected(fd.error());
    }
    return Client(std::move(*dir), instance, Channel(std::move(*fd)));
}

tl::expected<Json, Refusal> Client::request(Json message) {
    return stream(std::move(message), [](const Json&) { return true; });
}

tl::expected<Json, Refusal> Client::stream(Json message, const std::function<bool(const Json&)>& on_line) {
    const auto refuse = [](Error error) { return tl::unexpected(Refusal{std::move(error), Json::object()}); };
    if (!first_) {
        auto fd = dir_.connect(instance_);
        if (!fd) return refuse({fd.error().err, fmt::format("instance '{}' is not running", instance_)});
        first_.emplace(std::move(*fd));
    }
    Channel channel = std::move(*first_);
    first_.reset();

    message["v"] = kProtocolVersion;
    const std::string line = dump(message);
    if (line.size() > kMaxRequest) return refuse({E2BIG, "the request is too long"});
    if (auto sent = channel.write_line(line, kSendTimeoutMs); !sent && sent.error().err != EPIPE)
        return refuse(sent.error());
    while (true) {
        auto reply = channel.read_line(kMaxResponse, Channel::kForever);
        if (!reply) {
            if (reply.error().err != ECONNRESET && reply.error().err != EPIPE) return refuse(reply.error());
            return refuse({ECONNRESET, fmt::format("instance '{}' ended without an answer (see {})",
                                                   instance_, dir_.file(instance_, ".log"))});
        }
        auto response = parse_object(*reply);
        if (!response) return refuse(response.error());
        if (!get_bool(*response, "done")) {
            if (!on_line(*response)) return Json::object();
            continue;
        }
        if (get_bool(*response, "ok")) return std::move(*response);
        Error error{static_cast<int>(get_int(*response, "errno", EIO)), get_string(*response, "message")};
        return tl::unexpected(Refusal{std::move(error), std::move(*response)});
    }
}

Result<std::vector<ModuleStatus>> Client::modules() {
    auto response = request({{"cmd", "modules"}});
    if (!response) return tl::unexpected(response.error().error);
    std::vector<ModuleStatus> modules;
    for (const Json& object : get_array(*response, "modules")) modules.push_back(module_from_json(object));
    return modules;
}

}  // namespace umc::cli
