// SPDX-License-Identifier: GPL-2.0-only
// Steps through frames that ORC tables describe.
#include "host/unwind_orc.h"

#include <algorithm>

namespace umc {
namespace {

// ORC_REG_* and UNWIND_HINT_TYPE_* of Linux 6.1.
enum : unsigned {
    kOrcUndefined = 0,
    kOrcPrevSp = 1,
    kOrcDx = 2,
    kOrcDi = 3,
    kOrcBp = 4,
    kOrcSp = 5,
    kOrcR10 = 6,
    kOrcR13 = 7,
    kOrcBpIndirect = 8,
    kOrcSpIndirect = 9,
};
constexpr unsigned kOrcTypeCall = 0;

bool stack_base(const OrcEntry& orc, const StackReader& stack, const Frame& frame, std::uint64_t& sp) {
    auto from_register = [&](unsigned n) {
        sp = frame.reg[n];
        return frame.has(n);
    };
    switch (orc.sp_reg) {
        case kOrcSp:
            sp = frame.sp() + orc.sp_offset;
            return true;
        case kOrcBp:
            sp = frame.reg[kRbp] + orc.sp_offset;
            return frame.has(kRbp);
        case kOrcBpIndirect:
            return frame.has(kRbp) && stack.read(frame.reg[kRbp] + orc.sp_offset, sp);
        case kOrcSpIndirect:
            if (!stack.read(frame.sp(), sp)) return false;
            sp += orc.sp_offset;
            return true;
        case kOrcR10:
            return from_register(10);
        case kOrcR13:
            return from_register(13);
        case kOrcDi:
            return from_register(kRdi);
        case kOrcDx:
            return from_register(kRdx);
        default:
            return false;
    }
}

}  // namespace

const OrcEntry* OrcTable::find(std::uint64_t address) const {
    auto next = std::upper_bound(addresses.begin(), addresses.end(), address);
    if (next == addresses.begin()) return nullptr;
    return &entries[next - addresses.begin() - 1];
}

Step step_orc(const OrcEntry& orc, const StackReader& stack, Frame& frame) {
    if (orc.sp_reg == kOrcUndefined) return orc.end ? Step::kEnd : Step::kUnknown;
    // Modules contain no entry code, so every frame is that of a call.
    if (orc.type != kOrcTypeCall) return Step::kUnknown;
    std::uint64_t sp, ip, bp = frame.reg[kRbp];
    bool bp_known = frame.has(kRbp);
    if (!stack_base(orc, stack, frame, sp) || !stack.read(sp - 8, ip)) return Step::kUnknown;
    switch (orc.bp_reg) {
        case kOrcUndefined:  // unchanged
            break;
        case kOrcPrevSp:
            bp_known = stack.read(sp + orc.bp_offset, bp);
            break;
        case kOrcBp:
            bp_known = bp_known && stack.read(bp + orc.bp_offset, bp);
            break;
        default:
            return Step::kUnknown;
    }
    frame.known = 0;
    frame.set(kRip, ip);
    frame.set(kRsp, sp);
    if (bp_known) frame.set(kRbp, bp);
    frame.interrupted = false;
    return Step::kCaller;
}

}  // namespace umc
