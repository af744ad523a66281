// SPDX-License-Identifier: GPL-2.0-only
// Backtraces by CFI, frame pointers and ORC, through signal frames, and over stacks that make no sense.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "host/unwind.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include "host/symbolize.h"
#include "host/unwind_orc.h"
#include "seam/trap.h"

using namespace umc;

namespace {

umc_frame g_frames[64];
int g_count;

umc_regs regs_of(const ucontext_t& context) {
    const greg_t* g = context.uc_mcontext.gregs;
    umc_regs regs = {};
    regs.ip = g[REG_RIP];
    regs.sp = g[REG_RSP];
    regs.bp = g[REG_RBP];
    regs.bx = g[REG_RBX];
    regs.r10 = g[REG_R10];
    regs.r12 = g[REG_R12];
    regs.r13 = g[REG_R13];
    regs.r14 = g[REG_R14];
    regs.r15 = g[REG_R15];
    return regs;
}

std::vector<std::string> names() {
    register_program_code();
    std::vector<std::string> result;
    for (int i = 0; i < g_count; i++) {
        char text[256];
        umc_host_symbolize_name(g_frames[i].ip, g_frames[i].exact, text, sizeof(text));
        result.emplace_back(text, strcspn(text, "+"));
    }
    return result;
}

void on_signal(int, siginfo_t*, void* context) {
    umc_regs regs = regs_of(*static_cast<ucontext_t*>(context));
    g_count = umc_host_unwind(&regs, 0, 0, g_frames, 64);
}

void from_inside_a_handler(int) {
    ucontext_t context;
    getcontext(&context);
    umc_regs regs = regs_of(context);
    g_count = umc_host_unwind(&regs, 0, 0, g_frames, 64);
}

}  // namespace

extern "C" {
__attribute__((noinline)) int unwind_test_leaf(int signal) {
    raise(signal);
    asm volatile("" ::: "memory");
    return signal + 1;
}
__attribute__((noinline, optimize("omit-frame-pointer"))) int unwind_test_middle(int signal) {
    volatile char room[200];
    room[0] = 1;
    return unwind_test_leaf(signal) + room[0];
}
__attribute__((noinline)) int unwind_test_outer(int signal) {
    volatile int result = unwind_test_middle(signal);
    return result;
}
// Faults at once, before its prologue could have run.
void unwind_test_trap();
asm(".text; .type unwind_test_trap, @function; unwind_test_trap: .cfi_startproc; ud2; ret; .cfi_endproc;"
    ".size unwind_test_trap, . - unwind_test_trap");
__attribute__((noinline)) void unwind_test_caller() {
    unwind_test_trap();
    asm volatile("" ::: "memory");
}
}

static bool in_order(const std::vector<std::string>& all, std::initializer_list<const char*> wanted) {
    auto at = all.begin();
    for (const char* name : wanted) {
        while (at != all.end() && *at != name) ++at;
        if (at == all.end()) return false;
        ++at;
    }
    return true;
}

static void handle(int signal, void (*handler)(int, siginfo_t*, void*)) {
    struct sigaction action = {};
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO;
    sigaction(signal, &action, nullptr);
}

TEST_CASE("through libc and functions without a frame pointer") {
    handle(SIGUSR1, on_signal);
    unwind_test_outer(SIGUSR1);
    CHECK(in_order(names(), {"unwind_test_leaf", "unwind_test_middle", "unwind_test_outer", "main"}));
}

TEST_CASE("through a signal frame") {
    struct sigaction action = {};
    action.sa_handler = from_inside_a_handler;
    sigaction(SIGUSR2, &action, nullptr);
    unwind_test_outer(SIGUSR2);
    CHECK(in_order(names(), {"unwind_test_leaf", "unwind_test_middle", "unwind_test_outer", "main"}));
}

// A restorer without any description, as sanitizer-proof handlers use.
asm(".text; nop; bare_restorer: mov $15, %rax; syscall; nop");
extern "C" char bare_restorer_address[] asm("bare_restorer");

TEST_CASE("through a signal frame whose restorer has no CFI") {
    struct {
        void (*handler)(int);
        unsigned long flags;
        void* restorer;
        unsigned long mask;
    } action = {from_inside_a_handler, 0x04000000 /* SA_RESTORER */, bare_restorer_address, 0}, old;
    REQUIRE(syscall(SYS_rt_sigaction, SIGUSR2, &action, &old, 8) == 0);
    unwind_test_outer(SIGUSR2);
    CHECK(in_order(names(), {"unwind_test_leaf", "unwind_test_middle", "unwind_test_outer", "main"}));
}

TEST_CASE("from the first instruction of a function") {
    handle(SIGILL, [](int, siginfo_t*, void* context) {
        on_signal(0, nullptr, context);
        static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP] += 2;
    });
    unwind_test_caller();
    auto all = names();
    REQUIRE(all.size() > 2);
    CHECK(all[0] == "unwind_test_trap");
    CHECK(all[1] == "unwind_test_caller");
    CHECK(g_frames[0].exact);
    CHECK_FALSE(g_frames[1].exact);
    signal(SIGILL, SIG_DFL);
}

TEST_CASE("a call to nowhere") {
    static void (*volatile nowhere)() = nullptr;
    static ucontext_t back;
    static volatile bool returned = false;
    handle(SIGSEGV, [](int, siginfo_t*, void* context) {
        on_signal(0, nullptr, context);
        returned = true;
        // Return to the caller as the called function would.
        greg_t* g = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
        std::memcpy(&g[REG_RIP], reinterpret_cast<void*>(g[REG_RSP]), 8);
        g[REG_RSP] += 8;
    });
    (void)back;
    nowhere();
    REQUIRE(returned);
    CHECK(g_frames[0].ip == 0);
    CHECK(in_order(names(), {"main"}));
    signal(SIGSEGV, SIG_DFL);
}

TEST_CASE("a stack that makes no sense ends the walk") {
    std::uint64_t junk[16];
    for (auto& word : junk) word = 0x4141414141414141;
    umc_regs regs = {};
    regs.ip = 0x4141414141414141;
    regs.sp = reinterpret_cast<unsigned long>(junk);
    regs.bp = regs.sp;
    g_count = umc_host_unwind(&regs, regs.sp, regs.sp + sizeof(junk), g_frames, 64);
    CHECK(g_count >= 1);
    CHECK(g_count < 20);
    regs.sp = regs.bp = 8;
    g_count = umc_host_unwind(&regs, 0, 0, g_frames, 64);
    CHECK(g_count == 1);
}

TEST_CASE("frame pointers where there is nothing else") {
    // Three frames by hand: addresses that no table knows.
    std::uint64_t stack[8] = {0x7000000000000001, 0, 0x7000000000000002, 0, 0, 0, 0, 0};
    auto at = [&](int n) { return reinterpret_cast<std::uint64_t>(&stack[n]); };
    stack[1] = at(3);
    stack[2] = 0x7000000000000002;
    stack[3] = 0;
    stack[4] = 0;
    umc_regs regs = {};
    regs.ip = 0x7000000000000000;
    regs.sp = at(0);
    regs.bp = at(1);
    g_count = umc_host_unwind(&regs, at(0), at(0) + sizeof(stack), g_frames, 64);
    REQUIRE(g_count == 3);
    CHECK(g_frames[1].ip == 0x7000000000000001);
    CHECK(g_frames[2].ip == 0x7000000000000002);
}

TEST_CASE("ORC: the rules of a call frame") {
    OrcTable table;
    table.addresses = {0x1000, 0x1010, 0x1020};
    OrcEntry entry{};
    entry.sp_reg = 5;  // sp + 16
    entry.sp_offset = 16;
    entry.bp_reg = 1;  // saved below the caller's stack pointer
    entry.bp_offset = -16;
    table.entries = {entry, entry, OrcEntry{}};
    CHECK(table.find(0xfff) == nullptr);
    CHECK(table.find(0x100f) == &table.entries[0]);
    CHECK(table.find(0x1010) == &table.entries[1]);

    std::uint64_t words[] = {0xbbbb, 0xcccc, 0xdddd};
    auto low = reinterpret_cast<std::uint64_t>(words);
    StackReader stack(low, low + sizeof(words));
    Frame frame;
    frame.set(kRip, 0x1004);
    frame.set(kRsp, low);
    frame.set(kRbp, 0x1234);
    CHECK(step_orc(table.entries[0], stack, frame) == Step::kCaller);
    CHECK(frame.ip() == 0xcccc);
    CHECK(frame.sp() == low + 16);
    CHECK(frame.reg[kRbp] == 0xbbbb);
    CHECK(step_orc(table.entries[2], stack, frame) == Step::kUnknown);
}

TEST_CASE("memory that is not there") {
    char buffer[16] = "unchanged";
    CHECK(read_nofault(buffer, 8, 8) == 0);
    CHECK(std::string(buffer) == "unchanged");
    CHECK(read_nofault(buffer, reinterpret_cast<std::uint64_t>("hello"), 6) == 6);
    CHECK(std::string(buffer) == "hello");
}
