// SPDX-License-Identifier: GPL-2.0-only
// Loads and unloads module files: the host's half of finit_module(2) and delete_module(2).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/instance.h"
#include "host/placed_module.h"
#include "symtab/resolve.h"
#include "symtab/symbol_table.h"

namespace umc {

// Serves request_module() of kernel code: loads the named module as modprobe does; its exit status or -errno. Called on
// a host thread that may block. Unset: there are no modules to be found.
using ModuleRequester = std::function<int(const std::string& name)>;
void set_module_requester(ModuleRequester requester);

// Member functions may be called from any host thread that is no vCPU, in parallel. No lock of this class is held while
// code of a module runs, so a module's init may ask for another module.
class Loader {
   public:
    Loader();
    Result<> insmod(const std::string& path, const std::string& args, const InsmodOptions& options);
    Result<> rmmod(const std::string& name, bool force);

    std::vector<ModuleStatus> modules() const;  // newest first
    std::size_t count() const;

    // Runtime and loaded modules: what an import is resolved against.
    const symtab::SymbolTable& symbols() const { return table_; }

   private:
    // One module name that is taken. The name is the map's key.
    struct Entry {
        enum class Phase { kPlacing, kLoading, kLive, kReleasing, kDead };
        Phase phase = Phase::kPlacing;
        std::uint64_t order = 0;  // of insmod
        std::unique_ptr<PlacedModule> placed;  // from kLoading on; kern knows it
        std::shared_ptr<const symtab::Provider> provider;
        std::vector<std::string> uses;
    };
    class Attempt;  // one insmod under way

    Result<> take_name(const std::string& name);
    void give_name_back(const std::string& name);

    mutable std::mutex mutex_;  // protects entries_ and next_order_
    std::condition_variable changed_;
    std::map<std::string, Entry> entries_;
    std::uint64_t next_order_ = 0;
    symtab::SymbolTable table_;
};

}  // namespace umc
