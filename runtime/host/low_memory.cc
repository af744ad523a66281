// SPDX-License-Identifier: GPL-2.0-only
// Keeps the address space below 2 GiB for modules.
#include "host/low_memory.h"

#include <sys/mman.h>
#include <sys/syscall.h>

#include <map>
#include <mutex>

extern "C" char _end;

namespace umc {
namespace {

constexpr std::uintptr_t kEnd = kLowModules + kLowModulesSize;
constexpr std::uintptr_t kPage = 4096;
constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;

bool reserved = false;

// Of code that runs before a sanitizer is ready.
#define UMC_EARLY __attribute__((no_sanitize("address", "thread", "undefined"), no_instrument_function))

UMC_EARLY std::uintptr_t program_end() {
    return (reinterpret_cast<std::uintptr_t>(&_end) + kPage - 1) & ~(kPage - 1);
}

// Runs before anything of libc or a sanitizer may be called, so it makes the system call by itself.
UMC_EARLY void reserve_early() {
    const std::uintptr_t begin = program_end();
    register long flags asm("r10") = kFlags;
    register long fd asm("r8") = -1;
    register long offset asm("r9") = 0;
    long result = SYS_mmap;
    asm volatile("syscall"
                 : "+a"(result)
                 : "D"(begin), "S"(kEnd - begin), "d"(static_cast<long>(PROT_NONE)), "r"(flags), "r"(fd), "r"(offset)
                 : "rcx", "r11", "memory");
    reserved = static_cast<std::uintptr_t>(result) == begin;
}

__attribute__((section(".preinit_array"), used)) void (*const reserve_first)() = reserve_early;

struct Holes {
    std::mutex mutex;
    std::map<std::uintptr_t, std::uintptr_t> open;  // begin to end
};

Holes& holes() {
    static Holes* h = new Holes;
    return *h;
}

}  // namespace

bool low_memory_reserved() { return reserved; }

void LowHole::open(std::uintptr_t begin, std::uintptr_t end) {
    if (!reserved || begin >= end || begin < program_end() || end > kLowModules) return;
    Holes& h = holes();
    std::lock_guard lock(h.mutex);
    auto next = h.open.lower_bound(begin);
    if (next != h.open.end() && next->first < end) return;
    if (next != h.open.begin() && std::prev(next)->second > begin) return;
    if (munmap(reinterpret_cast<void*>(begin), end - begin) < 0) return;
    h.open.emplace(begin, end);
    begin_ = begin;
    end_ = end;
}

void LowHole::close() {
    if (begin_ == end_) return;
    Holes& h = holes();
    std::lock_guard lock(h.mutex);
    // Should someone have mapped a part meanwhile, that part stays theirs and the rest is lost to modules only.
    void* got = mmap(reinterpret_cast<void*>(begin_), end_ - begin_, PROT_NONE, kFlags, -1, 0);
    if (got != MAP_FAILED && got != reinterpret_cast<void*>(begin_)) munmap(got, end_ - begin_);
    if (got == reinterpret_cast<void*>(begin_)) h.open.erase(begin_);
    begin_ = end_ = 0;
}

}  // namespace umc
