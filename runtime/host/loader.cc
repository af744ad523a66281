// SPDX-License-Identifier: GPL-2.0-only
// Loads and unloads module files. The order of steps and the errors are those of the kernel's load_module().
#include "host/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>
#include <string_view>

#include "host/kern_call.h"
#include "host/kernel_symbols.h"
#include "host/ko_loader.h"
#include "host/so_loader.h"
#include "host/symbolize.h"
#include "host/trap_slots.h"
#include "seam/log.h"

namespace umc {
namespace {

constexpr const char* kTaskName = "insmod";

void log_line(int level, std::string_view text) {
    const std::string line = std::string(text) + '\n';  // the newline closes the record
    umc_host_log_write(0, level, 0, 0, line.data(), line.size());
}

std::mutex requester_mutex;
ModuleRequester& requester() {
    static ModuleRequester fn;
    return fn;
}

const char* state_name(umc_module_state state) {
    switch (state) {
        case UMC_MODULE_LIVE: return "Live";
        case UMC_MODULE_COMING: return "Loading";
        case UMC_MODULE_GOING: return "Unloading";
        case UMC_MODULE_UNFORMED: break;
    }
    return "Loading";
}

CodeImage code_image(const PlacedModule& placed) {
    CodeImage image;
    image.name = placed.name();
    image.path = placed.path();
    image.is_so = placed.kind() == symtab::ModuleKind::kSo;
    image.base = placed.load_bias();
    if (!image.is_so)
        for (unsigned i = 0; i < placed.image().section_count; ++i) {
            const umc_section& section = placed.image().sections[i];
            image.sections.push_back({section.name, section.address, section.size});
        }
    return image;
}

}  // namespace

void set_module_requester(ModuleRequester fn) {
    std::lock_guard lock(requester_mutex);
    requester() = std::move(fn);
}

Loader::Loader() : table_(&kernel_symbols()) {}

// One insmod: what has been done so far is undone by the destructor, unless the module runs.
class Loader::Attempt {
   public:
    Attempt(Loader& loader, symtab::ModuleFile file, const InsmodOptions& options)
        : loader_(loader), name_(file.name()), file_(std::move(file)), options_(options) {}
    ~Attempt();

    Result<> resolve();
    Result<> place();
    Result<> link();
    Result<> run(const std::string& args);

   private:
    Result<> pin();

    Loader& loader_;
    const std::string name_;
    std::optional<symtab::ModuleFile> file_;  // until place()
    const InsmodOptions& options_;
    symtab::ModuleDescription description_;
    symtab::Resolution resolution_;
    std::set<std::string> pinned_;  // names of the modules that kern has noted as used
    std::unique_ptr<PlacedModule> placed_;
    bool reserved_ = false;
    bool settled_ = false;  // the entry is no longer this attempt's
};

Loader::Attempt::~Attempt() {
    if (settled_) return;
    // kern lets go of the image first, then nobody finds its symbols or addresses, then the memory goes.
    std::unique_ptr<PlacedModule> placed = std::move(placed_);
    std::shared_ptr<const symtab::Provider> provider;
    {
        std::lock_guard lock(loader_.mutex_);
        Entry& entry = loader_.entries_.at(name_);
        entry.phase = Entry::Phase::kReleasing;
        provider = std::move(entry.provider);
        if (entry.placed) placed = std::move(entry.placed);
    }
    if (reserved_) (void)call_in_task(kTaskName, [&] { umc_kern_module_drop(&placed->image()); });
    if (provider) loader_.table_.remove(*provider);
    if (placed) unregister_code(name_);
    placed.reset();
    loader_.give_name_back(name_);
}

Result<> Loader::Attempt::resolve() {
    const symtab::ResolveOptions options{.force_vermagic = options_.force_vermagic,
                                         .force_modversion = options_.force_modversion,
                                         .allow_missing = options_.allow_missing};
    const bool first = pinned_.empty() && !placed_;
    if (first) description_ = file_->description();
    resolution_ = symtab::resolve(description_, loader_.table_, kernel_info(), options);
    if (first || resolution_.err)
        for (const symtab::LogLine& line : resolution_.log) log_line(line.level, line.text);
    if (resolution_.err) return fail(resolution_.err, resolution_.reason);
    return {};
}

Result<> Loader::Attempt::place() {
    const bool is_so = file_->kind() == symtab::ModuleKind::kSo;
    if (!file_->has_signature()) {
        // Once, as the kernel says it. UMC verifies no signature, so one that is there says nothing.
        if (!(kernel_info().taints >> symtab::kTaintUnsigned & 1))
            log_line(symtab::LogLine::kNotice,
                     fmt::format("{}: module verification failed: signature and/or required key missing - "
                                 "tainting kernel",
                                 name_));
        resolution_.taints |= 1ull << symtab::kTaintUnsigned;
    }
    auto placed = is_so ? place_so(*std::move(file_)) : place_ko(*std::move(file_));
    file_.reset();
    if (!placed) {
        log_line(symtab::LogLine::kErr, placed.error().message);
        return tl::unexpected(placed.error());
    }
    placed_ = *std::move(placed);
    placed_->image().taints = resolution_.taints;

    int err = 0;
    auto ran = call_in_task(kTaskName, [&] { err = umc_kern_module_reserve(&placed_->image()); });
    if (!ran) return ran;
    if (err) return fail(-err);
    reserved_ = true;
    return pin();
}

// Takes references of the modules that the imports were found in, until none of them can change any more.
Result<> Loader::Attempt::pin() {
    for (;;) {
        std::vector<std::string> wanted;
        for (const auto& used : resolution_.uses)
            if (!pinned_.contains(used->name())) wanted.push_back(used->name());
        if (wanted.empty()) return {};
        int err = 0;
        std::string_view failed;
        auto ran = call_in_task(kTaskName, [&] {
            for (const std::string& used : wanted) {
                failed = used;
                err = umc_kern_module_use(&placed_->image(), used.c_str());
                if (err) return;
            }
        });
        if (!ran) return ran;
        if (err && err != -ENOENT) {
            for (const symtab::ResolvedImport& import : resolution_.imports)
                if (import.found.owner && import.found.owner->name() == failed)
                    log_line(symtab::LogLine::kWarning, fmt::format("{}: Unknown symbol {} (err {})", name_,
                                                                    import.import->name, err));
            return fail(-err, fmt::format("{}: module {} cannot be used", name_, failed));
        }
        // ENOENT: it went away meanwhile; resolving again tells whether somebody else provides its symbols.
        if (!err) pinned_.insert(wanted.begin(), wanted.end());
        if (auto ok = resolve(); !ok) return ok;
    }
}

Result<> Loader::Attempt::link() {
    ImportValues values;
    for (const symtab::ResolvedImport& import : resolution_.imports) {
        if (import.import->host_runtime) continue;
        std::uint64_t value = 0;  // of a weak import that may not be bound
        if (import.state == symtab::ImportState::kResolved) {
            value = import.found.symbol->value;
        } else if (import.state == symtab::ImportState::kMissing && !import.import->weak) {
            auto slot = trap_slot(import.import->name);
            if (!slot) return tl::unexpected(slot.error());
            value = *slot;
        }
        values.emplace(import.import->symbol, value);
    }
    if (auto ok = placed_->link(values); !ok) {
        log_line(symtab::LogLine::kErr, ok.error().message);
        return ok;
    }
    auto provider =
        loader_.table_.add({name_, placed_.get(), resolution_.proprietary()}, placed_->exports());
    if (!provider) {
        log_line(symtab::LogLine::kErr, provider.error().message);
        return tl::unexpected(provider.error());
    }
    // Without names a backtrace is poorer and the module still runs.
    if (auto ok = register_code(code_image(*placed_)); !ok)
        log_line(symtab::LogLine::kWarning, fmt::format("{}: no symbols: {}", name_, ok.error().message));
    std::lock_guard lock(loader_.mutex_);
    Entry& entry = loader_.entries_.at(name_);
    entry.provider = *std::move(provider);
    entry.placed = std::move(placed_);
    entry.uses.assign(pinned_.begin(), pinned_.end());
    entry.order = loader_.next_order_++;
    entry.phase = Entry::Phase::kLoading;
    return {};
}

Result<> Loader::Attempt::run(const std::string& args) {
    umc_module_image* image;
    {
        std::lock_guard lock(loader_.mutex_);
        image = &loader_.entries_.at(name_).placed->image();
    }
    int err = 0;
    reserved_ = false;  // kern undoes everything itself when this fails
    auto ran = call_in_task(kTaskName, [&] { err = umc_kern_module_load(image, args.c_str()); });
    {
        std::lock_guard lock(loader_.mutex_);
        Entry& entry = loader_.entries_.at(name_);
        if (ran && !err) entry.phase = Entry::Phase::kLive;
        // The task is gone with whatever it held: the module stays as it is, as in the kernel.
        if (!ran && ran.error().err == EFAULT) entry.phase = Entry::Phase::kDead;
        settled_ = entry.phase != Entry::Phase::kLoading;
        loader_.changed_.notify_all();
    }
    if (!ran) return fail(ran.error().err, fmt::format("{}: init did not return: {}", name_, ran.error().message));
    if (err) return fail(-err);
    return {};
}

// The name is this caller's until give_name_back(). Waits for those who load or release a module of that name; as in
// the kernel it is then not tried again: -EEXIST when theirs runs, -EBUSY when it does not.
Result<> Loader::take_name(const std::string& name) {
    std::unique_lock lock(mutex_);
    for (bool waited = false;; waited = true) {
        const auto taken = entries_.find(name);
        if (taken == entries_.end()) {
            if (waited) return fail(EBUSY);
            break;
        }
        const Entry& entry = taken->second;
        if (entry.phase == Entry::Phase::kDead) return fail(EEXIST);
        if (entry.phase == Entry::Phase::kLive) {
            umc_module_info info{};
            umc_kern_module_info(entry.placed->image().this_module, &info);
            return fail(info.state == UMC_MODULE_LIVE ? EEXIST : EBUSY);
        }
        changed_.wait(lock);
    }
    entries_.try_emplace(name);
    return {};
}

void Loader::give_name_back(const std::string& name) {
    std::lock_guard lock(mutex_);
    entries_.erase(name);
    changed_.notify_all();
}

Result<> Loader::insmod(const std::string& path, const std::string& args, const InsmodOptions& options) {
    auto file = symtab::ModuleFile::open(path, kernel_info());
    if (!file) {
        if (file.error().err == ENOEXEC) log_line(symtab::LogLine::kErr, file.error().message);
        return tl::unexpected(file.error());
    }
    if (auto ok = take_name(file->name()); !ok) return ok;
    Attempt attempt(*this, *std::move(file), options);
    if (auto ok = attempt.resolve(); !ok) return ok;
    if (auto ok = attempt.place(); !ok) return ok;
    if (auto ok = attempt.link(); !ok) return ok;
    return attempt.run(args);
}

Result<> Loader::rmmod(const std::string& name, bool force) {
    int err = 0;
    void* host = nullptr;
    auto ran = call_in_task("rmmod", [&] { err = umc_kern_module_remove(name.c_str(), force, &host); });
    if (!ran) return fail(ran.error().err, fmt::format("{}: exit did not return: {}", name, ran.error().message));
    if (err) return fail(-err);

    std::unique_ptr<PlacedModule> placed;
    std::shared_ptr<const symtab::Provider> provider;
    {
        std::unique_lock lock(mutex_);
        Entry& entry = entries_.at(name);
        // kern calls it live a moment before insmod does.
        changed_.wait(lock, [&] { return entry.phase == Entry::Phase::kLive; });
        entry.phase = Entry::Phase::kReleasing;
        placed = std::move(entry.placed);
        provider = std::move(entry.provider);
    }
    table_.remove(*provider);
    unregister_code(name);
    placed.reset();
    give_name_back(name);
    return {};
}

std::vector<ModuleStatus> Loader::modules() const {
    std::lock_guard lock(mutex_);
    std::vector<std::pair<std::uint64_t, const std::string*>> order;
    for (const auto& [name, entry] : entries_)
        if (entry.placed) order.emplace_back(entry.order, &name);
    std::sort(order.rbegin(), order.rend());

    std::vector<ModuleStatus> list;
    for (const auto& [number, name] : order) {
        const PlacedModule& placed = *entries_.at(*name).placed;
        umc_module_info info{};
        umc_kern_module_info(placed.image().this_module, &info);
        ModuleStatus& status = list.emplace_back();
        status.name = *name;
        status.path = placed.path();
        status.kind = symtab::to_string(placed.kind());
        status.state = state_name(info.state);
        status.size = placed.image().core_size;
        status.address = placed.image().core_base;
        status.refcount = info.permanent ? -1 : info.refcount;
        status.taints = info.taints;
        for (const auto& [other_number, other] : order) {
            const auto& uses = entries_.at(*other).uses;
            if (std::find(uses.begin(), uses.end(), *name) != uses.end()) status.users.push_back(*other);
        }
    }
    return list;
}

std::size_t Loader::count() const {
    std::lock_guard lock(mutex_);
    return std::count_if(entries_.begin(), entries_.end(), [](const auto& e) { return e.second.placed != nullptr; });
}

}  // namespace umc

void umc_host_module_release_init(void* host) { static_cast<umc::PlacedModule*>(host)->finish_init(); }

int umc_host_module_request(const char* name) {
    umc::ModuleRequester fn;
    {
        std::lock_guard lock(umc::requester_mutex);
        fn = umc::requester();
    }
    return fn ? fn(name) : -ENOENT;
}
