// SPDX-License-Identifier: GPL-2.0-only
// Steps through frames that .eh_frame describes. libgcc's and libdw's unwinders allocate or lock; this one runs in
// signal handlers. Tables are found with _dl_find_object(), which is lock free.
#include <dlfcn.h>

#include <cstring>

#include "host/unwind.h"

namespace umc {
namespace {

using Address = std::uint64_t;

// DW_EH_PE_*
constexpr std::uint8_t kPeOmit = 0xff, kPeIndirect = 0x80, kPeRelative = 0x70, kPePcRelative = 0x10,
                       kPeDataRelative = 0x30;

// Reads the encodings of .eh_frame. The data is the linker's own, mapped, and trusted.
class Cursor {
   public:
    explicit Cursor(const std::uint8_t* at, const std::uint8_t* end = nullptr) : at_(at), end_(end) {}

    const std::uint8_t* at() const { return at_; }
    bool done() const { return at_ >= end_; }
    void skip(std::size_t count) { at_ += count; }

    template <typename T>
    T fixed() {
        T value;
        std::memcpy(&value, at_, sizeof(value));
        at_ += sizeof(value);
        return value;
    }
    std::uint64_t uleb() {
        std::uint64_t value = 0;
        for (unsigned shift = 0;; shift += 7) {
            std::uint8_t byte = *at_++;
            if (shift < 64) value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (!(byte & 0x80)) return value;
        }
    }
    std::int64_t sleb() {
        std::uint64_t value = 0;
        unsigned shift = 0;
        std::uint8_t byte;
        do {
            byte = *at_++;
            if (shift < 64) value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            shift += 7;
        } while (byte & 0x80);
        if (shift < 64 && byte & 0x40) value |= ~0ull << shift;
        return static_cast<std::int64_t>(value);
    }
    // A pointer in encoding DW_EH_PE_*; `data` is the base of data-relative ones.
    Address pointer(std::uint8_t encoding, Address data = 0) {
        if (encoding == kPeOmit) return 0;
        Address base = 0;
        if ((encoding & kPeRelative) == kPePcRelative) base = reinterpret_cast<Address>(at_);
        if ((encoding & kPeRelative) == kPeDataRelative) base = data;
        Address value = 0;
        switch (encoding & 0x0f) {
            case 0x00: case 0x04: case 0x0c: value = fixed<std::uint64_t>(); break;
            case 0x01: value = uleb(); break;
            case 0x02: value = fixed<std::uint16_t>(); break;
            case 0x03: value = fixed<std::uint32_t>(); break;
            case 0x09: value = sleb(); break;
            case 0x0a: value = static_cast<std::int64_t>(fixed<std::int16_t>()); break;
            case 0x0b: value = static_cast<std::int64_t>(fixed<std::int32_t>()); break;
        }
        if (value == 0) return 0;
        value += base;
        if (encoding & kPeIndirect) std::memcpy(&value, reinterpret_cast<const void*>(value), sizeof(value));
        return value;
    }

   private:
    const std::uint8_t* at_;
    const std::uint8_t* end_;
};

struct Block {
    const std::uint8_t* begin = nullptr;
    const std::uint8_t* end = nullptr;
};

struct Description {  // one FDE and its CIE
    std::uint64_t code_align = 1;
    std::int64_t data_align = 1;
    unsigned return_register = kRip;
    bool signal_frame = false;
    Address begin = 0, end = 0;  // the code it describes
    Block initial, program;
};

// The record at `at`: its contents behind the length field.
Block record(const std::uint8_t* at) {
    Cursor cursor(at);
    std::uint64_t length = cursor.fixed<std::uint32_t>();
    if (length == 0xffffffff) length = cursor.fixed<std::uint64_t>();
    return {cursor.at(), cursor.at() + length};
}

bool parse_description(const std::uint8_t* fde_at, Description& out) {
    Block fde = record(fde_at);
    Cursor body(fde.begin, fde.end);
    const std::uint8_t* id_at = body.at();
    std::uint32_t distance = body.fixed<std::uint32_t>();
    if (distance == 0) return false;  // a CIE

    Block cie = record(id_at - distance);
    Cursor head(cie.begin, cie.end);
    head.skip(4);
    std::uint8_t version = head.fixed<std::uint8_t>();
    const char* augmentation = reinterpret_cast<const char*>(head.at());
    head.skip(std::strlen(augmentation) + 1);
    if (version != 1 && version != 3) return false;
    out.code_align = head.uleb();
    out.data_align = head.sleb();
    out.return_register = version == 1 ? head.fixed<std::uint8_t>() : head.uleb();
    std::uint8_t pointer_encoding = 0;
    bool has_length = augmentation[0] == 'z';
    if (has_length) {
        std::uint64_t length = head.uleb();
        Cursor data = head;
        for (const char* c = augmentation + 1; *c; c++) {
            if (*c == 'R') pointer_encoding = data.fixed<std::uint8_t>();
            else if (*c == 'P') { std::uint8_t encoding = data.fixed<std::uint8_t>(); data.pointer(encoding); }
            else if (*c == 'L') data.skip(1);
            else if (*c == 'S') out.signal_frame = true;
            else if (*c != 'B') return false;
        }
        head.skip(length);
    } else if (augmentation[0]) {
        return false;
    }
    out.initial = {head.at(), cie.end};

    out.begin = body.pointer(pointer_encoding);
    out.end = out.begin + body.pointer(pointer_encoding & 0x0f);
    if (has_length) {
        std::uint64_t length = body.uleb();
        body.skip(length);
    }
    out.program = {body.at(), fde.end};
    return true;
}

bool find_description(Address ip, Description& out) {
    dl_find_object object;
    if (_dl_find_object(reinterpret_cast<void*>(ip), &object) != 0 || !object.dlfo_eh_frame) return false;
    auto header = static_cast<const std::uint8_t*>(object.dlfo_eh_frame);
    Address header_address = reinterpret_cast<Address>(header);
    // version 1, and the binary search table that every linker writes: pairs of 32-bit data-relative addresses
    if (header[0] != 1 || header[3] != (kPeDataRelative | 0x0b)) return false;
    Cursor cursor(header + 4);
    cursor.pointer(header[1], header_address);
    std::uint64_t count = cursor.pointer(header[2], header_address);
    struct Entry {
        std::int32_t code, fde;
    };
    auto table = reinterpret_cast<const Entry*>(cursor.at());
    std::int64_t wanted = static_cast<std::int64_t>(ip - header_address);
    std::uint64_t low = 0, high = count;
    while (low < high) {
        std::uint64_t middle = (low + high) / 2;
        if (table[middle].code <= wanted) low = middle + 1;
        else high = middle;
    }
    if (low == 0) return false;
    return parse_description(header + table[low - 1].fde, out) && ip >= out.begin && ip < out.end;
}

constexpr unsigned kRegisters = 17;

struct Rule {
    enum Kind : std::uint8_t { kSame, kUndefined, kOffset, kValueOffset, kRegister, kExpression, kValueExpression };
    Kind kind = kSame;
    std::int64_t offset = 0;  // or the register's number
    Block expression;
};

struct Row {
    bool cfa_is_expression = false;
    unsigned cfa_register = kRsp;
    std::int64_t cfa_offset = 0;
    Block cfa_expression;
    Rule rules[kRegisters];
};

Block block(Cursor& cursor) {
    std::uint64_t length = cursor.uleb();
    Block result{cursor.at(), cursor.at() + length};
    cursor.skip(length);
    return result;
}

// Runs call-frame instructions up to the row that holds for `ip`. `initial`: the CIE's row, for DW_CFA_restore.
bool run(const Description& d, Block program, Address ip, const Row* initial, Row& row) {
    constexpr int kDepth = 4;
    Row saved[kDepth];
    int depth = 0;
    Address location = d.begin;
    Cursor c(program.begin, program.end);
    auto set = [&](std::uint64_t n, Rule::Kind kind, std::int64_t offset = 0, Block expression = {}) {
        if (n < kRegisters) row.rules[n] = Rule{kind, offset, expression};
    };
    auto restore = [&](std::uint64_t n) {
        if (n < kRegisters) row.rules[n] = initial ? initial->rules[n] : Rule{};
    };
    while (!c.done()) {
        std::uint8_t op = c.fixed<std::uint8_t>();
        std::uint64_t n;
        std::uint64_t advance = 0;
        switch (op & 0xc0) {
            case 0x40: advance = op & 0x3f; break;
            case 0x80: set(op & 0x3f, Rule::kOffset, c.uleb() * d.data_align); continue;
            case 0xc0: restore(op & 0x3f); continue;
            default:
                switch (op) {
                    case 0x00: continue;                                      // nop
                    case 0x01: location = c.fixed<Address>(); continue;       // set_loc
                    case 0x02: advance = c.fixed<std::uint8_t>(); break;      // advance_loc1
                    case 0x03: advance = c.fixed<std::uint16_t>(); break;     // advance_loc2
                    case 0x04: advance = c.fixed<std::uint32_t>(); break;     // advance_loc4
                    case 0x05: n = c.uleb(); set(n, Rule::kOffset, c.uleb() * d.data_align); continue;
                    case 0x06: restore(c.uleb()); continue;                   // restore_extended
                    case 0x07: set(c.uleb(), Rule::kUndefined); continue;
                    case 0x08: set(c.uleb(), Rule::kSame); continue;
                    case 0x09: n = c.uleb(); set(n, Rule::kRegister, c.uleb()); continue;
                    case 0x0a:                                                // remember_state
                        if (depth == kDepth) return false;
                        saved[depth++] = row;
                        continue;
                    case 0x0b:                                                // restore_state
                        if (depth == 0) return false;
                        row = saved[--depth];
                        continue;
                    case 0x0c:                                                // def_cfa
                        row.cfa_is_expression = false;
                        row.cfa_register = c.uleb();
                        row.cfa_offset = c.uleb();
                        continue;
                    case 0x0d: row.cfa_is_expression = false; row.cfa_register = c.uleb(); continue;
                    case 0x0e: row.cfa_offset = c.uleb(); continue;
                    case 0x0f: row.cfa_is_expression = true; row.cfa_expression = block(c); continue;
                    case 0x10: n = c.uleb(); set(n, Rule::kExpression, 0, block(c)); continue;
                    case 0x11: n = c.uleb(); set(n, Rule::kOffset, c.sleb() * d.data_align); continue;
                    case 0x12:                                                // def_cfa_sf
                        row.cfa_is_expression = false;
                        row.cfa_register = c.uleb();
                        row.cfa_offset = c.sleb() * d.data_align;
                        continue;
                    case 0x13: row.cfa_offset = c.sleb() * d.data_align; continue;
                    case 0x14: n = c.uleb(); set(n, Rule::kValueOffset, c.uleb() * d.data_align); continue;
                    case 0x15: n = c.uleb(); set(n, Rule::kValueOffset, c.sleb() * d.data_align); continue;
                    case 0x16: n = c.uleb(); set(n, Rule::kValueExpression, 0, block(c)); continue;
                    case 0x2e: c.uleb(); continue;                            // GNU_args_size
                    default: return false;
                }
        }
        location += advance * d.code_align;
        if (location > ip) return true;
    }
    return true;
}

// The operations that compilers and libc use in .eh_frame: PLT entries, realigned stacks, the signal trampoline.
bool evaluate(Block expression, const StackReader& memory, const Frame& frame, bool push_cfa, Address cfa,
              Address& result) {
    constexpr unsigned kDepth = 16;
    Address stack[kDepth];
    unsigned depth = 0;
    if (push_cfa) stack[depth++] = cfa;
    Cursor c(expression.begin, expression.end);
    while (!c.done()) {
        std::uint8_t op = c.fixed<std::uint8_t>();
        if (depth + 1 >= kDepth) return false;
        auto push = [&](Address value) { stack[depth++] = value; };
        auto binary = [&](auto f) {
            if (depth < 2) return false;
            depth--;
            stack[depth - 1] = f(stack[depth - 1], stack[depth]);
            return true;
        };
        if (op >= 0x30 && op <= 0x4f) { push(op - 0x30); continue; }          // lit0..31
        if (op >= 0x70 && op <= 0x80) {                                       // breg0..16
            if (!frame.has(op - 0x70)) return false;
            push(frame.reg[op - 0x70] + c.sleb());
            continue;
        }
        bool good = true;
        switch (op) {
            case 0x06: good = depth > 0 && memory.read(stack[depth - 1], stack[depth - 1]); break;  // deref
            case 0x08: push(c.fixed<std::uint8_t>()); break;
            case 0x09: push(static_cast<std::int64_t>(c.fixed<std::int8_t>())); break;
            case 0x0a: push(c.fixed<std::uint16_t>()); break;
            case 0x0b: push(static_cast<std::int64_t>(c.fixed<std::int16_t>())); break;
            case 0x0c: push(c.fixed<std::uint32_t>()); break;
            case 0x0d: push(static_cast<std::int64_t>(c.fixed<std::int32_t>())); break;
            case 0x0e: case 0x0f: push(c.fixed<std::uint64_t>()); break;
            case 0x10: push(c.uleb()); break;
            case 0x11: push(c.sleb()); break;
            case 0x12: good = depth > 0; if (good) push(stack[depth - 1]); break;                  // dup
            case 0x13: good = depth > 0; if (good) depth--; break;                                 // drop
            case 0x1a: good = binary([](Address a, Address b) { return a & b; }); break;
            case 0x1c: good = binary([](Address a, Address b) { return a - b; }); break;
            case 0x1e: good = binary([](Address a, Address b) { return a * b; }); break;
            case 0x21: good = binary([](Address a, Address b) { return a | b; }); break;
            case 0x22: good = binary([](Address a, Address b) { return a + b; }); break;
            case 0x23: good = depth > 0; if (good) stack[depth - 1] += c.uleb(); break;            // plus_uconst
            case 0x24: good = binary([](Address a, Address b) { return b < 64 ? a << b : 0; }); break;
            case 0x25: good = binary([](Address a, Address b) { return b < 64 ? a >> b : 0; }); break;
            case 0x2a: good = binary([](Address a, Address b) -> Address {
                return static_cast<std::int64_t>(a) >= static_cast<std::int64_t>(b); }); break;    // ge
            default: return false;
        }
        if (!good) return false;
    }
    if (depth == 0) return false;
    result = stack[depth - 1];
    return true;
}

}  // namespace

Step step_cfi(const StackReader& stack, Frame& frame) {
    Description d;
    if (!find_description(frame.lookup_ip(), d)) return Step::kUnknown;
    Row initial;
    if (!run(d, d.initial, ~0ull, nullptr, initial)) return Step::kUnknown;
    Row row = initial;
    if (!run(d, d.program, frame.lookup_ip(), &initial, row)) return Step::kUnknown;

    Address cfa;
    if (row.cfa_is_expression) {
        if (!evaluate(row.cfa_expression, stack, frame, false, 0, cfa)) return Step::kUnknown;
    } else {
        if (row.cfa_register >= kRegisters || !frame.has(row.cfa_register)) return Step::kUnknown;
        cfa = frame.reg[row.cfa_register] + row.cfa_offset;
    }

    Frame caller;
    caller.interrupted = d.signal_frame;
    caller.set(kRsp, cfa);
    for (unsigned n = 0; n < kRegisters; n++) {
        const Rule& rule = row.rules[n];
        Address value = 0;
        bool good = true;
        switch (rule.kind) {
            case Rule::kSame:
                if (n == kRsp) continue;
                good = frame.has(n) && n != d.return_register;
                value = frame.reg[n];
                // What a call may clobber does not survive it.
                if (!d.signal_frame && (n <= kRcx || n == kRsi || n == kRdi || (n >= 8 && n < 12))) good = false;
                break;
            case Rule::kUndefined: good = false; break;
            case Rule::kOffset: good = stack.read(cfa + rule.offset, value); break;
            case Rule::kValueOffset: value = cfa + rule.offset; break;
            case Rule::kRegister:
                good = rule.offset < kRegisters && frame.has(rule.offset);
                if (good) value = frame.reg[rule.offset];
                break;
            case Rule::kExpression:
                good = evaluate(rule.expression, stack, frame, true, cfa, value) && stack.read(value, value);
                break;
            case Rule::kValueExpression: good = evaluate(rule.expression, stack, frame, true, cfa, value); break;
        }
        if (good) caller.set(n, value);
    }
    if (row.rules[d.return_register].kind == Rule::kUndefined) return Step::kEnd;
    if (d.return_register >= kRegisters || !caller.has(d.return_register)) return Step::kUnknown;
    caller.set(kRip, caller.reg[d.return_register]);
    frame = caller;
    return Step::kCaller;
}

}  // namespace umc
