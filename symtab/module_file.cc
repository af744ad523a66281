// SPDX-License-Identifier: GPL-2.0-only
// Opens module files; the checks are ModuleReader's.
#include "symtab/module_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "symtab/module_reader.h"
#include "symtab/section_names.h"

namespace umc::symtab {

namespace {

class FileDescriptor {
 public:
    explicit FileDescriptor(int fd) : fd_(fd) {}
    ~FileDescriptor() {
        if (fd_ >= 0) close(fd_);
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    int get() const { return fd_; }

 private:
    int fd_;
};

std::string_view checked_name(std::span<const std::byte> strings, std::uint32_t offset) {
    return reinterpret_cast<const char*>(strings.data()) + offset;
}

}  // namespace

// Reads rather than maps: a file that shrinks while it is in use must not end in SIGBUS.
Result<ModuleFile> ModuleFile::open(const std::string& path, const KernelInfo& kernel) {
    const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (fd.get() < 0) return fail(errno, path);
    struct stat st;
    if (fstat(fd.get(), &st) < 0) return fail(errno, path);
    if (S_ISDIR(st.st_mode)) return fail(EISDIR, path);
    if (!S_ISREG(st.st_mode)) return fail(EINVAL, path + ": not a regular file");
    if (static_cast<std::uint64_t>(st.st_size) > kMaxSize) return fail(EFBIG, path + ": larger than 1 GiB");

    ModuleFile file;
    file.path_ = path;
    const auto size = static_cast<std::size_t>(st.st_size);
    file.bytes_ = std::make_unique_for_overwrite<std::byte[]>(size);
    while (file.size_ < size) {
        const ssize_t n = ::read(fd.get(), file.bytes_.get() + file.size_, size - file.size_);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(errno, path);
        if (n == 0) break;  // shorter than fstat said: the checks below see what is there
        file.size_ += static_cast<std::size_t>(n);
    }
    if (auto ok = ModuleReader(file, kernel).read(); !ok) return tl::unexpected(ok.error());
    return file;
}

Result<ModuleFile> ModuleFile::parse(std::span<const std::byte> bytes, std::string path,
                                     const KernelInfo& kernel) {
    if (bytes.size() > kMaxSize) return fail(EFBIG, path + ": larger than 1 GiB");
    ModuleFile file;
    file.path_ = std::move(path);
    file.size_ = bytes.size();
    file.bytes_ = std::make_unique_for_overwrite<std::byte[]>(bytes.size());
    if (!bytes.empty()) std::memcpy(file.bytes_.get(), bytes.data(), bytes.size());
    if (auto ok = ModuleReader(file, kernel).read(); !ok) return tl::unexpected(ok.error());
    return file;
}

const Section* ModuleFile::find_section(std::string_view name) const {
    for (const Section& s : sections_) {
        if (s.alloc() && s.name == name) return &s;
    }
    return nullptr;
}

const Section* ModuleFile::find_any_section(std::string_view name) const {
    for (const Section& s : sections_) {
        if (s.index && s.name == name) return &s;
    }
    return nullptr;
}

const Section* ModuleFile::percpu_section() const {
    return find_section(kind() == ModuleKind::kKo ? section_name::kPercpu : section_name::kSoPercpu);
}

std::span<const std::byte> ModuleFile::contents(const Section& section) const {
    if (section.header.sh_type == SHT_NOBITS || section.header.sh_type == SHT_NULL) return {};
    return bytes().subspan(section.header.sh_offset, section.header.sh_size);
}

std::string_view ModuleFile::symbol_name(const Elf64_Sym& symbol) const {
    return checked_name(symbol_strings_, symbol.st_name);
}

std::string_view ModuleFile::debug_symbol_name(const Elf64_Sym& symbol) const {
    return checked_name(debug_symbol_strings_, symbol.st_name);
}

std::optional<std::string_view> ModuleFile::modinfo(std::string_view tag) const {
    for (const auto& [t, value] : modinfo_) {
        if (t == tag) return value;
    }
    return std::nullopt;
}

}  // namespace umc::symtab
