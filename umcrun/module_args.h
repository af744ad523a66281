// SPDX-License-Identifier: GPL-2.0-only
// Module names, files and parameters on the command line.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "symtab/result.h"

namespace umc::cli {

// '-' becomes '_', except within [brackets], as in module names and aliases.
std::string normalize_name(std::string_view name);
// "/x/foo-bar.ko" -> "foo_bar". Understands .so, .ko and compressed .ko.
std::string module_name_of_path(std::string_view path);
// Ends in .so or .ko.
bool has_module_suffix(std::string_view path);

struct FileWithArgs {
    std::string file;  // as the user wrote it
    std::string args;  // see join_parameters()
};

// Splits the words of insmod and run. The first word is a file. A later one is a file when a '/' comes before
// any '=', or when it has no '=' and ends in .so or .ko or is the name of a regular file; otherwise a
// parameter of the file before it.
std::vector<FileWithArgs> split_module_words(std::span<const std::string> words);

// "a=1 b=2"; a value with blanks is quoted unless it is already.
std::string join_parameters(std::span<const std::string> words);

// The absolute path of a regular file that this process can open.
Result<std::string> resolve_module_file(const std::string& file);

}  // namespace umc::cli
