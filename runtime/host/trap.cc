// SPDX-License-Identifier: GPL-2.0-only
// Signal handlers: whose fault is it, and who deals with it.
#include "host/trap.h"

#include <dlfcn.h>
#include <immintrin.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <asm/prctl.h>
#include <cstdlib>
#include <initializer_list>

#include "host/symbolize.h"
#include "host/symbolize_worker.h"
#include "host/text_poke.h"
#include "host/trap_slot_names.h"
#include "host/unwind.h"
#include "seam/trap.h"

namespace umc {
namespace {

constexpr std::initializer_list<int> kSignals = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
constexpr int kMaxNesting = 4;  // faults inside umc_kern_trap(): probes of memory, then an oops in the report

struct sigaction g_previous[NSIG];
bool g_fsgsbase = false;
thread_local int t_nesting = 0;

// Only vCPU threads have a %gs base: their per-CPU region.
bool on_vcpu() {
    if (g_fsgsbase) return _readgsbase_u64() != 0;
    unsigned long base = 0;
    syscall(SYS_arch_prctl, ARCH_GET_GS, &base);
    return base != 0;
}

bool is_kernel_side(unsigned long ip) {
    unsigned long begin, end;
    umc_kern_text_bounds(&begin, &end);
    return (ip >= begin && ip < end) || is_module_code(ip);
}

bool holds_code(unsigned long ip) {
    dl_find_object object;
    return _dl_find_object(reinterpret_cast<void*>(ip), &object) == 0;
}

// Kernel-side code, or a place without code that such code has called.
bool is_kern_fault(const umc_regs& regs) {
    if (is_kernel_side(regs.ip)) return true;
    if (holds_code(regs.ip) && !umc_host_trap_slot_name(regs.ip)) return false;
    std::uint64_t caller = 0;
    return read_nofault(&caller, regs.sp, sizeof(caller)) == sizeof(caller) && is_kernel_side(caller);
}

void load_regs(const ucontext_t& context, umc_regs& regs) {
    const greg_t* g = context.uc_mcontext.gregs;
    auto get = [&](int n) { return static_cast<unsigned long>(g[n]); };
    regs = {get(REG_R15), get(REG_R14), get(REG_R13), get(REG_R12), get(REG_RBP), get(REG_RBX), get(REG_R11),
            get(REG_R10), get(REG_R9),  get(REG_R8),  get(REG_RAX), get(REG_RCX), get(REG_RDX), get(REG_RSI),
            get(REG_RDI), get(REG_ERR) & ~4ul /* user mode */,      get(REG_RIP), get(REG_CSGSFS) & 0xffff,
            get(REG_EFL), get(REG_RSP), get(REG_CSGSFS) >> 48};
}

// Selectors stay as they are: kern may have shown itself its own.
void store_regs(const umc_regs& regs, ucontext_t& context) {
    greg_t* g = context.uc_mcontext.gregs;
    auto set = [&](int n, unsigned long value) { g[n] = static_cast<greg_t>(value); };
    set(REG_R15, regs.r15); set(REG_R14, regs.r14); set(REG_R13, regs.r13); set(REG_R12, regs.r12);
    set(REG_R11, regs.r11); set(REG_R10, regs.r10); set(REG_R9, regs.r9);   set(REG_R8, regs.r8);
    set(REG_RAX, regs.ax);  set(REG_RBX, regs.bx);  set(REG_RCX, regs.cx);  set(REG_RDX, regs.dx);
    set(REG_RSI, regs.si);  set(REG_RDI, regs.di);  set(REG_RBP, regs.bp);  set(REG_RSP, regs.sp);
    set(REG_RIP, regs.ip);  set(REG_EFL, regs.flags);
}

umc_trap kind_of(int signal, const ucontext_t& context) {
    constexpr greg_t kPageFault = 14;
    switch (signal) {
        case SIGFPE: return UMC_TRAP_DIVIDE;
        case SIGILL: return UMC_TRAP_INVALID;
        case SIGTRAP: return UMC_TRAP_BREAK;
        default: return context.uc_mcontext.gregs[REG_TRAPNO] == kPageFault ? UMC_TRAP_PAGE : UMC_TRAP_GENERAL;
    }
}

// Hands the signal on to whoever had it before us, or to the default action: a core dump. A fault simply happens again.
void give_up(int signal, const siginfo_t& info) {
    sigaction(signal, &g_previous[signal], nullptr);
    bool happens_again = info.si_code > 0 && signal != SIGTRAP;
    if (!happens_again) {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, signal);
        pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
        syscall(SYS_tgkill, getpid(), gettid(), signal);
    }
}

void handle_trap(int signal, siginfo_t* info, void* raw_context) {
    auto& context = *static_cast<ucontext_t*>(raw_context);
    umc_regs regs;
    load_regs(context, regs);
    const char* note = nullptr;

    bool is_trap = info->si_code > 0;  // not from kill(2)
    if (is_trap && signal == SIGTRAP && handle_text_poke_breakpoint(regs)) {
        store_regs(regs, context);
        return;
    }
    if (is_trap && on_vcpu() && is_kern_fault(regs)) {
        if (t_nesting < kMaxNesting) {
            t_nesting++;
            umc_trap trap = kind_of(signal, context);
            auto address = static_cast<unsigned long>(context.uc_mcontext.gregs[REG_CR2]);
            int handled = umc_kern_trap(trap, trap == UMC_TRAP_PAGE ? address : 0, &regs);
            t_nesting--;
            if (handled) {
                store_regs(regs, context);
                return;
            }
            note = "in kernel-side code that cannot be ended";
        } else {
            note = "while a trap was being handled";
        }
    }
    report_host_crash(signal, info, raw_context, note);
    give_up(signal, *info);
}

}  // namespace

void install_trap_handlers() {
    constexpr unsigned long kHwcap2Fsgsbase = 2;
    g_fsgsbase = getauxval(AT_HWCAP2) & kHwcap2Fsgsbase;
    // A report must not wait for the network.
    unsetenv("DEBUGINFOD_URLS");
    register_program_code();
    protect_kern_trap_slots();
    prepare_text_poke();
    start_line_thread();

    struct sigaction action = {};
    action.sa_sigaction = handle_trap;
    // NODEFER: kern probes memory while it handles a trap. Everything else waits, the tick above all.
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigfillset(&action.sa_mask);
    for (int signal : kSignals) sigdelset(&action.sa_mask, signal);
    for (int signal : kSignals) sigaction(signal, &action, &g_previous[signal]);
}

}  // namespace umc
