// SPDX-License-Identifier: GPL-2.0-only
// Backtraces: from a set of registers to the return addresses above it, without allocating or locking.
#pragma once

#include <array>
#include <cstdint>

namespace umc {

// The registers that unwinding tracks, by their DWARF numbers.
enum Register : unsigned { kRax, kRdx, kRcx, kRbx, kRsi, kRdi, kRbp, kRsp, kR8, kR10 = 10, kR12 = 12, kRip = 16 };

struct Frame {
    std::array<std::uint64_t, 17> reg{};
    std::uint32_t known = 0;  // bit n: reg[n] holds this frame's value
    bool interrupted = true;  // ip is the next instruction to run, not a return address

    std::uint64_t ip() const { return reg[kRip]; }
    std::uint64_t sp() const { return reg[kRsp]; }
    bool has(unsigned n) const { return known >> n & 1; }
    void set(unsigned n, std::uint64_t value) {
        reg[n] = value;
        known |= 1u << n;
    }
    // The address whose unwind data holds for this frame.
    std::uint64_t lookup_ip() const { return interrupted ? ip() : ip() - 1; }
};

enum class Step {
    kCaller,   // the frame is now the caller's
    kEnd,      // there is no caller
    kUnknown,  // no unwind data for this address, or it does not fit the stack
};

// Reads stack words: directly inside the given range, else through the host kernel. Never faults.
class StackReader {
   public:
    StackReader(std::uint64_t low, std::uint64_t high) : low_(low), high_(high) {}
    bool read(std::uint64_t address, std::uint64_t& value) const;

   private:
    std::uint64_t low_, high_;
};

// Copies from memory that need not be mapped; returns the bytes copied. Any context.
std::size_t read_nofault(void* to, std::uint64_t from, std::size_t size);

// Replaces `frame` by its caller's by the DWARF CFI of the program or a shared library. Any context.
Step step_cfi(const StackReader& stack, Frame& frame);

}  // namespace umc
