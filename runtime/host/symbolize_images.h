// SPDX-License-Identifier: GPL-2.0-only
// The registry behind symbolize.h: an immutable map of code ranges that readers use without locks, so that signal
// handlers can; writers replace it and wait until no reader can still see the old one.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/symbolize.h"
#include "host/unwind_orc.h"

namespace umc {

struct SymbolName {
    std::uint64_t value = 0;
    std::uint64_t size = 0;
    std::uint32_t name = 0;  // offset into PlacedCode::names
};

struct PlacedCode {
    CodeImage image;
    bool is_program = false;
    std::vector<SymbolName> symbols;  // functions, sorted by value
    std::string names;                // NUL-terminated strings
    OrcTable orc;                     // .ko only

    // The function that holds `address`, or nullptr.
    const SymbolName* find_symbol(std::uint64_t address) const;
};

struct CodeRange {
    std::uint64_t begin = 0, end = 0;
    std::shared_ptr<const PlacedCode> code;
};

// Holds the map in place while it lives. Any context; takes no lock and allocates nothing.
class CodeMapReader {
   public:
    CodeMapReader();
    ~CodeMapReader();
    CodeMapReader(const CodeMapReader&) = delete;
    CodeMapReader& operator=(const CodeMapReader&) = delete;

    const PlacedCode* find(std::uint64_t address) const;
    // Owning, for threads that may allocate.
    std::shared_ptr<const PlacedCode> find_shared(std::uint64_t address) const;

   private:
    const std::vector<CodeRange>* map_;
};

}  // namespace umc
