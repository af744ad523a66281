// SPDX-License-Identifier: GPL-2.0-only
// The address space: reserved ranges, aliases, discarding, low memory.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "host/memory.h"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <vector>

#include "seam/uaccess.h"

namespace {

constexpr unsigned long kPage = 4096, kMiB = 1024 * 1024;

// One address space a process: every test shares it.
const umc_memory_layout& layout() {
    static const umc_memory_layout l = [] {
        REQUIRE(umc::reserve_memory(64 * kMiB + 1));
        umc_memory_layout result;
        umc_host_memory_layout(&result);
        return result;
    }();
    return l;
}

char* bytes(unsigned long address) { return reinterpret_cast<char*>(address); }

// Does reading the byte end a process?
bool faults(unsigned long address) {
    const pid_t pid = fork();
    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL);
        _exit(*static_cast<volatile char*>(bytes(address)) == 0x7f ? 1 : 0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status);
}

TEST_CASE("ranges do not overlap and lie where the sanitizers leave room") {
    const auto& l = layout();
    CHECK(l.direct_map_size == 68 * kMiB);
    struct {
        unsigned long base, size;
    } ranges[] = {
        {l.vmemmap_base, (2ul << 30) / 64},
        {l.vmemmap_base + 0x550000000000 / 64, 0x18000000000 / 64},
        {l.direct_map_base, l.direct_map_size},
        {l.vmalloc_base, l.vmalloc_size},
        {l.user_base, l.user_size},
        {l.percpu_base, l.percpu_stride * l.percpu_max},
    };
    for (const auto& a : ranges) {
        CHECK(a.base >= 0x550000000000);
        CHECK(a.base + a.size <= 0x568000000000);
        CHECK(a.base % kPage == 0);
        for (const auto& b : ranges)
            CHECK((&a == &b || a.base + a.size <= b.base || b.base + b.size <= a.base));
    }
    CHECK(l.low_base + l.low_size < (2ul << 30));
    CHECK(l.program_base + l.program_size <= l.low_base);
    CHECK(l.vmalloc_base >= l.direct_map_base + l.direct_map_size);
    const auto self = reinterpret_cast<unsigned long>(&faults);
    CHECK(self - l.program_base < l.program_size);
}

TEST_CASE("a second reservation is refused") {
    layout();
    const auto again = umc::reserve_memory(64 * kMiB);
    REQUIRE_FALSE(again);
    CHECK(again.error().err == EEXIST);
}

TEST_CASE("the direct map and its page structures are there, the rest waits to be mapped") {
    const auto& l = layout();
    CHECK(*bytes(l.direct_map_base) == 0);
    bytes(l.direct_map_base)[l.direct_map_size - 1] = 1;
    *bytes(l.vmemmap_base + l.direct_map_base / 64) = 1;
    *bytes(l.vmemmap_base + l.program_base / 64) = 1;
    CHECK(faults(l.vmalloc_base));
    CHECK(faults(l.user_base));
    CHECK(faults(l.percpu_base));

    CHECK(umc_host_memory_map(l.percpu_base, kPage, UMC_PROT_READ | UMC_PROT_WRITE) == 0);
    *bytes(l.percpu_base) = 5;
    CHECK(umc_host_memory_protect(l.percpu_base, kPage, UMC_PROT_READ) == 0);
    CHECK(*bytes(l.percpu_base) == 5);
    CHECK(umc_host_memory_unmap(l.percpu_base, kPage) == 0);
    CHECK(faults(l.percpu_base));
}

TEST_CASE("an alias shares its pages, in the order given") {
    const auto& l = layout();
    const unsigned long pages[] = {l.direct_map_base + 8 * kPage, l.direct_map_base + 9 * kPage,
                                   l.direct_map_base + 3 * kPage};
    const unsigned long at = l.vmalloc_base + 16 * kPage;
    REQUIRE(umc_host_memory_alias(at, pages, 3) == 0);
    std::strcpy(bytes(pages[2]) + 10, "third");
    CHECK(std::strcmp(bytes(at + 2 * kPage + 10), "third") == 0);
    std::strcpy(bytes(at + kPage), "second");
    CHECK(std::strcmp(bytes(pages[1]), "second") == 0);
    CHECK(umc_host_memory_unmap(at, 3 * kPage) == 0);
    CHECK(faults(at));
    CHECK(std::strcmp(bytes(pages[1]), "second") == 0);
}

TEST_CASE("only pages of the direct map can be aliased") {
    const auto& l = layout();
    const unsigned long pages[] = {l.direct_map_base, l.direct_map_base + l.direct_map_size};
    CHECK(umc_host_memory_alias(l.vmalloc_base, pages, 2) == -EINVAL);
    CHECK(faults(l.vmalloc_base));
}

TEST_CASE("discarded memory reads as zero, and costs nothing") {
    const auto& l = layout();
    const unsigned long at = l.direct_map_base + 4 * kMiB;
    std::memset(bytes(at), 0xaa, kMiB);
    unsigned char resident[256];
    REQUIRE(umc_host_memory_discard(at, kMiB) == 0);
    REQUIRE(mincore(bytes(at), kMiB, resident) == 0);
    for (unsigned char page : resident) CHECK((page & 1) == 0);
    CHECK(bytes(at)[kMiB / 2] == 0);
}

TEST_CASE("low memory is zero, page aligned, and used again") {
    const auto& l = layout();
    std::set<unsigned long> first;
    for (int i = 0; i < 100; ++i) {
        const auto at = umc_host_memory_low_alloc(3 * kPage + 1);
        REQUIRE(at >= l.low_base);
        REQUIRE(at + 4 * kPage <= l.low_base + l.low_size);
        CHECK(at % kPage == 0);
        CHECK(bytes(at)[4 * kPage - 1] == 0);
        std::memset(bytes(at), 1, 4 * kPage);
        CHECK(first.insert(at).second);
    }
    for (auto at : first) umc_host_memory_low_free(at, 3 * kPage + 1);
    CHECK(faults(*first.begin()));
    const auto all = umc_host_memory_low_alloc(l.low_size);
    CHECK(all == l.low_base);
    CHECK(*bytes(all) == 0);
    CHECK(umc_host_memory_low_alloc(kPage) == 0);
    umc_host_memory_low_free(all, l.low_size);
    CHECK(umc_host_memory_low_alloc(0) == 0);
}

TEST_CASE("the range allocator merges what is freed, whatever the order") {
    umc::RangeAllocator ranges(0x1000, 0x10000);
    std::vector<std::uintptr_t> got;
    while (const auto at = ranges.alloc(0x1000)) got.push_back(at);
    CHECK(got.size() == 16);
    CHECK(ranges.free_bytes() == 0);
    for (std::size_t i = 0; i < got.size(); i += 2) ranges.free(got[i], 0x1000);
    CHECK(ranges.alloc(0x2000) == 0);
    for (std::size_t i = 1; i < got.size(); i += 2) ranges.free(got[i], 0x1000);
    CHECK(ranges.free_bytes() == 0x10000);
    CHECK(ranges.alloc(0x10000) == 0x1000);
    ranges.free(0x3000, 0x2000);  // a part of an allocation
    CHECK(ranges.alloc(0x2000) == 0x3000);
}

TEST_CASE("another process's memory: what is mapped is copied, up to the first hole") {
    char* pages = static_cast<char*>(mmap(nullptr, 3 * kPage, PROT_READ | PROT_WRITE,
                                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    munmap(pages + 2 * kPage, kPage);
    std::memset(pages, 'x', 2 * kPage);
    const pid_t pid = fork();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    pages[0] = 'y';  // ours, not the child's
    const auto address = reinterpret_cast<unsigned long>(pages);
    std::vector<char> buffer(3 * kPage);
    CHECK(umc_host_user_read(pid, address, buffer.data(), 10) == 10);
    CHECK(buffer[0] == 'x');
    CHECK(umc_host_user_read(pid, address + 100, buffer.data(), 3 * kPage - 100) == 2 * kPage - 100);
    CHECK(umc_host_user_write(pid, address + kPage, "hello", 6) == 6);
    CHECK(umc_host_user_read(pid, address + kPage, buffer.data(), 6) == 6);
    CHECK(std::strcmp(buffer.data(), "hello") == 0);
    CHECK(umc_host_user_write(pid, address + 2 * kPage, "hello", 6) == 0);
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    CHECK(umc_host_user_read(pid, address, buffer.data(), 10) == 0);
    munmap(pages, 2 * kPage);
}

}  // namespace
