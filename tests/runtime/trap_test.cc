// SPDX-License-Identifier: GPL-2.0-only
// Which faults reach kern and how it steers execution; what host faults do; live patching under fire.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#define DOCTEST_CONFIG_NO_POSIX_SIGNALS  // it would take ours away
#include "host/trap.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asm/prctl.h>
#include <atomic>
#include <cstring>
#include <string>
#include <thread>

#include "host/text_poke.h"
#include "seam/memory.h"
#include "seam/trap.h"
#include "seam/vcpu.h"

namespace {

struct Seen {
    int count = 0;
    umc_trap trap;
    unsigned long address;
    umc_regs regs;
};
Seen g_seen;
volatile int* volatile g_nowhere = reinterpret_cast<int*>(8);
unsigned long g_resume;  // where umc_kern_trap sends execution; 0: it gives up

// Stands for kern's text: everything between the two labels.
extern "C" char fake_kern_begin[], fake_kern_end[];
extern "C" long fake_kern_read(const long* p);
extern "C" long fake_kern_divide(long a, long b);
extern "C" void fake_kern_ud2();
extern "C" void fake_kern_call(void* target);
extern "C" char fake_kern_after[];
asm(R"(
    .text
    .globl fake_kern_begin, fake_kern_end, fake_kern_read, fake_kern_divide, fake_kern_ud2, fake_kern_call
    .globl fake_kern_after
fake_kern_begin:
fake_kern_read:    mov (%rdi), %rax; ret
fake_kern_divide:  mov %rdi, %rax; cqo; idiv %rsi; ret
fake_kern_ud2:     ud2; ret
fake_kern_call:    sub $8, %rsp; call *%rdi; add $8, %rsp; ret
fake_kern_after:   mov $-14, %rax; ret
fake_kern_end:
)");

// Runs f as on a vCPU: with a %gs base.
template <typename F>
void as_vcpu(F f) {
    static char region[4096];
    syscall(SYS_arch_prctl, ARCH_SET_GS, region);
    f();
    syscall(SYS_arch_prctl, ARCH_SET_GS, 0);
}

template <typename F>
int status_of_child(F f) {
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 2);
        alarm(20);
        f();
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    return status;
}

struct Installed {
    Installed() { umc::install_trap_handlers(); }
} g_installed;

}  // namespace

extern "C" int umc_kern_trap(umc_trap trap, unsigned long address, umc_regs* regs) {
    g_seen = {g_seen.count + 1, trap, address, *regs};
    if (!g_resume) return 0;
    regs->ip = g_resume;
    return 1;
}
extern "C" void umc_kern_text_bounds(unsigned long* begin, unsigned long* end) {
    *begin = reinterpret_cast<unsigned long>(fake_kern_begin);
    *end = reinterpret_cast<unsigned long>(fake_kern_end);
}
extern "C" void umc_host_abort(const char*) { abort(); }

TEST_CASE("faults of kernel-side code on a vCPU reach kern") {
    g_resume = reinterpret_cast<unsigned long>(fake_kern_after);
    as_vcpu([] {
        g_seen.count = 0;
        CHECK(fake_kern_read(reinterpret_cast<long*>(24)) == -14);
        CHECK(g_seen.count == 1);
        CHECK(g_seen.trap == UMC_TRAP_PAGE);
        CHECK(g_seen.address == 24);
        CHECK(g_seen.regs.ip == reinterpret_cast<unsigned long>(fake_kern_read));
        CHECK(g_seen.regs.di == 24);
        CHECK((g_seen.regs.orig_ax & 7) == 0);  // not present, read, not from user mode

        CHECK(fake_kern_read(reinterpret_cast<long*>(0x4141414141414141)) == -14);
        CHECK(g_seen.trap == UMC_TRAP_GENERAL);

        CHECK(fake_kern_divide(1, 0) == -14);
        CHECK(g_seen.trap == UMC_TRAP_DIVIDE);
        CHECK(fake_kern_divide(42, 2) == 21);

        fake_kern_ud2();
        CHECK(g_seen.trap == UMC_TRAP_INVALID);
        CHECK(g_seen.regs.ip == reinterpret_cast<unsigned long>(fake_kern_ud2));

        // A call to nowhere: the return address is kernel-side.
        fake_kern_call(reinterpret_cast<void*>(0x30));
        CHECK(g_seen.regs.ip == 0x30);
        CHECK(g_seen.count == 5);
    });
}

TEST_CASE("any other fault ends the process with its signal") {
    g_resume = reinterpret_cast<unsigned long>(fake_kern_after);
    // The same code on a thread that is no vCPU.
    int status = status_of_child([] { fake_kern_read(reinterpret_cast<long*>(24)); });
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGSEGV);
    // Host code on a vCPU.
    status = status_of_child([] { as_vcpu([] { *g_nowhere = 1; }); });
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGSEGV);
    // Sent, not caused.
    status = status_of_child([] { as_vcpu([] { raise(SIGILL); }); });
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGILL);
    // A breakpoint nobody knows.
    status = status_of_child([] { asm volatile("int3"); });
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGTRAP);
    // kern cannot go on.
    status = status_of_child([] {
        g_resume = 0;
        as_vcpu([] { fake_kern_ud2(); });
    });
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGILL);
}

TEST_CASE("the instructions that patching writes are emulated exactly") {
    unsigned long stack[2] = {0, 0x5555};
    auto fresh = [&] {
        umc_regs regs = {};
        regs.ip = 0x1001;
        regs.sp = reinterpret_cast<unsigned long>(&stack[1]);
        regs.ax = 7;
        return regs;
    };
    auto run = [&](std::initializer_list<std::uint8_t> code, umc_regs& regs) {
        return umc::emulate_instruction(code.begin(), code.size(), 0x1000, regs);
    };
    umc_regs regs = fresh();
    CHECK(run({0xe9, 0x10, 0, 0, 0}, regs));
    CHECK(regs.ip == 0x1015);
    CHECK(run({0xeb, 0xf0}, regs));
    CHECK(regs.ip == 0x0ff2);
    CHECK(run({0x0f, 0x1f, 0x44, 0, 0}, regs));
    CHECK(regs.ip == 0x1005);
    CHECK(run({0x66, 0x90}, regs));
    CHECK(regs.ip == 0x1002);
    regs = fresh();
    CHECK(run({0xe8, 0, 1, 0, 0}, regs));
    CHECK(regs.ip == 0x1105);
    CHECK(regs.sp == reinterpret_cast<unsigned long>(&stack[0]));
    CHECK(stack[0] == 0x1005);
    regs = fresh();
    CHECK(run({0xc3, 0xcc, 0xcc, 0xcc, 0xcc}, regs));
    CHECK(regs.ip == 0x5555);
    regs = fresh();
    CHECK(run({0x2e, 0x2e, 0x2e, 0x31, 0xc0}, regs));
    CHECK(regs.ax == 0);
    CHECK(regs.ip == 0x1005);
    regs.flags = 0x40;  // equal
    CHECK(run({0x0f, 0x84, 0x10, 0, 0, 0}, regs));
    CHECK(regs.ip == 0x1016);
    CHECK(run({0x0f, 0x85, 0x10, 0, 0, 0}, regs));
    CHECK(regs.ip == 0x1006);
    regs.flags = 0x80;  // negative: less, not greater
    CHECK(run({0x0f, 0x8c, 0x10, 0, 0, 0}, regs));
    CHECK(regs.ip == 0x1016);
    CHECK(run({0x0f, 0x8f, 0x10, 0, 0, 0}, regs));
    CHECK(regs.ip == 0x1006);
    CHECK_FALSE(run({0x48, 0x89, 0xc0}, regs));
}

TEST_CASE("a branch is patched 20000 times while two threads execute it") {
    auto page = static_cast<unsigned char*>(
        mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    REQUIRE(page != MAP_FAILED);
    // nop5 at an odd place across a cache line; then: mov $1, %eax; ret, or at +16 mov $2, %eax; ret.
    unsigned char* site = page + 61;
    const unsigned char nop[] = {0x0f, 0x1f, 0x44, 0x00, 0x00};
    const unsigned char jump[] = {0xe9, 11, 0, 0, 0};
    const unsigned char one[] = {0xb8, 1, 0, 0, 0, 0xc3}, two[] = {0xb8, 2, 0, 0, 0, 0xc3};
    std::memcpy(site, nop, 5);
    std::memcpy(site + 5, one, 6);
    std::memcpy(site + 16, two, 6);
    REQUIRE(mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0);
    auto function = reinterpret_cast<int (*)()>(site);
    CHECK(function() == 1);
    umc_host_text_poke(reinterpret_cast<unsigned long>(site), jump, 5);
    CHECK(function() == 2);

    std::atomic<bool> stop{false};
    std::atomic<long> wrong{0}, ones{0}, twos{0};
    auto spin = [&] {
        while (!stop) {
            int result = function();
            (result == 1 ? ones : result == 2 ? twos : wrong)++;
        }
    };
    std::thread first(spin), second(spin);
    for (int i = 0; i < 10000; i++) {
        umc_host_text_poke(reinterpret_cast<unsigned long>(site), nop, 5);
        umc_host_text_poke(reinterpret_cast<unsigned long>(site), jump, 5);
    }
    stop = true;
    first.join();
    second.join();
    CHECK(wrong == 0);
    CHECK(ones > 0);
    CHECK(twos > 0);
    munmap(page, 4096);
}
