// SPDX-License-Identifier: GPL-2.0-only
// Module names, files and parameters.
#include "umcrun/module_args.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <cstdlib>

#include "umcrun/fd.h"

namespace umc::cli {

std::string normalize_name(std::string_view name) {
    std::string result(name);
    bool in_brackets = false;
    for (char& c : result) {
        if (c == '[') in_brackets = true;
        if (c == ']') in_brackets = false;
        if (c == '-' && !in_brackets) c = '_';
    }
    return result;
}

std::string module_name_of_path(std::string_view path) {
    std::string_view base = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
    for (std::string_view suffix : {".so", ".ko", ".ko.xz", ".ko.zst", ".ko.gz"}) {
        if (base.size() > suffix.size() && base.ends_with(suffix)) {
            base.remove_suffix(suffix.size());
            break;
        }
    }
    return normalize_name(base);
}

bool has_module_suffix(std::string_view path) { return path.ends_with(".so") || path.ends_with(".ko"); }

namespace {

bool is_module_file(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::size_t slash = word.find('/');
    if (slash != std::string::npos && (equals == std::string::npos || slash < equals)) return true;
    if (equals != std::string::npos) return false;
    if (has_module_suffix(word)) return true;
    struct stat st;
    return stat(word.c_str(), &st) == 0 && S_ISREG(st.st_mode);
}

void append_parameter(std::string& list, const std::string& word) {
    const std::size_t value = word.find('=') + 1;  // 0 when there is none
    const bool quoted = value < word.size() && (word[value] == '"' || word[value] == '\'');
    if (!list.empty()) list += ' ';
    if (value != 0 && !quoted && word.find_first_of(" \t", value) != std::string::npos)
        list += word.substr(0, value) + '"' + word.substr(value) + '"';
    else
        list += word;
}

}  // namespace

std::vector<FileWithArgs> split_module_words(std::span<const std::string> words) {
    std::vector<FileWithArgs> files;
    for (const std::string& word : words) {
        if (files.empty() || is_module_file(word))
            files.push_back({word, {}});
        else
            append_parameter(files.back().args, word);
    }
    return files;
}

std::string join_parameters(std::span<const std::string> words) {
    std::string joined;
    for (const std::string& word : words) append_parameter(joined, word);
    return joined;
}

Result<std::string> resolve_module_file(const std::string& file) {
    // Opened here, so that a missing file or permission is the caller's own and not the instance's.
    Fd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) return fail(errno);
    struct stat st;
    if (fstat(fd.get(), &st) != 0) return fail(errno);
    if (S_ISDIR(st.st_mode)) return fail(EISDIR);
    if (!S_ISREG(st.st_mode)) return fail(EINVAL);
    char resolved[PATH_MAX];
    if (!realpath(file.c_str(), resolved)) return fail(errno);
    return std::string(resolved);
}

}  // namespace umc::cli
