// SPDX-License-Identifier: GPL-2.0-only
// The control server: requests, streams, and clients that misbehave.
#include "umcrun/server.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/umcrun/fake_instance.h"
#include "umcrun/client.h"
#include "umcrun/runtime_dir.h"

using namespace umc;
using namespace umc::cli;

namespace {

class Running {
 public:
    Running() {
        char name[] = "/tmp/umcrun-test-XXXXXX";
        REQUIRE(mkdtemp(name));
        base = name;
        setenv("UMC_RUNTIME_DIR", base.c_str(), 1);
        dir.emplace(std::move(*RuntimeDir::open(RuntimeDir::Create::no)));
        server.emplace(instance, std::move(*dir->listen("t")), ServerInfo{"/some/modules"});
    }
    ~Running() {
        server.reset();
        std::filesystem::remove_all(base);
    }

    Channel connect() { return Channel(std::move(*dir->connect("t"))); }
    // The answer to a raw line.
    Json ask(const std::string& line) {
        Channel channel = connect();
        REQUIRE(channel.write_line(line, 1000));
        auto reply = channel.read_line(1 << 20, 5000);
        REQUIRE(reply);
        return *parse_object(*reply);
    }
    std::string module(const std::string& name, const std::string& script) {
        const std::string path = base + "/" + name;
        std::ofstream(path) << "fake-module\n" << script;
        return path;
    }
    tl::expected<Json, Refusal> request(Json message) {
        auto client = Client::open("t");
        REQUIRE(client);
        return client->request(std::move(message));
    }

    std::string base;
    FakeInstance instance{InstanceOptions{}};
    std::optional<RuntimeDir> dir;
    std::optional<Server> server;
};

}  // namespace

TEST_CASE_FIXTURE(Running, "insmod, modules, rmmod") {
    const std::string path = module("a.so", "");
    CHECK(request({{"cmd", "insmod"}, {"path", path}}));
    auto again = request({{"cmd", "insmod"}, {"path", path}});
    REQUIRE_FALSE(again);
    CHECK(again.error().error.err == EEXIST);
    CHECK(request({{"cmd", "insmod"}, {"path", module("b.so", "depends a\n")}}));
    auto modules = Client::open("t")->modules();
    REQUIRE(modules);
    REQUIRE(modules->size() == 2);
    CHECK((*modules)[0].name == "b");
    CHECK((*modules)[1].users == std::vector<std::string>{"b"});
    auto removed = request({{"cmd", "rmmod"}, {"name", "a"}});
    REQUIRE_FALSE(removed);
    CHECK(removed.error().error.err == EWOULDBLOCK);
    CHECK(get_strings(removed.error().response, "users") == std::vector<std::string>{"b"});
    CHECK(request({{"cmd", "rmmod"}, {"name", "b"}}));
    CHECK(request({{"cmd", "rmmod"}, {"name", "a"}}));
    CHECK(request({{"cmd", "rmmod"}, {"name", "a"}}).error().error.err == ENOENT);
}

TEST_CASE_FIXTURE(Running, "a failed attempt comes with its own log lines, the most severe first") {
    instance.print(3, "x: older line");
    instance.print(3, "other: line");
    auto loaded = request(
        {{"cmd", "insmod"}, {"path", module("x.so", "log fine\nparm a\nerror 5\n")}, {"args", "b=1"}});
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().error.err == EIO);
    CHECK(get_strings(loaded.error().response, "log") ==
          std::vector<std::string>{"x: unknown parameter 'b' ignored", "x: fine"});
}

TEST_CASE_FIXTURE(Running, "relative paths are refused") {
    CHECK(request({{"cmd", "insmod"}, {"path", "a.so"}}).error().error.err == EINVAL);
    CHECK(request({{"cmd", "insmod"}}).error().error.err == EINVAL);
}

TEST_CASE_FIXTURE(Running, "status") {
    auto status = request({{"cmd", "status"}});
    REQUIRE(status);
    CHECK(get_string(*status, "module_dir") == "/some/modules");
    CHECK(status_from_json((*status)["status"]).pid == getpid());
}

TEST_CASE_FIXTURE(Running, "garbage gets an error, other versions a clear one") {
    CHECK(get_int(ask("garbage"), "errno") == EPROTO);
    CHECK(get_int(ask(""), "errno") == EPROTO);
    CHECK(get_int(ask("[]"), "errno") == EPROTO);
    CHECK(get_int(ask("{\"cmd\":\"status\"}"), "errno") == EPROTONOSUPPORT);
    CHECK(get_int(ask("{\"v\":99,\"cmd\":\"status\"}"), "errno") == EPROTONOSUPPORT);
    CHECK(get_int(ask("{\"v\":1}"), "errno") == ENOSYS);
    CHECK(get_int(ask("{\"v\":1,\"cmd\":{}}"), "errno") == ENOSYS);
    CHECK(get_int(ask("{\"v\":1,\"cmd\":\"rmmod\",\"name\":[1]}"), "errno") == ENOENT);
}

TEST_CASE_FIXTURE(Running, "an endless request is cut off") {
    Channel channel = connect();
    // The server may close before everything is written; then its answer is what counts, or a reset.
    (void)channel.write_line(std::string(kMaxRequest + 100000, 'x'), 5000);
    auto reply = channel.read_line(1 << 20, 5000);
    if (reply) CHECK(get_int(*parse_object(*reply), "errno") == EMSGSIZE);
    CHECK(request({{"cmd", "status"}}));
}

TEST_CASE_FIXTURE(Running, "stalled clients do not stall others, and are dropped in the end") {
    std::vector<Channel> stalled;
    for (int i = 0; i < 100; ++i) stalled.push_back(connect());
    REQUIRE(write(stalled[0].fd(), "{\"v\":1,", 7) == 7);
    const auto start = std::chrono::steady_clock::now();
    CHECK(request({{"cmd", "status"}}));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
    CHECK(stalled[0].read_line(100, kRequestTimeoutMs + 3000).error().err == ECONNRESET);
}

TEST_CASE_FIXTURE(Running, "more clients than connections: they wait their turn") {
    std::vector<Channel> stalled;
    for (int i = 0; i < Server::kMaxConnections + 20; ++i) stalled.push_back(connect());
    CHECK(request({{"cmd", "status"}}));  // once the first have timed out
}

TEST_CASE_FIXTURE(Running, "fifty clients at once see a consistent list") {
    module("m.so", "");
    std::atomic<int> loaded = 0, removed = 0, unexpected = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 50; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 20; ++round) {
                auto in = Client::open("t")->request({{"cmd", "insmod"}, {"path", base + "/m.so"}});
                if (in)
                    ++loaded;
                else if (in.error().error.err != EEXIST)
                    ++unexpected;
                auto modules = Client::open("t")->modules();
                if (!modules || modules->size() > 1) ++unexpected;
                auto out = Client::open("t")->request({{"cmd", "rmmod"}, {"name", "m"}});
                if (out)
                    ++removed;
                else if (out.error().error.err != ENOENT && out.error().error.err != EBUSY)
                    ++unexpected;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(unexpected == 0);
    CHECK(loaded > 0);
    const int left = static_cast<int>(instance.modules().size());
    CHECK(loaded - removed == left);
}

TEST_CASE_FIXTURE(Running, "the log is streamed from a record on, followed, and cleared") {
    for (int i = 0; i < 1000; ++i) instance.print(6, "line " + std::to_string(i));
    std::vector<LogRecord> got;
    const auto collect = [&](const Json& line) {
        for (const Json& object : get_array(line, "records")) got.push_back(log_record_from_json(object));
        return true;
    };
    CHECK(Client::open("t")->stream({{"cmd", "log"}, {"from", 10U}}, collect));
    REQUIRE(got.size() == 992);  // two lines were logged at boot
    CHECK(got.front().seq == 10);
    CHECK(got.back().text == "line 999");

    got.clear();
    std::thread writer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        instance.print(6, "late");
    });
    CHECK(Client::open("t")->stream({{"cmd", "log"}, {"new_only", true}, {"follow", true}},
                                    [&](const Json& line) {
                                        collect(line);
                                        return got.empty();
                                    }));
    writer.join();
    REQUIRE(got.size() == 1);
    CHECK(got[0].text == "late");

    got.clear();
    CHECK(Client::open("t")->stream({{"cmd", "log"}, {"clear", true}}, collect));
    CHECK(got.size() == 1003);
    got.clear();
    CHECK(Client::open("t")->stream({{"cmd", "log"}}, collect));
    CHECK(got.empty());
}

TEST_CASE_FIXTURE(Running, "stop is answered after the shutdown; others are refused meanwhile") {
    std::atomic<bool> answered = false;
    std::thread stopper([&] {
        auto stopped = Client::open("t")->request({{"cmd", "stop"}});
        answered = true;
        REQUIRE_FALSE(stopped);
        CHECK(stopped.error().error.err == EBUSY);
    });
    char event[8];
    while (read(server->stop_fd(), event, sizeof event) != 8) std::this_thread::yield();
    server->begin_stop();
    CHECK(request({{"cmd", "modules"}}).error().error.err == ESHUTDOWN);
    CHECK_FALSE(answered);
    CHECK(server->finish(fail(EBUSY, "a module stayed")));
    stopper.join();
    CHECK(answered);
    CHECK(dir->connect("t").error().err == ECONNREFUSED);
}
