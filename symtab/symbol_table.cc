// SPDX-License-Identifier: GPL-2.0-only
// The exported symbols of the kernel and of the loaded modules.
#include "symtab/symbol_table.h"

#include <fmt/format.h>

#include <cerrno>
#include <mutex>

namespace umc::symtab {

Provider::Provider(ProviderInfo info, std::span<const Symbol> symbols) : info_(std::move(info)) {
    std::size_t bytes = 0;
    for (const Symbol& s : symbols) bytes += s.name.size() + s.name_space.size();
    strings_.reserve(bytes);  // never reallocates below: the views stay valid
    const auto keep = [this](std::string_view text) {
        const std::size_t at = strings_.size();
        strings_.insert(strings_.end(), text.begin(), text.end());
        return std::string_view(strings_.data() + at, text.size());
    };
    symbols_.reserve(symbols.size());
    for (const Symbol& s : symbols) {
        Symbol& copy = symbols_.emplace_back(s);
        copy.name = keep(s.name);
        copy.name_space = keep(s.name_space);
    }
}

Result<std::shared_ptr<const Provider>> SymbolTable::add(ProviderInfo info, std::span<const Symbol> symbols) {
    const auto provider = std::make_shared<const Provider>(std::move(info), symbols);
    const auto duplicate = [&](std::string_view name, const Provider& owner) {
        return fail(ENOEXEC, fmt::format("{}: exports duplicate symbol {} (owned by {})", provider->name(),
                                         name, owner.name()));
    };

    std::unique_lock lock(mutex_);
    for (const Symbol& s : provider->symbols()) {
        if (base_) {
            if (const auto found = base_->find(s.name)) return duplicate(s.name, *found->owner);
        }
        if (const auto it = index_.find(s.name); it != index_.end())
            return duplicate(s.name, **it->second.owner);
    }

    const auto& owner = providers_.emplace(provider.get(), provider).first->second;
    index_.reserve(index_.size() + provider->symbols().size());
    const auto symbols_added = provider->symbols();
    for (std::size_t i = 0; i < symbols_added.size(); i++) {
        if (index_.try_emplace(symbols_added[i].name, Slot{&symbols_added[i], &owner}).second) continue;
        // Twice in this very provider: take back what was entered.
        const std::string_view name = symbols_added[i].name;
        for (std::size_t k = 0; k < i; k++) index_.erase(symbols_added[k].name);
        providers_.erase(provider.get());
        return duplicate(name, *provider);
    }
    return provider;
}

bool SymbolTable::remove(const Provider& provider) {
    std::unique_lock lock(mutex_);
    const auto it = providers_.find(&provider);
    if (it == providers_.end()) return false;
    for (const Symbol& s : provider.symbols()) index_.erase(s.name);
    providers_.erase(it);
    return true;
}

std::optional<FoundSymbol> SymbolTable::find(std::string_view name) const {
    {
        std::shared_lock lock(mutex_);
        if (const auto it = index_.find(name); it != index_.end()) {
            return FoundSymbol{it->second.symbol, *it->second.owner};
        }
    }
    return base_ ? base_->find(name) : std::nullopt;
}

std::size_t SymbolTable::size() const {
    std::shared_lock lock(mutex_);
    return index_.size();
}

std::vector<std::shared_ptr<const Provider>> SymbolTable::providers() const {
    std::shared_lock lock(mutex_);
    std::vector<std::shared_ptr<const Provider>> all;
    all.reserve(providers_.size());
    for (const auto& [key, provider] : providers_) all.push_back(provider);
    return all;
}

}  // namespace umc::symtab
