// SPDX-License-Identifier: GPL-2.0-only
// What modinfo prints about a module file, as kmod's does.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "symtab/result.h"
#include "umcrun/protocol.h"

namespace umc::cli {

struct ModuleInfo {
    std::string file_name;
    std::vector<std::pair<std::string, std::string>> fields;  // .modinfo in file order, then the signature's
};

// ENOENT, EACCES, ...; ENOEXEC when it is no module.
Result<ModuleInfo> read_module_info(const std::string& path);

struct ModinfoFormat {
    std::string field;  // only this one's values; empty: everything
    char separator = '\n';
};
// `warnings` gets a text for each malformed parameter description.
std::string format_module_info(const ModuleInfo& info, const ModinfoFormat& format,
                               std::vector<std::string>& warnings);
// {"filename":...,"fields":{"license":["GPL"],...},"parameters":[{"name","description","type"}]}
Json module_info_json(const ModuleInfo& info);

}  // namespace umc::cli
