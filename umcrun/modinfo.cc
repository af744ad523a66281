// SPDX-License-Identifier: GPL-2.0-only
// Reading and printing .modinfo.
#include "umcrun/modinfo.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "symtab/module_file.h"
#include "umcrun/module_signature.h"

namespace umc::cli {
namespace {

constexpr std::streamoff kMaxSignature = 1 << 20;

std::vector<std::uint8_t> read_tail(const std::string& path, std::streamoff max) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) return {};
    const std::streamoff size = file.tellg();
    file.seekg(std::max<std::streamoff>(size - max, 0));
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Parameter {
    std::string name;
    std::optional<std::string> description, type;
};

// In the order of their first mention.
std::vector<Parameter> collect_parameters(const ModuleInfo& info, std::vector<std::string>& warnings) {
    std::vector<Parameter> parameters;
    for (const auto& [key, value] : info.fields) {
        if (key != "parm" && key != "parmtype") continue;
        const std::size_t colon = value.find(':');
        if (colon == std::string::npos) {
            warnings.push_back(fmt::format("Found invalid \"{}={}\": missing ':'", key, value));
            continue;
        }
        const std::string name = value.substr(0, colon);
        auto it = std::find_if(parameters.begin(), parameters.end(),
                               [&](const Parameter& parameter) { return parameter.name == name; });
        if (it == parameters.end()) it = parameters.insert(parameters.end(), Parameter{name, {}, {}});
        (key == "parm" ? it->description : it->type) = value.substr(colon + 1);
    }
    return parameters;
}

std::string format_parameter(const Parameter& parameter, bool type_in_parentheses) {
    if (!parameter.description)
        return fmt::format(fmt::runtime(type_in_parentheses ? "{}: ({})" : "{}:{}"), parameter.name,
                           parameter.type.value_or(""));
    if (!parameter.type) return fmt::format("{}:{}", parameter.name, *parameter.description);
    return fmt::format("{}:{} ({})", parameter.name, *parameter.description, *parameter.type);
}

}  // namespace

Result<ModuleInfo> read_module_info(const std::string& path) {
    // No KernelInfo: modules of any kernel can be looked at.
    auto file = symtab::ModuleFile::open(path, {});
    if (!file) return tl::unexpected(file.error());
    ModuleInfo info;
    info.file_name = path;
    for (const auto& [key, value] : file->modinfo()) info.fields.emplace_back(key, value);
    const auto tail = read_tail(path, kMaxSignature);
    if (auto signature = read_signature(tail)) {
        info.fields.emplace_back("sig_id", signature->id_type);
        info.fields.emplace_back("signer", signature->signer);
        info.fields.emplace_back("sig_key", format_hex(signature->key_id));
        info.fields.emplace_back("sig_hashalgo", signature->hash_algorithm);
        info.fields.emplace_back("signature", format_hex(signature->signature));
    }
    return info;
}

std::string format_module_info(const ModuleInfo& info, const ModinfoFormat& format,
                               std::vector<std::string>& warnings) {
    const char end = format.separator;
    if (format.field == "filename") return info.file_name + end;
    std::string text;
    if (format.field == "parm") {
        auto parameters = collect_parameters(info, warnings);
        // kmod lists the last one first.
        for (auto it = parameters.rbegin(); it != parameters.rend(); ++it)
            text += format_parameter(*it, true) + end;
        return text;
    }
    if (!format.field.empty()) {
        for (const auto& [key, value] : info.fields)
            if (key == format.field) text += value + end;
        return text;
    }
    text += fmt::format("{:<16}{}{}", "filename:", info.file_name, end);
    for (const auto& [key, value] : info.fields) {
        if (key == "parm" || key == "parmtype") continue;
        if (end == '\0')
            text += fmt::format("{}={}{}", key, value, end);
        else
            text += fmt::format("{:<16}{}{}", key + ":", value, end);
    }
    auto parameters = collect_parameters(info, warnings);
    for (auto it = parameters.rbegin(); it != parameters.rend(); ++it)
        text += fmt::format("{:<16}{}{}", "parm:", format_parameter(*it, false), end);
    return text;
}

Json module_info_json(const ModuleInfo& info) {
    Json fields = Json::object(), parameters = Json::array();
    for (const auto& [key, value] : info.fields) {
        if (key == "parm" || key == "parmtype") continue;
        std::string plain = value;
        if (key == "signature" || key == "sig_key")
            std::erase_if(plain, [](char c) { return c == '\n' || c == '\t'; });
        fields[key].push_back(plain);
    }
    std::vector<std::string> ignored;
    for (const Parameter& parameter : collect_parameters(info, ignored)) {
        Json object = {{"name", parameter.name}};
        if (parameter.description) object["description"] = *parameter.description;
        if (parameter.type) object["type"] = *parameter.type;
        parameters.push_back(std::move(object));
    }
    return {
        {"filename", info.file_name}, {"fields", std::move(fields)}, {"parameters", std::move(parameters)}};
}

}  // namespace umc::cli
