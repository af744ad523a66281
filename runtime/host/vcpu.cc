// SPDX-License-Identifier: GPL-2.0-only
#include "host/vcpu.h"

#include <asm/prctl.h>
#include <errno.h>
#include <immintrin.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "host/reactor.h"
#include "seam/vcpu.h"

#ifndef HWCAP2_FSGSBASE
#define HWCAP2_FSGSBASE (1 << 1)
#endif

namespace umc {

namespace {

constexpr std::size_t kSignalStackSize = 256 << 10;
constexpr long long kRetryNs = 100'000;  // after a tick that hit host code

// What a vCPU's thread does, as a wake-up sees it. Awake -> Sleeping by itself; any -> Kicked by a wake-up.
enum State : int { kAwake, kSleeping, kKicked };

struct Vcpu {
    int cpu = 0;
    pthread_t thread{};
    pid_t tid = 0;
    bool joinable = false;
    std::atomic<bool> up{false};  // the thread and its timer exist
    alignas(64) std::atomic<int> state{kAwake};
    Reactor reactor;
    timer_t timer{};
    int wake_fd = -1;  // the reactor's
    stack_t signal_stack{};
    unsigned long gs_base = 0;
};

struct Machine {
    int count = 0;
    long long spin_ns = 0;
    std::string command_line;
    std::deque<Vcpu> vcpus;
    std::mutex mutex;
    std::condition_variable changed;
    bool booted = false;
};

Machine machine;
thread_local Vcpu* self = nullptr;

// A task may go on on another thread after a switch: the address of a thread-local must not be kept across one.
[[gnu::noinline]] Vcpu* current_vcpu() {
    Vcpu* v = self;
    asm volatile("" : "+r"(v));
    return v;
}

int tick_signal() { return SIGRTMIN + 4; }

bool have_fsgsbase() {
    static const bool have = getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE;
    return have;
}

void set_deadline(Vcpu& v, long long deadline_ns) {
    itimerspec spec{};
    spec.it_value = {deadline_ns / 1'000'000'000, deadline_ns % 1'000'000'000};
    timer_settime(v.timer, TIMER_ABSTIME, &spec, nullptr);
}

long long now_ns() {
    timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1'000'000'000LL + ts.tv_nsec;
}

// ---- the tick signal ----

// Code that may have interrupted a sanitizer's runtime must not call it.
#define UMC_UNINSTRUMENTED [[gnu::no_sanitize("thread"), gnu::no_sanitize("address"), gnu::noinline]]

UMC_UNINSTRUMENTED Vcpu* interrupted_vcpu() {
    Vcpu* v = self;
    asm volatile("" : "+r"(v));
    return v;
}

// Host code was interrupted: tries again a little later, or ends the sleep that the vCPU is about to begin.
UMC_UNINSTRUMENTED void try_tick_again(Vcpu* v) {
    if (__atomic_load_n(reinterpret_cast<int*>(&v->state), __ATOMIC_RELAXED) == kSleeping) {
        const std::uint64_t one = 1;
        syscall(SYS_write, v->wake_fd, &one, sizeof one);
        return;
    }
    timespec now;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    long long at = now.tv_sec * 1'000'000'000LL + now.tv_nsec + kRetryNs;
    itimerspec spec{};
    spec.it_value = {at / 1'000'000'000, at % 1'000'000'000};
    timer_settime(v->timer, TIMER_ABSTIME, &spec, nullptr);
}

// Runs on the interrupted task's stack, so that the task can be switched away from in here.
UMC_UNINSTRUMENTED void on_tick(int, siginfo_t* info, void* context) {
    Vcpu* v = interrupted_vcpu();
    if (!v) return;
    auto* uc = static_cast<ucontext_t*>(context);
    int saved = errno;
    int again = umc_kern_vcpu_tick(uc->uc_mcontext.gregs[REG_RIP], uc->uc_mcontext.gregs[REG_RSP],
                                   info->si_code == SI_TIMER);
    Vcpu* after = interrupted_vcpu();
    if (again) try_tick_again(after);
    if (after == v)
        errno = saved;
    else
        uc->uc_stack = after->signal_stack;  // rt_sigreturn installs it: it must be this thread's
}

// The name and the two instructions are what debuggers know a signal frame by.
asm(".text\n"
    ".type __restore_rt, @function\n"
    "nop\n"
    "__restore_rt: mov $15, %rax\n"
    "syscall\n"
    ".size __restore_rt, . - __restore_rt\n");
extern "C" char umc_restore_rt[] asm("__restore_rt");

// Not sigaction(): a sanitizer's would hold the signal back until the thread calls a function it intercepts.
void install_tick_handler() {
    struct {
        void (*handler)(int, siginfo_t*, void*);
        unsigned long flags;
        void* restorer;
        unsigned long mask;
    } action = {on_tick, SA_SIGINFO | SA_RESTART | 0x04000000 /* SA_RESTORER */, umc_restore_rt, 0};
    syscall(SYS_rt_sigaction, tick_signal(), &action, nullptr, sizeof(unsigned long));
}

void block_tick(int how) {
    unsigned long mask = 1ul << (tick_signal() - 1);
    syscall(SYS_rt_sigprocmask, how, &mask, nullptr, sizeof mask);
}

// ---- threads ----

bool prepare_thread(Vcpu& v) {
    self = &v;
    v.tid = gettid();
    char name[16];
    snprintf(name, sizeof name, "umc-vcpu%d", v.cpu);
    pthread_setname_np(pthread_self(), name);
    prctl(PR_SET_TIMERSLACK, 1);  // ns: hrtimers are as exact as the host can make them
    sigaltstack(nullptr, &v.signal_stack);
    // A sanitizer has set one already and wants it back when the thread ends.
    if (v.signal_stack.ss_flags & SS_DISABLE) {
        void* stack = mmap(nullptr, kSignalStackSize, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
        if (stack == MAP_FAILED) return false;
        v.signal_stack = {};
        v.signal_stack.ss_sp = stack;
        v.signal_stack.ss_size = kSignalStackSize;
        sigaltstack(&v.signal_stack, nullptr);
    }
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = tick_signal();
    event._sigev_un._tid = v.tid;
    if (timer_create(CLOCK_MONOTONIC, &event, &v.timer)) return false;
    block_tick(SIG_UNBLOCK);
    v.up.store(true, std::memory_order_release);
    return true;
}

void finish_thread(Vcpu& v) {
    block_tick(SIG_BLOCK);
    v.up.store(false, std::memory_order_release);
    timer_delete(v.timer);
    self = nullptr;
}

void* boot_thread(void* arg) {
    auto& v = *static_cast<Vcpu*>(arg);
    if (!prepare_thread(v)) umc_host_abort("vCPU 0: no timer or signal stack");
    umc_kern_boot(machine.command_line.c_str());
    finish_thread(v);
    return nullptr;
}

void* secondary_thread(void* arg) {
    auto& v = *static_cast<Vcpu*>(arg);
    umc_host_vcpu_set_gs(v.gs_base);
    if (!prepare_thread(v)) umc_host_abort("vCPU: no timer or signal stack");
    umc_kern_vcpu_main(v.cpu);
    finish_thread(v);
    return nullptr;
}

// Signals of the process are for its other threads, the tick for the thread when it is ready.
int start_thread(Vcpu& v, void* (*entry)(void*)) {
    sigset_t all, old;
    sigfillset(&all);
    for (int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT}) sigdelset(&all, fault);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    block_tick(SIG_BLOCK);
    int err = pthread_create(&v.thread, nullptr, entry, &v);
    pthread_sigmask(SIG_SETMASK, &old, nullptr);
    v.joinable = !err;
    return err;
}

int allowed_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set)) return 1;
    return CPU_COUNT(&set);
}

}  // namespace

Result<> vcpus_start(int cpus, const std::string& command_line) {
    if (machine.count) return fail(EBUSY, "an instance runs in this process already");
    machine.count = cpus > 0 ? cpus : allowed_cpus();
    machine.command_line = command_line;
    for (int i = 0; i < machine.count; ++i) {
        auto& v = machine.vcpus.emplace_back();
        v.cpu = i;
        if (auto opened = v.reactor.open(); !opened) return opened;
        v.wake_fd = v.reactor.wake_fd();
    }
    install_tick_handler();
    if (int err = start_thread(machine.vcpus[0], boot_thread)) return fail(err, "cannot start the first vCPU's thread");
    std::unique_lock lock(machine.mutex);
    machine.changed.wait(lock, [] { return machine.booted; });
    return {};
}

void vcpus_stop() {
    if (!machine.count) return;
    umc_kern_shutdown();
    for (auto& v : machine.vcpus)
        if (v.joinable) pthread_join(v.thread, nullptr);
}

Reactor& vcpu_reactor(int cpu) { return machine.vcpus[cpu].reactor; }

int vcpu_tick_signal() { return tick_signal(); }

bool vcpu_current_thread() { return current_vcpu() != nullptr; }

}  // namespace umc

using umc::machine;

extern "C" {

int umc_host_vcpu_count(void) { return machine.count; }

void umc_host_vcpu_set_gs(unsigned long gs_base) {
    if (umc::have_fsgsbase())
        _writegsbase_u64(gs_base);
    else
        syscall(SYS_arch_prctl, ARCH_SET_GS, gs_base);
}

int umc_host_vcpu_start(int cpu, unsigned long gs_base) {
    auto& v = machine.vcpus[cpu];
    v.gs_base = gs_base;
    return -umc::start_thread(v, umc::secondary_thread);
}

void umc_host_boot_done(void) {
    std::lock_guard lock(machine.mutex);
    machine.booted = true;
    machine.changed.notify_all();
}

void umc_host_vcpu_idle(int cpu, long long deadline_ns) {
    auto& v = machine.vcpus[cpu];
    if (machine.spin_ns > 0) {
        long long until = umc::now_ns() + machine.spin_ns;
        if (deadline_ns >= 0 && deadline_ns < until) until = deadline_ns;
        while (v.state.load(std::memory_order_relaxed) == umc::kAwake && umc::now_ns() < until) _mm_pause();
    }
    int expected = umc::kAwake;
    if (!v.state.compare_exchange_strong(expected, umc::kSleeping)) {
        v.state.store(umc::kAwake);
        v.reactor.run(0);
        return;
    }
    v.reactor.run(deadline_ns == 0 ? 1 : deadline_ns);
    v.state.exchange(umc::kAwake);
}

void umc_host_vcpu_poll(int cpu) { machine.vcpus[cpu].reactor.run(0); }

void umc_host_vcpu_kick(int cpu) {
    auto& v = machine.vcpus[cpu];
    if (v.state.exchange(umc::kKicked) == umc::kSleeping) v.reactor.wake();
}

void umc_host_vcpu_interrupt(int cpu) {
    auto& v = machine.vcpus[cpu];
    if (v.up.load(std::memory_order_acquire)) syscall(SYS_tgkill, getpid(), v.tid, umc::tick_signal());
}

void umc_host_vcpu_set_deadline(int cpu, long long deadline_ns) {
    umc::set_deadline(machine.vcpus[cpu], deadline_ns < 0 ? 0 : deadline_ns);
}

void umc_host_vcpu_tick_unblock(void) { umc::block_tick(SIG_UNBLOCK); }

void umc_host_vcpu_yield(void) { sched_yield(); }
}
