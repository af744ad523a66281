// SPDX-License-Identifier: GPL-2.0-only
// Encoding of the control protocol.
#include "umcrun/protocol.h"

#include <doctest/doctest.h>

using namespace umc;
using namespace umc::cli;

TEST_CASE("any bytes survive the wire") {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    CHECK(from_wire(to_wire(all)) == all);
    auto parsed = parse_object(dump({{"text", to_wire(all)}}));
    REQUIRE(parsed);
    CHECK(get_string(*parsed, "text") == all);
    CHECK(dump({{"text", to_wire("a\nb")}}).find('\n') == std::string::npos);
}

TEST_CASE("readable() decodes strings at any depth") {
    const Json wire = {{"a", {to_wire("ä"), 1}}};
    CHECK(readable(wire) == Json{{"a", {"ä", 1}}});
}

TEST_CASE("what is no object is refused") {
    for (const char* line : {"", "null", "[1]", "{", "{\"a\":1}x", "\xff", "{\"a\":\"\xff\"}"}) {
        CAPTURE(line);
        auto parsed = parse_object(line);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().err == EPROTO);
    }
    // Deep nesting must not exhaust the stack.
    CHECK_FALSE(parse_object(std::string(500000, '[')));
}

TEST_CASE("members of the wrong type count as absent") {
    const Json object = {{"s", 1}, {"n", "x"}, {"b", 1}, {"neg", -1}, {"list", {"a", 2, "b"}}};
    CHECK(get_string(object, "s", "none") == "none");
    CHECK(get_int(object, "n", 7) == 7);
    CHECK(get_bool(object, "b") == false);
    CHECK(get_uint(object, "neg", 3) == 3);
    CHECK(get_strings(object, "list") == std::vector<std::string>{"a", "b"});
    CHECK(get_array(object, "s").empty());
    CHECK(get_string(Json(5), "s") == "");
}

TEST_CASE("records keep every field") {
    ModuleStatus module{"m", "/x/m\xff.so", "so", "Live", 4096, 0xffffffff81000000, -1, {"a", "b"}, "OE"};
    const ModuleStatus module2 = module_from_json(*parse_object(dump(to_json(module))));
    CHECK(module2.path == module.path);
    CHECK(module2.address == module.address);
    CHECK(module2.refcount == -1);
    CHECK(module2.users == module.users);
    CHECK(to_json(module2) == to_json(module));

    TaskStatus task{3, 2, "kthreadd", 'D', 1, 5, "f+0x1", {"f", "g"}};
    const TaskStatus task2 = task_from_json(*parse_object(dump(to_json(task))));
    CHECK(task2.state == 'D');
    CHECK(to_json(task2) == to_json(task));

    LogRecord record{9, 10, 4, 3, "two\nlines \x80"};
    CHECK(to_json(log_record_from_json(*parse_object(dump(to_json(record))))) == to_json(record));
    CHECK(log_record_from_json(*parse_object(dump(to_json(record)))).text == record.text);

    InstanceStatus status;
    status.name = "n";
    status.memory = std::uint64_t{1} << 40;
    status.taint = 4096;
    CHECK(to_json(status_from_json(*parse_object(dump(to_json(status))))) == to_json(status));
}
