// SPDX-License-Identifier: GPL-2.0-only
// Decides where everything lies in the process's address space and maps it.
#include "host/memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "host/low_memory.h"

extern "C" char __executable_start, _end;

namespace umc {
namespace {

constexpr std::uintptr_t kKiB = 1024, kMiB = 1024 * kKiB, kGiB = 1024 * kMiB;
constexpr std::size_t kPage = 4 * kKiB;
constexpr std::size_t kBlock = 4 * kMiB;  // the largest block of the kernel's page allocator

// The window that no sanitizer's shadow covers. The struct pages of the window's own pages lie in its upper end,
// because page structures are 1/64 of what they describe and are indexed by virtual page number.
constexpr std::uintptr_t kWindow = 0x550000000000, kWindowEnd = 0x568000000000;
constexpr std::uintptr_t kVmemmap = kWindow;
constexpr std::uintptr_t vmemmap_of(std::uintptr_t address) { return kVmemmap + address / 64; }

constexpr std::size_t kLowVmemmapSize = 2 * kGiB / 64;
constexpr std::uintptr_t kUser = kWindow + 4 * kGiB;
constexpr std::size_t kUserSize = 60 * kGiB;
constexpr std::uintptr_t kPercpu = kUser + kUserSize;
constexpr std::size_t kPercpuStride = 2 * kGiB;
constexpr unsigned kPercpuMax = 256;
constexpr std::uintptr_t kDirectMap = kPercpu + kPercpuMax * kPercpuStride;
constexpr std::size_t kDirectMapMax = 512 * kGiB;
// vmalloc lies above all other memory that code asks is_vmalloc_addr() about.
constexpr std::uintptr_t kVmalloc = kDirectMap + kDirectMapMax;
constexpr std::size_t kVmallocSize = 256 * kGiB;
static_assert(kVmalloc + kVmallocSize <= vmemmap_of(kWindow));
static_assert(vmemmap_of(kWindowEnd) <= kWindowEnd);

// Module images: above the program, within reach of 32-bit relocations.
constexpr std::uintptr_t kLow = kLowModules;
constexpr std::size_t kLowSize = kLowModulesSize;

struct State {
    umc_memory_layout layout{};
    int direct_map_fd = -1;
    RangeAllocator low;
};

State& state() {
    static State* s = new State;  // lives as long as any vCPU may run, so past static destruction
    return *s;
}

void* pointer(std::uintptr_t address) { return reinterpret_cast<void*>(address); }

int native_prot(int prot) {
    return (prot & UMC_PROT_READ ? PROT_READ : 0) | (prot & UMC_PROT_WRITE ? PROT_WRITE : 0) |
           (prot & UMC_PROT_EXEC ? PROT_EXEC : 0);
}

Result<> reserve(const char* what, std::uintptr_t address, std::size_t size, int prot, int fd = -1) {
    const bool ours = address >= kLow && address + size <= kLow + kLowSize && low_memory_reserved();
    const int flags = MAP_NORESERVE | (ours ? MAP_FIXED : MAP_FIXED_NOREPLACE) | (fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED);
    void* got = mmap(pointer(address), size, prot, flags, fd, 0);
    if (got == pointer(address)) return {};
    const int err = got == MAP_FAILED ? errno : EEXIST;
    if (got != MAP_FAILED) munmap(got, size);
    return fail(ENOMEM, fmt::format("cannot reserve {} MiB of address space at {:#x} for {}: {}", size / kMiB, address,
                                    what, err == EEXIST ? "it is in use" : std::strerror(err)));
}

int replace(unsigned long address, unsigned long size, int prot) {
    void* got = mmap(pointer(address), size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    return got == MAP_FAILED ? -errno : 0;
}

bool in_direct_map(unsigned long address, unsigned long size) {
    const auto& l = state().layout;
    return address >= l.direct_map_base && size <= l.direct_map_size &&
           address - l.direct_map_base <= l.direct_map_size - size;
}

}  // namespace

void RangeAllocator::reset(std::uintptr_t base, std::size_t size) {
    std::lock_guard lock(mutex_);
    free_.clear();
    free_.emplace(base, size);
}

std::uintptr_t RangeAllocator::alloc(std::size_t size) {
    std::lock_guard lock(mutex_);
    auto it = std::find_if(free_.begin(), free_.end(), [size](const auto& range) { return range.second >= size; });
    if (it == free_.end()) return 0;
    const auto [start, length] = *it;
    free_.erase(it);
    if (length > size) free_.emplace(start + size, length - size);
    return start;
}

void RangeAllocator::free(std::uintptr_t address, std::size_t size) {
    std::lock_guard lock(mutex_);
    auto next = free_.lower_bound(address);
    if (next != free_.end() && address + size == next->first) {
        size += next->second;
        next = free_.erase(next);
    }
    if (next != free_.begin()) {
        auto before = std::prev(next);
        if (before->first + before->second == address) {
            before->second += size;
            return;
        }
    }
    free_.emplace_hint(next, address, size);
}

std::size_t RangeAllocator::free_bytes() const {
    std::lock_guard lock(mutex_);
    std::size_t sum = 0;
    for (const auto& range : free_) sum += range.second;
    return sum;
}

Result<> reserve_memory(std::uint64_t bytes) {
    State& s = state();
    if (s.direct_map_fd >= 0) return fail(EEXIST, "the emulated memory is reserved already");
    if (bytes == 0) bytes = std::uint64_t(sysconf(_SC_PHYS_PAGES)) * kPage / 4;
    bytes = std::max<std::uint64_t>(bytes, 64 * kMiB);
    if (bytes > kDirectMapMax)
        return fail(EINVAL, fmt::format("emulated memory is limited to {} GiB", kDirectMapMax / kGiB));
    bytes = (bytes + kBlock - 1) & ~(kBlock - 1);

    const int fd = memfd_create("umc-memory", MFD_CLOEXEC);
    if (fd < 0) return fail(errno, fmt::format("memfd_create: {}", std::strerror(errno)));
    if (ftruncate(fd, off_t(bytes)) < 0) {
        const int err = errno;
        close(fd);
        return fail(err, fmt::format("cannot size {} MiB of emulated memory: {}", bytes / kMiB, std::strerror(err)));
    }

    constexpr int rw = PROT_READ | PROT_WRITE;
    struct {
        const char* what;
        std::uintptr_t address;
        std::size_t size;
        int prot;
        int fd;
    } const ranges[] = {
        {"page structures of the program", vmemmap_of(0), kLowVmemmapSize, rw, -1},
        {"user memory", kUser, kUserSize, PROT_NONE, -1},
        {"per-CPU memory", kPercpu, kPercpuMax * kPercpuStride, PROT_NONE, -1},
        {"emulated memory", kDirectMap, bytes, rw, fd},
        {"vmalloc", kVmalloc, kVmallocSize, PROT_NONE, -1},
        {"page structures", vmemmap_of(kWindow), (kWindowEnd - kWindow) / 64, PROT_READ, -1},
        {"modules", kLow, kLowSize, PROT_NONE, -1},
    };
    // Asking whether an address has a page must not fault; only the direct map's pages have state.
    for (auto it = std::begin(ranges); it != std::end(ranges); ++it) {
        auto reserved = reserve(it->what, it->address, it->size, it->prot, it->fd);
        if (reserved) continue;
        while (it != std::begin(ranges)) {
            --it;
            munmap(pointer(it->address), it->size);
        }
        close(fd);
        return reserved;
    }
    if (mprotect(pointer(vmemmap_of(kDirectMap)), bytes / 64, rw) < 0) {
        const int err = errno;
        for (const auto& range : ranges) munmap(pointer(range.address), range.size);
        close(fd);
        return fail(err, fmt::format("cannot make page structures writable: {}", std::strerror(err)));
    }
    // A forked helper process must not keep or change the emulated memory.
    madvise(pointer(kDirectMap), bytes, MADV_DONTFORK);

    s.direct_map_fd = fd;
    s.low.reset(kLow, kLowSize);
    auto& l = s.layout;
    l.direct_map_base = kDirectMap;
    l.direct_map_size = bytes;
    l.vmemmap_base = kVmemmap;
    l.vmalloc_base = kVmalloc;
    l.vmalloc_size = kVmallocSize;
    l.user_base = kUser;
    l.user_size = kUserSize;
    l.percpu_base = kPercpu;
    l.percpu_stride = kPercpuStride;
    l.percpu_max = kPercpuMax;
    l.low_base = kLow;
    l.low_size = kLowSize;
    l.program_base = reinterpret_cast<std::uintptr_t>(&__executable_start) & ~(kPage - 1);
    l.program_size = ((reinterpret_cast<std::uintptr_t>(&_end) + kPage - 1) & ~(kPage - 1)) - l.program_base;
    return {};
}

}  // namespace umc

using namespace umc;

void umc_host_memory_layout(umc_memory_layout* layout) { *layout = state().layout; }

int umc_host_memory_map(unsigned long address, unsigned long size, int prot) {
    return replace(address, size, native_prot(prot));
}

int umc_host_memory_unmap(unsigned long address, unsigned long size) { return replace(address, size, PROT_NONE); }

int umc_host_memory_protect(unsigned long address, unsigned long size, int prot) {
    return mprotect(pointer(address), size, native_prot(prot)) < 0 ? -errno : 0;
}

int umc_host_memory_discard(unsigned long address, unsigned long size) {
    const int advice = in_direct_map(address, size) ? MADV_REMOVE : MADV_DONTNEED;
    return madvise(pointer(address), size, advice) < 0 ? -errno : 0;
}

int umc_host_memory_alias(unsigned long address, const unsigned long* pages, unsigned long count) {
    const auto& l = state().layout;
    for (unsigned long i = 0; i < count;) {
        // Neighbours in the direct map need one mapping only.
        unsigned long run = 1;
        while (i + run < count && pages[i + run] == pages[i] + run * kPage) ++run;
        int err = 0;
        if (!in_direct_map(pages[i], run * kPage)) {
            err = EINVAL;
        } else {
            void* got = mmap(pointer(address + i * kPage), run * kPage, PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_NORESERVE | MAP_FIXED, state().direct_map_fd,
                             off_t(pages[i] - l.direct_map_base));
            if (got == MAP_FAILED) err = errno;
        }
        if (err) {
            if (i > 0) replace(address, i * kPage, PROT_NONE);
            return -err;
        }
        i += run;
    }
    return 0;
}

unsigned long umc_host_memory_low_alloc(unsigned long size) {
    size = (size + kPage - 1) & ~(kPage - 1);
    if (size == 0) return 0;
    const auto address = state().low.alloc(size);
    if (address && replace(address, size, PROT_READ | PROT_WRITE) < 0) {
        state().low.free(address, size);
        return 0;
    }
    return address;
}

void umc_host_memory_low_free(unsigned long address, unsigned long size) {
    size = (size + kPage - 1) & ~(kPage - 1);
    if (replace(address, size, PROT_NONE) == 0) state().low.free(address, size);
}
