// SPDX-License-Identifier: GPL-2.0-only
// Shared messages.
#include "umcrun/report.h"

#include <fmt/ranges.h>

#include <cerrno>
#include <cstring>

namespace umc::cli {

std::string insmod_error_text(int err) {
    switch (err) {
        case ENOEXEC:
            return "Invalid module format";
        case ENOENT:
            return "Unknown symbol in module";
        case ESRCH:
            return "Module has wrong symbol version";
        case EINVAL:
            return "Invalid parameters";
        default:
            return std::strerror(err);
    }
}

void report_reason(const Invocation& call, const Refusal& refusal) {
    const auto lines = get_strings(refusal.response, "log");
    if (lines.size() > 1) {
        hint(call, "{} ({} more in 'umcrun dmesg')", lines[0], lines.size() - 1);
    } else if (lines.size() == 1) {
        print_hint(call, lines[0]);
    } else if (!refusal.error.message.empty()) {
        print_hint(call, refusal.error.message);
    }
}

void report_insmod(const Invocation& call, const std::string& file, const Refusal& refusal) {
    if (refusal.response.empty()) {  // the instance did not answer
        error(call, "could not insert module {}: {}", file, error_text(refusal.error));
        return;
    }
    error(call, "could not insert module {}: {}", file, insmod_error_text(refusal.error.err));
    report_reason(call, refusal);
}

void report_rmmod(const Invocation& call, const std::string& name, const std::string& shown,
                  const Refusal& refusal) {
    const int err = refusal.error.err;
    const auto users = get_strings(refusal.response, "users");
    if (refusal.response.empty()) {
        error(call, "could not remove module {}: {}", shown, error_text(refusal.error));
    } else if (err == ENOENT) {
        error(call, "Module {} is not currently loaded", name);
    } else if (err == EWOULDBLOCK && !users.empty()) {
        error(call, "Module {} is in use by: {}", name, fmt::join(users, " "));
    } else if (err == EWOULDBLOCK) {
        error(call, "Module {} is in use", name);
    } else {
        error(call, "could not remove module {}: {}", shown, std::strerror(err));
        if (!refusal.error.message.empty()) print_hint(call, refusal.error.message);
    }
}

int report_no_instance(const Invocation& call, const Error& error) {
    print_error(call, error_text(error));
    return kExitFailure;
}

Json insmod_request(const InsertRequest& request) {
    return {{"cmd", "insmod"},
            {"path", to_wire(request.path)},
            {"args", to_wire(request.args)},
            {"force_vermagic", request.options.force_vermagic},
            {"force_modversion", request.options.force_modversion},
            {"allow_missing", request.options.allow_missing}};
}

}  // namespace umc::cli
