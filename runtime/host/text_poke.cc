// SPDX-License-Identifier: GPL-2.0-only
// Live patching of code that other vCPUs may be executing.
#include "host/text_poke.h"

#include <fcntl.h>
#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "host/unwind.h"
#include "seam/memory.h"
#include "seam/trap.h"
#include "seam/vcpu.h"

namespace umc {
namespace {

constexpr std::uint8_t kInt3 = 0xcc;
constexpr unsigned long kMaxLength = 16;

// The one change under way (callers serialise). Readers are breakpoint handlers on other threads; `sequence` grows
// before and after every change, so that they notice one that began or ended while they looked.
struct Poke {
    std::atomic<unsigned long> sequence{0};
    std::atomic<unsigned long> address{0};  // 0: none
    std::atomic<unsigned long> length{0};
    std::atomic<std::uint8_t> code[kMaxLength];
};
Poke g_poke;
int g_memory_fd = -1;

// After it every thread of the process sees the new bytes before it executes another user-mode instruction.
void serialise_cores() {
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0) != 0)
        umc_host_abort("text_poke: membarrier failed");
}

void write_through_protect(unsigned long address, const void* bytes, unsigned long length) {
    unsigned long first = address & ~4095ul, end = (address + length + 4095) & ~4095ul;
    if (mprotect(reinterpret_cast<void*>(first), end - first, PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
        umc_host_abort("text_poke: text cannot be written");
    std::memcpy(reinterpret_cast<void*>(address), bytes, length);
    mprotect(reinterpret_cast<void*>(first), end - first, PROT_READ | PROT_EXEC);
}

void write_text(unsigned long address, const void* bytes, unsigned long length) {
    // /proc/self/mem ignores page protection, so the text is never both writable and executable.
    if (g_memory_fd >= 0 && pwrite(g_memory_fd, bytes, length, static_cast<off_t>(address)) == static_cast<ssize_t>(length))
        return;
    write_through_protect(address, bytes, length);
}

// The condition of jcc, by the low four bits of its opcode.
bool condition_holds(unsigned condition, unsigned long flags) {
    bool cf = flags & 1, pf = flags & 4, zf = flags & 0x40, sf = flags & 0x80, of = flags & 0x800;
    bool holds = false;
    switch (condition >> 1) {
        case 0: holds = of; break;
        case 1: holds = cf; break;
        case 2: holds = zf; break;
        case 3: holds = cf || zf; break;
        case 4: holds = sf; break;
        case 5: holds = pf; break;
        case 6: holds = sf != of; break;
        case 7: holds = zf || sf != of; break;
    }
    return holds != (condition & 1);
}

}  // namespace

void prepare_text_poke() {
    if (g_memory_fd < 0) g_memory_fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
    syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
}

bool handle_text_poke_breakpoint(umc_regs& regs) {
    unsigned long at = regs.ip - 1;
    for (;;) {
        unsigned long sequence = g_poke.sequence.load();
        if (g_poke.address.load() == at) {
            std::uint8_t code[kMaxLength];
            unsigned long length = g_poke.length.load();
            for (unsigned long i = 0; i < kMaxLength; i++) code[i] = g_poke.code[i].load();
            if (g_poke.sequence.load() == sequence) return emulate_instruction(code, length, at, regs);
            continue;
        }
        // The breakpoint may be gone again: execute what stands there now.
        std::uint8_t now = kInt3;
        if (read_nofault(&now, at, 1) == 1 && now != kInt3) {
            regs.ip = at;
            return true;
        }
        if (g_poke.sequence.load() == sequence) return false;
    }
}

bool emulate_instruction(const std::uint8_t* code, unsigned long length, unsigned long at, umc_regs& regs) {
    std::int32_t displacement;
    switch (code[0]) {
        case 0xeb:  // jmp rel8
            regs.ip = at + 2 + static_cast<std::int8_t>(code[1]);
            return true;
        case 0xe9:  // jmp rel32
            std::memcpy(&displacement, code + 1, 4);
            regs.ip = at + 5 + displacement;
            return true;
        case 0xe8:  // call rel32
            std::memcpy(&displacement, code + 1, 4);
            regs.sp -= 8;
            *reinterpret_cast<unsigned long*>(regs.sp) = at + 5;
            regs.ip = at + 5 + displacement;
            return true;
        case 0xc3:  // ret
            regs.ip = *reinterpret_cast<unsigned long*>(regs.sp);
            regs.sp += 8;
            return true;
        case 0x2e:  // cs cs cs xor %eax, %eax: a call that was replaced by its result
            if (length != 5 || code[3] != 0x31 || code[4] != 0xc0) return false;
            regs.ax = 0;
            regs.flags = (regs.flags & ~0x8d5ul) | 0x44;  // CF OF SF AF clear; ZF PF set
            regs.ip = at + 5;
            return true;
        case 0x66:
        case 0x90:
            regs.ip = at + length;  // the kernel's NOPs
            return true;
        case 0x0f:
            if (code[1] == 0x1f) {
                regs.ip = at + length;
                return true;
            }
            if ((code[1] & 0xf0) != 0x80) return false;  // jcc rel32
            std::memcpy(&displacement, code + 2, 4);
            regs.ip = at + 6 + (condition_holds(code[1] & 0x0f, regs.flags) ? displacement : 0);
            return true;
        default:
            return false;
    }
}

}  // namespace umc

extern "C" void umc_host_text_poke(unsigned long address, const void* code, unsigned long length) {
    using namespace umc;
    if (length == 0 || length > kMaxLength) umc_host_abort("text_poke: bad length");
    auto bytes = static_cast<const std::uint8_t*>(code);
    if (std::memcmp(reinterpret_cast<const void*>(address), code, length) == 0) return;
    if (length > 1) {
        g_poke.sequence++;
        g_poke.length = length;
        for (unsigned long i = 0; i < length; i++) g_poke.code[i] = bytes[i];
        g_poke.address = address;
        write_text(address, &kInt3, 1);
        serialise_cores();
        write_text(address + 1, bytes + 1, length - 1);
        serialise_cores();
    }
    write_text(address, bytes, 1);
    serialise_cores();
    if (length > 1) {
        g_poke.address = 0;
        g_poke.sequence++;
    }
}
