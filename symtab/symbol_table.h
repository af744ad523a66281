// SPDX-License-Identifier: GPL-2.0-only
// The exported symbols of the kernel and of the loaded modules: what an import is resolved against.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "symtab/result.h"

namespace umc::symtab {

// One exported symbol. The strings belong to whoever made it (a Provider, a Symvers, a ModuleDescription).
struct Symbol {
    std::string_view name = {};
    std::string_view name_space = {};  // empty: the global one
    std::uint64_t value = 0;           // run-time address; for per-CPU data its per-CPU offset
    std::optional<std::uint32_t> crc = {};
    bool gpl_only = false;
};

// Who exports: the kernel itself or one module.
struct ProviderInfo {
    std::string name = "kernel";  // as the kernel's log prints it: "(owned by kernel)"
    void* module = nullptr;       // the loader's handle; nullptr: the kernel itself
    bool proprietary = false;     // tainted TAINT_PROPRIETARY_MODULE
};

// A provider and its symbols; immutable.
class Provider {
 public:
    // Copies the strings.
    Provider(ProviderInfo info, std::span<const Symbol> symbols);
    Provider(const Provider&) = delete;
    Provider& operator=(const Provider&) = delete;

    const std::string& name() const { return info_.name; }
    void* module() const { return info_.module; }
    bool is_kernel() const { return info_.module == nullptr; }
    bool proprietary() const { return info_.proprietary; }
    std::span<const Symbol> symbols() const { return symbols_; }

 private:
    ProviderInfo info_;
    std::vector<char> strings_;
    std::vector<Symbol> symbols_;  // strings point into strings_
};

// A symbol together with its provider. Keeps the provider's strings alive, not the module behind them:
// whoever means to use `symbol->value` takes a reference of the module under the same lock that keeps it from
// being removed.
struct FoundSymbol {
    const Symbol* symbol = nullptr;
    std::shared_ptr<const Provider> owner;
};

// Constant-time lookup by name. Every member function may be called from any host thread; add() and remove()
// are atomic for readers. Never called from a task (it takes a host lock).
class SymbolTable {
 public:
    // `base`: looked up when a name is not here, and checked for duplicates; it must outlive this table.
    explicit SymbolTable(const SymbolTable* base = nullptr) : base_(base) {}
    SymbolTable(const SymbolTable&) = delete;
    SymbolTable& operator=(const SymbolTable&) = delete;

    // All or nothing. ENOEXEC "NAME: exports duplicate symbol S (owned by OWNER)", the kernel's own line,
    // when one of the names is exported already, here or twice among `symbols`.
    Result<std::shared_ptr<const Provider>> add(ProviderInfo info, std::span<const Symbol> symbols);
    // False when it is not in this table.
    bool remove(const Provider& provider);

    std::optional<FoundSymbol> find(std::string_view name) const;
    std::size_t size() const;  // symbols, the base's not counted
    std::vector<std::shared_ptr<const Provider>> providers() const;

 private:
    struct Slot {
        const Symbol* symbol;
        const std::shared_ptr<const Provider>* owner;
    };

    const SymbolTable* base_;
    mutable std::shared_mutex mutex_;  // protects everything below
    std::unordered_map<std::string_view, Slot> index_;
    std::unordered_map<const Provider*, std::shared_ptr<const Provider>>
        providers_;  // node based: Slot points in
};

}  // namespace umc::symtab
