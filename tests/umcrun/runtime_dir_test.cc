// SPDX-License-Identifier: GPL-2.0-only
// The runtime directory: who may use it, sockets and locks.
#include "umcrun/runtime_dir.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>

using namespace umc::cli;

namespace {

// A private directory named by $UMC_RUNTIME_DIR.
class PrivateDir {
 public:
    PrivateDir() {
        char name[] = "/tmp/umcrun-test-XXXXXX";
        REQUIRE(mkdtemp(name));
        base = name;
        path = base + "/run";
        setenv("UMC_RUNTIME_DIR", path.c_str(), 1);
    }
    ~PrivateDir() { std::filesystem::remove_all(base); }
    std::string base, path;
};

}  // namespace

TEST_CASE("instance names") {
    for (const char* good : {"default", "a", "A-b_c.9", "x.y"}) CHECK(check_instance_name(good));
    for (const char* bad : {"", ".", "..", ".x", "-x", "a/b", "a b", "a\n", "ä"}) {
        CAPTURE(bad);
        CHECK_FALSE(check_instance_name(bad));
    }
    CHECK(check_instance_name(std::string(64, 'x')));
    CHECK_FALSE(check_instance_name(std::string(65, 'x')));
}

TEST_CASE("the directory is made private") {
    PrivateDir dir;
    CHECK(RuntimeDir::open(RuntimeDir::Create::no).error().err == ENOENT);
    REQUIRE(RuntimeDir::open(RuntimeDir::Create::yes));
    struct stat st;
    REQUIRE(stat(dir.path.c_str(), &st) == 0);
    CHECK((st.st_mode & 07777) == 0700);
    CHECK(RuntimeDir::open(RuntimeDir::Create::no));
}

TEST_CASE("a directory that others can enter, and a symbolic link, are refused") {
    PrivateDir dir;
    REQUIRE(mkdir(dir.path.c_str(), 0700) == 0);
    REQUIRE(chmod(dir.path.c_str(), 0710) == 0);
    CHECK(RuntimeDir::open(RuntimeDir::Create::yes).error().err == EPERM);
    REQUIRE(chmod(dir.path.c_str(), 0700) == 0);
    const std::string link = dir.base + "/link";
    REQUIRE(symlink(dir.path.c_str(), link.c_str()) == 0);
    setenv("UMC_RUNTIME_DIR", link.c_str(), 1);
    CHECK_FALSE(RuntimeDir::open(RuntimeDir::Create::yes));
}

TEST_CASE("a directory of another user is refused" * doctest::skip(geteuid() != 0)) {
    PrivateDir dir;
    REQUIRE(mkdir(dir.path.c_str(), 0700) == 0);
    REQUIRE(chown(dir.path.c_str(), 12345, 12345) == 0);
    CHECK(RuntimeDir::open(RuntimeDir::Create::yes).error().err == EPERM);
}

TEST_CASE("one holder at a time; a dead holder's lock is free") {
    PrivateDir private_dir;
    auto dir = RuntimeDir::open(RuntimeDir::Create::yes);
    REQUIRE(dir);
    CHECK_FALSE(InstanceLock::held(*dir, "x"));
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    if (child == 0) {
        auto lock = InstanceLock::acquire(*dir, "x");
        char answer = lock ? 'y' : 'n';
        (void)!write(ends[1], &answer, 1);
        pause();
        _exit(0);
    }
    char answer = 0;
    REQUIRE(read(ends[0], &answer, 1) == 1);
    CHECK(answer == 'y');
    CHECK(InstanceLock::held(*dir, "x"));
    CHECK_FALSE(InstanceLock::held(*dir, "y"));
    CHECK(InstanceLock::acquire(*dir, "x").error().err == EWOULDBLOCK);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    CHECK_FALSE(InstanceLock::held(*dir, "x"));
    auto lock = InstanceLock::acquire(*dir, "x");
    REQUIRE(lock);
    lock->remove_files(*dir, "x");
    CHECK(dir->instances().empty());
    CHECK(InstanceLock::acquire(*dir, "x"));
}

TEST_CASE("the socket is private, replaces a stale one, and works in a directory with a long name") {
    PrivateDir private_dir;
    REQUIRE(mkdir(private_dir.path.c_str(), 0700) == 0);
    const std::string deep = private_dir.path + "/" + std::string(200, 'd');
    setenv("UMC_RUNTIME_DIR", deep.c_str(), 1);
    auto dir = RuntimeDir::open(RuntimeDir::Create::yes);
    REQUIRE(dir);
    CHECK(dir->connect("x").error().err == ENOENT);
    { REQUIRE(dir->listen("x")); }
    CHECK(dir->connect("x").error().err == ECONNREFUSED);
    auto listener = dir->listen("x");
    REQUIRE(listener);
    struct stat st;
    REQUIRE(stat(dir->file("x", ".sock").c_str(), &st) == 0);
    CHECK((st.st_mode & 0777) == 0600);
    auto client = dir->connect("x");
    REQUIRE(client);
    CHECK(dir->instances() == std::vector<std::string>{"x"});
}
