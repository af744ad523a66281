// SPDX-License-Identifier: GPL-2.0-only
// A module file placed in memory: what both loaders make and the rest of the host sees.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "seam/module.h"
#include "symtab/module_file.h"
#include "symtab/symbol_table.h"

namespace umc {

// The value of each import, by index in ModuleFile::symbols().
using ImportValues = std::unordered_map<std::uint32_t, std::uint64_t>;

// Owns the memory; the destructor unmaps it. place -> (kern reserves; image().percpu_offset is known) -> link ->
// (kern runs it) -> finish_init.
class PlacedModule {
   public:
    virtual ~PlacedModule() = default;
    PlacedModule(const PlacedModule&) = delete;
    PlacedModule& operator=(const PlacedModule&) = delete;

    // Binds the imports, and sets the final permissions. Afterwards the file's bytes are no longer held.
    virtual Result<> link(const ImportValues& imports) = 0;
    // Init has run: its memory is given back, and what is read-only from now on becomes so.
    virtual void finish_init() = 0;
    // The exports, with run-time values; the strings belong to this object. After link().
    const std::vector<symtab::Symbol>& exports() const { return exports_; }

    const std::string& name() const { return name_; }
    const std::string& path() const { return path_; }
    symtab::ModuleKind kind() const { return kind_; }
    umc_module_image& image() { return image_; }
    const umc_module_image& image() const { return image_; }
    // .so: run-time address minus address in the file. .ko: 0.
    std::uint64_t load_bias() const { return load_bias_; }

   protected:
    explicit PlacedModule(const symtab::ModuleFile& file);

    void add_section(std::string_view name, std::uint64_t address, std::uint64_t size);
    // After the last of these: makes image() refer to them.
    void publish_sections();

    std::string name_, path_, version_, srcversion_;
    symtab::ModuleKind kind_;
    umc_module_image image_{};
    std::uint64_t load_bias_ = 0;
    symtab::ModuleDescription description_;
    std::vector<symtab::Symbol> exports_;

   private:
    std::deque<std::string> strings_;
    std::vector<umc_section> sections_;
};

}  // namespace umc
