// SPDX-License-Identifier: GPL-2.0-only
// What code lies where: the program itself and every placed module. Loaders register images here; backtraces, fault
// reports and the unwinder look addresses up.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "symtab/result.h"

namespace umc {

struct CodeSection {
    std::string name;  // the ELF section's
    std::uint64_t address = 0;
    std::uint64_t size = 0;
};

// One module as a loader placed it.
struct CodeImage {
    std::string name;  // the module's, as in /proc/modules
    std::string path;  // its ELF file; symbols, ORC tables and lines are read from there
    bool is_so = false;
    std::uint64_t base = 0;                          // .so only: run-time address minus the file's address
    std::vector<std::pair<std::uint64_t, std::uint64_t>> text;  // [begin, end) of executable memory
    std::vector<CodeSection> sections;               // .ko only: every section that was placed
};

// Makes the image known. Reads its file: call it before the module's code runs, from a host or pool thread.
// ENOENT, ENOEXEC: the file cannot be read; nothing is registered then.
Result<> register_code(const CodeImage& image);
// Forgets [begin, end) of a registered image: its init memory is being given back. Waits for readers.
void forget_code(std::uint64_t begin, std::uint64_t end);
// Forgets the whole image. Waits for readers; call it before the memory is unmapped.
void unregister_code(std::string_view name);

// Registers the running program. Called once at start-up by install_trap_handlers(); harmless when repeated.
void register_program_code();

// True for the text of a registered module (not of the program). Any context.
bool is_module_code(std::uint64_t address);

struct CodeLocation {
    std::string symbol;  // empty: unknown
    std::uint64_t offset = 0, size = 0;
    std::string module;  // empty: the program itself
    std::string file;    // base name; empty: unknown
    int line = 0;
};
// Everything known of an address. Host threads.
CodeLocation locate_code(std::uint64_t address, bool exact);

}  // namespace umc
