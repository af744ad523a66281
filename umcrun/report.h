// SPDX-License-Identifier: GPL-2.0-only
// Messages that several commands share: kmod's texts for a module that does not load or unload.
#pragma once

#include <string>

#include "umcrun/client.h"
#include "umcrun/command.h"

namespace umc::cli {

// What insmod says about an errno of finit_module(2).
std::string insmod_error_text(int err);

// "could not insert module FILE: ..." and, when known, the reason from the log.
void report_insmod(const Invocation& call, const std::string& file, const Refusal& refusal);
// The first line of the attempt's log, or the error's message.
void report_reason(const Invocation& call, const Refusal& refusal);
// "Module x is in use by: y z" and its kin. `shown`: the module as the user wrote it.
void report_rmmod(const Invocation& call, const std::string& name, const std::string& shown,
                  const Refusal& refusal);

// No connection to the instance: prints why and returns kExitFailure.
int report_no_instance(const Invocation& call, const Error& error);

struct InsertRequest {
    std::string path;  // absolute
    std::string args;
    InsmodOptions options;
};
Json insmod_request(const InsertRequest& request);

}  // namespace umc::cli
