// SPDX-License-Identifier: GPL-2.0-only
// Encoding and decoding of the control protocol.
#include "umcrun/protocol.h"

#include <cerrno>

namespace umc::cli {

std::string to_wire(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (unsigned char byte : bytes) {
        if (byte < 0x80) {
            text += static_cast<char>(byte);
        } else {
            text += static_cast<char>(0xc0 | (byte >> 6));
            text += static_cast<char>(0x80 | (byte & 0x3f));
        }
    }
    return text;
}

std::string from_wire(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const unsigned char lead = static_cast<unsigned char>(text[i]);
        // Only U+0080..U+00FF can stand for bytes; anything else is left as it is.
        if ((lead == 0xc2 || lead == 0xc3) && i + 1 < text.size()) {
            const unsigned char next = static_cast<unsigned char>(text[++i]);
            bytes += static_cast<char>(((lead & 3) << 6) | (next & 0x3f));
        } else {
            bytes += static_cast<char>(lead);
        }
    }
    return bytes;
}

std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

Result<Json> parse_object(std::string_view line) {
    Json value = Json::parse(line, nullptr, false);
    if (value.is_discarded() || !value.is_object()) return fail(EPROTO, "not a JSON object");
    return value;
}

namespace {

const Json* member(const Json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    auto it = object.find(key);
    return it == object.end() ? nullptr : &*it;
}

}  // namespace

std::string get_string(const Json& object, const char* key, std::string_view fallback) {
    const Json* value = member(object, key);
    if (!value || !value->is_string()) return std::string(fallback);
    return from_wire(value->get_ref<const std::string&>());
}

std::int64_t get_int(const Json& object, const char* key, std::int64_t fallback) {
    const Json* value = member(object, key);
    return value && value->is_number_integer() ? value->get<std::int64_t>() : fallback;
}

std::uint64_t get_uint(const Json& object, const char* key, std::uint64_t fallback) {
    const Json* value = member(object, key);
    return value && value->is_number_unsigned() ? value->get<std::uint64_t>() : fallback;
}

bool get_bool(const Json& object, const char* key, bool fallback) {
    const Json* value = member(object, key);
    return value && value->is_boolean() ? value->get<bool>() : fallback;
}

std::vector<std::string> get_strings(const Json& object, const char* key) {
    std::vector<std::string> strings;
    for (const Json& item : get_array(object, key))
        if (item.is_string()) strings.push_back(from_wire(item.get_ref<const std::string&>()));
    return strings;
}

const Json& get_array(const Json& object, const char* key) {
    static const Json empty = Json::array();
    const Json* value = member(object, key);
    return value && value->is_array() ? *value : empty;
}

Json to_json(const std::vector<std::string>& strings) {
    Json array = Json::array();
    for (const std::string& text : strings) array.push_back(to_wire(text));
    return array;
}

Json to_json(const ModuleStatus& module) {
    return {{"name", to_wire(module.name)},
            {"path", to_wire(module.path)},
            {"kind", to_wire(module.kind)},
            {"state", to_wire(module.state)},
            {"size", module.size},
            {"address", module.address},
            {"refcount", module.refcount},
            {"users", to_json(module.users)},
            {"taints", to_wire(module.taints)}};
}

ModuleStatus module_from_json(const Json& object) {
    ModuleStatus module;
    module.name = get_string(object, "name");
    module.path = get_string(object, "path");
    module.kind = get_string(object, "kind");
    module.state = get_string(object, "state");
    module.size = get_uint(object, "size");
    module.address = get_uint(object, "address");
    module.refcount = get_int(object, "refcount");
    module.users = get_strings(object, "users");
    module.taints = get_string(object, "taints");
    return module;
}

Json to_json(const TaskStatus& task) {
    return {{"pid", task.pid},
            {"ppid", task.ppid},
            {"comm", to_wire(task.comm)},
            {"cpu", task.cpu},
            {"cpu_ns", task.cpu_ns},
            {"state", to_wire(std::string_view(&task.state, 1))},
            {"stack", to_json(task.stack)},
            {"wchan", to_wire(task.wchan)}};
}

TaskStatus task_from_json(const Json& object) {
    TaskStatus task;
    task.pid = static_cast<int>(get_int(object, "pid"));
    task.ppid = static_cast<int>(get_int(object, "ppid"));
    task.comm = get_string(object, "comm");
    task.cpu = static_cast<int>(get_int(object, "cpu"));
    task.cpu_ns = get_uint(object, "cpu_ns");
    const std::string state = get_string(object, "state", "?");
    task.state = state.empty() ? '?' : state[0];
    task.wchan = get_string(object, "wchan");
    task.stack = get_strings(object, "stack");
    return task;
}

Json to_json(const LogRecord& record) {
    return {{"seq", record.seq},
            {"time_ns", record.time_ns},
            {"level", record.level},
            {"facility", record.facility},
            {"text", to_wire(record.text)}};
}

LogRecord log_record_from_json(const Json& object) {
    LogRecord record;
    record.seq = get_uint(object, "seq");
    record.time_ns = get_uint(object, "time_ns");
    record.level = static_cast<int>(get_int(object, "level", 6));
    record.facility = static_cast<int>(get_int(object, "facility"));
    record.text = get_string(object, "text");
    return record;
}

Json to_json(const InstanceStatus& status) {
    return {{"name", to_wire(status.name)},
            {"release", to_wire(status.release)},
            {"pid", status.pid},
            {"cpus", status.cpus},
            {"memory", status.memory},
            {"uptime_ns", status.uptime_ns},
            {"modules", status.modules},
            {"tasks", status.tasks},
            {"taint", status.taint}};
}

InstanceStatus status_from_json(const Json& object) {
    InstanceStatus status;
    status.name = get_string(object, "name");
    status.release = get_string(object, "release");
    status.pid = static_cast<int>(get_int(object, "pid"));
    status.cpus = static_cast<int>(get_int(object, "cpus"));
    status.memory = get_uint(object, "memory");
    status.uptime_ns = get_uint(object, "uptime_ns");
    status.modules = static_cast<int>(get_int(object, "modules"));
    status.tasks = static_cast<int>(get_int(object, "tasks"));
    status.taint = get_uint(object, "taint");
    return status;
}

Json readable(const Json& wire) {
    if (wire.is_string()) return from_wire(wire.get_ref<const std::string&>());
    if (!wire.is_structured()) return wire;
    Json result = wire;
    for (Json& item : result) item = readable(item);
    return result;
}

}  // namespace umc::cli
