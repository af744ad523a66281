// SPDX-License-Identifier: GPL-2.0-only
// Running a closure in a kernel task from a host thread, and waiting for it.
#pragma once

#include <functional>

#include "symtab/result.h"

namespace umc {

// Runs `fn` in a new task named `name` (process context, may sleep) and returns when it has ended. Host threads that are
// no vCPU only. ENOMEM, ESHUTDOWN: not run; EFAULT: an oops ended the task inside fn, whose locals are lost.
Result<> call_in_task(const char* name, const std::function<void()>& fn);

}  // namespace umc
