// SPDX-License-Identifier: GPL-2.0-only
// What the images of both kinds of module have in common.
#include "host/placed_module.h"

namespace umc {

PlacedModule::PlacedModule(const symtab::ModuleFile& file)
    : name_(file.name()), path_(file.path()), kind_(file.kind()), description_(file.description()) {
    image_.host = this;
    image_.path = path_.c_str();
    image_.is_so = kind_ == symtab::ModuleKind::kSo;
    if (const auto version = file.modinfo("version")) image_.version = (version_ = *version).c_str();
    if (const auto version = file.modinfo("srcversion")) image_.srcversion = (srcversion_ = *version).c_str();
}

void PlacedModule::add_section(std::string_view name, std::uint64_t address, std::uint64_t size) {
    sections_.push_back({strings_.emplace_back(name).c_str(), address, size});
}

void PlacedModule::publish_sections() {
    image_.sections = sections_.data();
    image_.section_count = sections_.size();
}

}  // namespace umc
