// SPDX-License-Identifier: GPL-2.0-only
// Kern's trap slots.
#pragma once

namespace umc {

// Makes them inaccessible. Once, at start-up.
void protect_kern_trap_slots();

}  // namespace umc
