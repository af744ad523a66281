// SPDX-License-Identifier: GPL-2.0-only
// The relocation types that modules have, with the width of the field each one writes.
#pragma once

#include <elf.h>

#include <cstdint>
#include <optional>

namespace umc::symtab {

// Bytes written by a relocation of a .ko; nullopt: the kernel does not know the type, either.
constexpr std::optional<std::uint64_t> ko_relocation_width(std::uint32_t type) {
    switch (type) {
        case R_X86_64_NONE:
            return 0;
        case R_X86_64_64:
        case R_X86_64_PC64:
            return 8;
        case R_X86_64_32:
        case R_X86_64_32S:
        case R_X86_64_PC32:
        case R_X86_64_PLT32:
            return 4;
        default:
            return std::nullopt;
    }
}

// What -fPIC code has: its .ko is only a step on the way to the .so.
constexpr bool is_got_relocation(std::uint32_t type) {
    return type == R_X86_64_GOTPCREL || type == R_X86_64_GOTPCRELX || type == R_X86_64_REX_GOTPCRELX;
}

constexpr bool is_so_relocation(std::uint32_t type) {
    return type == R_X86_64_RELATIVE || type == R_X86_64_GLOB_DAT || type == R_X86_64_JUMP_SLOT ||
           type == R_X86_64_64;
}

constexpr const char* relocation_name(std::uint32_t type) {
    switch (type) {
        case R_X86_64_NONE:
            return "R_X86_64_NONE";
        case R_X86_64_64:
            return "R_X86_64_64";
        case R_X86_64_PC64:
            return "R_X86_64_PC64";
        case R_X86_64_32:
            return "R_X86_64_32";
        case R_X86_64_32S:
            return "R_X86_64_32S";
        case R_X86_64_PC32:
            return "R_X86_64_PC32";
        case R_X86_64_PLT32:
            return "R_X86_64_PLT32";
        case R_X86_64_RELATIVE:
            return "R_X86_64_RELATIVE";
        case R_X86_64_GLOB_DAT:
            return "R_X86_64_GLOB_DAT";
        case R_X86_64_JUMP_SLOT:
            return "R_X86_64_JUMP_SLOT";
        default:
            return "an unknown relocation";
    }
}

}  // namespace umc::symtab
