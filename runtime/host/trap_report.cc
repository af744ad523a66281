// SPDX-License-Identifier: GPL-2.0-only
// What is printed when host code itself faults, before the core dump.
#include <fmt/format.h>
#include <signal.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstring>

#include "host/trap.h"
#include "seam/log.h"
#include "seam/trap.h"

namespace umc {
namespace {

template <typename... Args>
void line(fmt::format_string<Args...> format, Args&&... args) {
    char text[256];
    auto result = fmt::format_to_n(text, sizeof(text) - 1, format, std::forward<Args>(args)...);
    std::size_t length = std::min<std::size_t>(result.size, sizeof(text) - 1);
    text[length++] = '\n';
    umc_host_log_emergency(text, length);
}

}  // namespace

void report_host_crash(int signal, const void* raw_info, const void* raw_context, const char* note) {
    auto& info = *static_cast<const siginfo_t*>(raw_info);
    const greg_t* g = static_cast<const ucontext_t*>(raw_context)->uc_mcontext.gregs;
    const char* name = sigabbrev_np(signal);
    if (info.si_code <= 0) {
        line("umc: SIG{} sent by process {}", name ? name : "?", info.si_pid);
        return;
    }
    line("umc: SIG{} at address {:#x} in thread {} {}", name ? name : "?",
         reinterpret_cast<unsigned long>(info.si_addr), gettid(), note ? note : "in host code");
    struct { const char* name; int index; } const registers[] = {
        {"rip", REG_RIP}, {"rsp", REG_RSP}, {"rbp", REG_RBP}, {"rax", REG_RAX}, {"rbx", REG_RBX}, {"rcx", REG_RCX},
        {"rdx", REG_RDX}, {"rsi", REG_RSI}, {"rdi", REG_RDI}, {"r8 ", REG_R8},  {"r9 ", REG_R9},  {"r10", REG_R10},
        {"r11", REG_R11}, {"r12", REG_R12}, {"r13", REG_R13}, {"r14", REG_R14}, {"r15", REG_R15}, {"err", REG_ERR}};
    for (std::size_t i = 0; i < std::size(registers); i += 3) {
        auto at = [&](std::size_t n) { return static_cast<unsigned long>(g[registers[n].index]); };
        line("  {} {:016x}  {} {:016x}  {} {:016x}", registers[i].name, at(i), registers[i + 1].name, at(i + 1),
             registers[i + 2].name, at(i + 2));
    }
    umc_regs regs = {};
    regs.bx = g[REG_RBX];
    regs.bp = g[REG_RBP];
    regs.r12 = g[REG_R12];
    regs.r13 = g[REG_R13];
    regs.r14 = g[REG_R14];
    regs.r15 = g[REG_R15];
    regs.ip = g[REG_RIP];
    regs.sp = g[REG_RSP];
    umc_frame frames[64];
    int count = umc_host_unwind(&regs, 0, 0, frames, 64);
    for (int i = 0; i < count; i++) {
        char text[200];
        umc_host_symbolize_name(frames[i].ip, frames[i].exact, text, sizeof(text));
        line("  {}", static_cast<const char*>(text));
    }
}

}  // namespace umc
