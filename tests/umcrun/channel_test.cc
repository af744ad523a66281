// SPDX-License-Identifier: GPL-2.0-only
// Lines over a socket: limits and time-outs.
#include "umcrun/channel.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <thread>

using namespace umc::cli;

namespace {

struct Pair {
    Pair() { REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0); }
    int fds[2];
};

void put(int fd, std::string_view text) {
    REQUIRE(write(fd, text.data(), text.size()) == ssize_t(text.size()));
}

}  // namespace

TEST_CASE("lines arrive whole however they are cut") {
    Pair pair;
    Channel reader{Fd(pair.fds[0])};
    Fd writer(pair.fds[1]);
    put(writer.get(), "one\ntw");
    CHECK(*reader.read_line(100, 1000) == "one");
    CHECK(reader.read_line(100, 10).error().err == ETIMEDOUT);
    put(writer.get(), "o\n\nthree");
    CHECK(*reader.read_line(100, 1000) == "two");
    CHECK(*reader.read_line(100, 1000) == "");
    writer.reset();
    CHECK(reader.read_line(100, 1000).error().err == ECONNRESET);
    CHECK(reader.peer_gone());
}

TEST_CASE("a line over the limit is refused, with and without its end") {
    Pair pair;
    Channel reader{Fd(pair.fds[0])};
    Fd writer(pair.fds[1]);
    put(writer.get(), std::string(50, 'x'));
    CHECK(reader.read_line(40, 1000).error().err == EMSGSIZE);
    put(writer.get(), "\n");
    CHECK(reader.read_line(40, 1000).error().err == EMSGSIZE);
}

TEST_CASE("a peer that does not read costs the writer its time-out only") {
    Pair pair;
    Channel writer{Fd(pair.fds[0])};
    Fd reader(pair.fds[1]);
    CHECK(writer.write_line(std::string(4 << 20, 'x'), 50).error().err == ETIMEDOUT);
}

TEST_CASE("a peer that is gone is an error, not a signal") {
    Pair pair;
    Channel writer{Fd(pair.fds[0])};
    Fd(pair.fds[1]).reset();
    CHECK(writer.write_line("x", 100).error().err == EPIPE);
}

TEST_CASE("long lines pass when the peer reads") {
    Pair pair;
    Channel writer{Fd(pair.fds[0])}, reader{Fd(pair.fds[1])};
    const std::string text(3 << 20, 'y');
    std::thread thread([&] { CHECK(writer.write_line(text, 5000)); });
    auto line = reader.read_line(4 << 20, 5000);
    thread.join();
    REQUIRE(line);
    CHECK(*line == text);
}
