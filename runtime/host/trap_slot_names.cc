// SPDX-License-Identifier: GPL-2.0-only
// The trap slots that stand for symbols nobody provides: inaccessible memory, so that a call or access faults, and the
// names by which reports call them. tools/link-kern makes kern's slots.
#include <sys/mman.h>

#include "host/trap_slot_names.h"

#include "host/trap_slots.h"
#include "seam/trap.h"

// Made by tools/link-kern; a program that holds no kern has none.
extern "C" {
extern char umc_kern_traps_begin[] __attribute__((weak));
extern char umc_kern_traps_end[] __attribute__((weak));
extern const char* const umc_kern_trap_names[] __attribute__((weak));
}

namespace umc {
namespace {

constexpr unsigned long kSlotSize = 64;

// The names follow the slots in number; the array ends where its first string begins.
const char* kern_slot_name(unsigned long address) {
    auto begin = reinterpret_cast<unsigned long>(umc_kern_traps_begin);
    auto end = reinterpret_cast<unsigned long>(umc_kern_traps_end);
    if (begin == 0 || address < begin || address >= end) return nullptr;
    unsigned long slot = (address - begin) / kSlotSize;
    unsigned long count = (reinterpret_cast<unsigned long>(umc_kern_trap_names[0]) -
                           reinterpret_cast<unsigned long>(umc_kern_trap_names)) / sizeof(char*);
    return slot < count ? umc_kern_trap_names[slot] : nullptr;
}

}  // namespace

void protect_kern_trap_slots() {
    if (umc_kern_traps_begin) mprotect(umc_kern_traps_begin, umc_kern_traps_end - umc_kern_traps_begin, PROT_NONE);
}

}  // namespace umc

#ifdef __SANITIZE_ADDRESS__
// LeakSanitizer reads all of the program's data, so it faults on inaccessible slots; and it does not see pointers that
// lie in emulated memory. Called before the sanitizer can check anything; ASAN_OPTIONS in the environment wins.
extern "C" __attribute__((no_sanitize("address", "undefined"))) const char* __asan_default_options() {
    return umc_kern_traps_begin ? "detect_leaks=0" : "";
}
#endif

extern "C" const char* umc_host_trap_slot_name(unsigned long address) {
    if (const char* name = umc::kern_slot_name(address)) return name;
    return umc::trap_slot_name(address);
}
