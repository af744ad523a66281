// SPDX-License-Identifier: GPL-2.0-only
// Chooses how to take each step of a backtrace, and reads memory safely.
#include "host/unwind.h"

#include <sys/uio.h>
#include <unistd.h>

#include <cstring>

#include "host/symbolize_images.h"
#include "seam/trap.h"

namespace umc {

std::size_t read_nofault(void* to, std::uint64_t from, std::size_t size) {
    static const pid_t pid = getpid();
    iovec local{to, size};
    iovec remote{reinterpret_cast<void*>(from), size};
    ssize_t got = process_vm_readv(pid, &local, 1, &remote, 1, 0);
    if (got == static_cast<ssize_t>(size)) return size;
    // A range that ends in an unmapped page may be refused as a whole: take what lies before the page boundary.
    std::size_t head = 4096 - (from & 4095);
    if (head >= size) return got > 0 ? static_cast<std::size_t>(got) : 0;
    local.iov_len = remote.iov_len = head;
    got = process_vm_readv(pid, &local, 1, &remote, 1, 0);
    return got > 0 ? static_cast<std::size_t>(got) : 0;
}

__attribute__((no_sanitize("address", "thread"))) bool StackReader::read(std::uint64_t address,
                                                                         std::uint64_t& value) const {
    if (address >= low_ && address < high_ && high_ - address >= sizeof(value)) {
        value = *reinterpret_cast<const volatile std::uint64_t __attribute__((aligned(1)))*>(address);
        return true;
    }
    return read_nofault(&value, address, sizeof(value)) == sizeof(value);
}

namespace {

// The standard prologue: rbp points at the saved rbp, the return address lies above.
Step step_frame_pointer(const StackReader& stack, Frame& frame) {
    std::uint64_t bp = frame.reg[kRbp], caller_bp, ip;
    if (!frame.has(kRbp) || bp % 8 != 0 || bp < frame.sp() || bp - frame.sp() > 1 << 16) return Step::kUnknown;
    if (!stack.read(bp, caller_bp) || !stack.read(bp + 8, ip)) return Step::kUnknown;
    frame.known = 0;
    frame.set(kRip, ip);
    frame.set(kRsp, bp + 16);
    frame.set(kRbp, caller_bp);
    frame.interrupted = false;
    return Step::kCaller;
}

// The call that led to an address without code: its return address is on top of the stack.
Step step_wild_call(const StackReader& stack, Frame& frame) {
    std::uint64_t ip;
    if (!stack.read(frame.sp(), ip)) return Step::kUnknown;
    frame.reg[kRip] = ip;
    frame.reg[kRsp] += 8;
    frame.interrupted = false;
    return Step::kCaller;
}

// A signal handler's return address whose code nobody describes: mov $15, %rax; syscall. The frame is the kernel's.
Step step_signal_return(const StackReader& stack, Frame& frame) {
    static constexpr unsigned char kCode[] = {0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05};
    unsigned char code[sizeof(kCode)];
    if (frame.interrupted || read_nofault(code, frame.ip(), sizeof(code)) != sizeof(code) ||
        std::memcmp(code, kCode, sizeof(code)) != 0)
        return Step::kUnknown;
    // ucontext_t: flags, link, stack (24), then the registers in this order.
    constexpr unsigned kOrder[] = {8, 9, 10, 11, 12, 13, 14, 15, kRdi, kRsi, kRbp, kRbx, kRdx, kRax, kRcx, kRsp, kRip};
    Frame caller;
    std::uint64_t at = frame.sp() + 40, value;
    for (unsigned n : kOrder) {
        if (!stack.read(at, value)) return Step::kUnknown;
        caller.set(n, value);
        at += 8;
    }
    frame = caller;
    return Step::kCaller;
}

Step step(const StackReader& stack, Frame& frame, bool first) {
    {
        CodeMapReader map;
        const PlacedCode* code = map.find(frame.lookup_ip());
        if (code && !code->orc.empty()) {
            const OrcEntry* orc = code->orc.find(frame.lookup_ip());
            if (orc) {
                Step result = step_orc(*orc, stack, frame);
                if (result != Step::kUnknown) return result;
            }
            return step_frame_pointer(stack, frame);
        }
    }
    Step result = step_cfi(stack, frame);
    if (result != Step::kUnknown) return result;
    result = step_signal_return(stack, frame);
    if (result != Step::kUnknown) return result;
    // Neither registered nor known to the dynamic linker: on top of the stack that is a jump to nowhere.
    if (first) return step_wild_call(stack, frame);
    return step_frame_pointer(stack, frame);
}

Frame initial_frame(const umc_regs& regs) {
    Frame frame;
    const std::uint64_t values[17] = {regs.ax, regs.dx, regs.cx, regs.bx,  regs.si,  regs.di,
                                      regs.bp, regs.sp, regs.r8, regs.r9,  regs.r10, regs.r11,
                                      regs.r12, regs.r13, regs.r14, regs.r15, regs.ip};
    for (unsigned n = 0; n < 17; n++) frame.set(n, values[n]);
    return frame;
}

}  // namespace
}  // namespace umc

extern "C" int umc_host_unwind(const umc_regs* regs, unsigned long stack_low, unsigned long stack_high,
                               umc_frame* frames, int max) {
    umc::StackReader stack(stack_low, stack_high);
    umc::Frame frame = umc::initial_frame(*regs);
    int count = 0;
    while (count < max) {
        frames[count++] = {frame.ip(), frame.interrupted};
        std::uint64_t sp = frame.sp();
        bool was_interrupted = frame.interrupted;
        if (umc::step(stack, frame, count == 1) != umc::Step::kCaller || frame.ip() == 0) break;
        // Progress; only what an interruption left behind may lie on another stack.
        if (frame.sp() <= sp && !was_interrupted && !frame.interrupted) break;
    }
    return count;
}

extern "C" unsigned long umc_host_read_nofault(void* to, unsigned long from, unsigned long size) {
    return umc::read_nofault(to, from, size);
}
