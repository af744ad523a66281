// SPDX-License-Identifier: GPL-2.0-only
// What client and server say to each other: one JSON object a line, one request a connection.
//
//   request   {"v":1,"cmd":"insmod","path":"/x/foo.so","args":"a=1"}
//   response  {"v":1,"ok":true,...,"done":true}
//             {"v":1,"ok":false,"errno":2,"message":"...",...,"done":true}
//   A streaming command (log) sends lines without "done" first.
//
// Strings on the wire carry bytes: each byte is the code point of its value, so that any path or log text
// survives.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/host/instance.h"

namespace umc::cli {

using Json = nlohmann::json;

inline constexpr int kProtocolVersion = 1;
inline constexpr std::size_t kMaxRequest = 1 << 20;
inline constexpr std::size_t kMaxResponse = 64 << 20;
inline constexpr int kRequestTimeoutMs = 5000;  // from connecting to the end of the request line
inline constexpr int kSendTimeoutMs = 10000;    // a client that reads nothing for so long is dropped

std::string to_wire(std::string_view bytes);
std::string from_wire(std::string_view text);

// One line, never with a newline in it. Text that is not UTF-8 is replaced, so put bytes through to_wire.
std::string dump(const Json& value);
// EPROTO when the line is no JSON object.
Result<Json> parse_object(std::string_view line);

// Members of an object; the fallback when absent or of another type. Strings come through from_wire.
std::string get_string(const Json& object, const char* key, std::string_view fallback = {});
std::int64_t get_int(const Json& object, const char* key, std::int64_t fallback = 0);
std::uint64_t get_uint(const Json& object, const char* key, std::uint64_t fallback = 0);
bool get_bool(const Json& object, const char* key, bool fallback = false);
std::vector<std::string> get_strings(const Json& object, const char* key);
// The array under key; empty when absent.
const Json& get_array(const Json& object, const char* key);

Json to_json(const ModuleStatus& module);
Json to_json(const TaskStatus& task);
Json to_json(const LogRecord& record);
Json to_json(const InstanceStatus& status);
Json to_json(const std::vector<std::string>& strings);
ModuleStatus module_from_json(const Json& object);
TaskStatus task_from_json(const Json& object);
LogRecord log_record_from_json(const Json& object);
InstanceStatus status_from_json(const Json& object);

// Wire strings turned into readable ones, at any depth: what --json prints.
Json readable(const Json& wire);

}  // namespace umc::cli
