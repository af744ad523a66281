// SPDX-License-Identifier: GPL-2.0-only
// Damages module files, the same way for the same seed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <random>
#include <vector>

namespace umc::symtab {

using Bytes = std::vector<std::byte>;

class Mutator {
 public:
    explicit Mutator(std::uint64_t seed) : random_(seed) {}

    std::size_t below(std::size_t n) {
        return n ? std::uniform_int_distribution<std::size_t>(0, n - 1)(random_) : 0;
    }

    // Anything, anywhere: cut off, flipped, overwritten; the headers more often than the rest.
    void mutate(Bytes& b) {
        const std::size_t section_headers = b.size() - std::min<std::size_t>(b.size(), 64 * 30);
        const std::size_t kind = below(7);
        if (kind == 0) b.resize(below(b.size() + 1));
        if (kind == 1) flip(b, 0, b.size());
        if (kind == 2) flip(b, 0, 64);             // the ELF header
        if (kind == 3) flip(b, 64, 64 + 56 * 10);  // program headers of a .so
        if (kind == 4) flip(b, section_headers, b.size());
        if (kind == 5) overwrite(b, 0, b.size());
        if (kind == 6) overwrite(b, section_headers, b.size());
    }

    // Up to four bits within [from, to).
    void flip(Bytes& b, std::size_t from, std::size_t to) {
        to = std::min(to, b.size());
        if (from >= to) return;
        for (std::size_t n = 1 + below(4); n > 0; n--) {
            b[from + below(to - from)] ^= static_cast<std::byte>(1u << below(8));
        }
    }

    // A field of 1 to 8 bytes within [from, to) becomes a value that arithmetic trips over.
    void overwrite(Bytes& b, std::size_t from, std::size_t to) {
        constexpr std::uint64_t kTopBit = 1ULL << 63;
        constexpr std::uint64_t kValues[] = {0,          1,          0x7f,       0xff,        0xffff,
                                             0x7fffffff, 0x80000000, 0xffffffff, kTopBit - 1, kTopBit,
                                             0x40000000, ~0ULL,      ~0ULL - 7,  0x1000};
        to = std::min(to, b.size());
        const std::size_t width = std::size_t{1} << below(4);
        if (from >= to || to - from < width) return;
        const std::size_t at = from + below((to - from) / width) * width;
        const std::uint64_t value = kValues[below(std::size(kValues))];
        std::memcpy(b.data() + at, &value, width);
    }

 private:
    std::mt19937_64 random_;
};

}  // namespace umc::symtab
