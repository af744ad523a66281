#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# UMC_SAN, UMC_COV, UMC_CFLAGS, and a CFLAGS_MODULE of the user's.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

fixture machine
so=machine/machine.so

# Sanitizer symbols, and only those, are left to the dynamic linker.
kbuild "$work/machine" UMC_SAN=address,undefined
expect_sound $so
imports $so U >strong
grep -qx __asan_report_load4 strong || fail "no AddressSanitizer check"
grep -q '^__ubsan_handle_' strong || fail "no UndefinedBehaviorSanitizer check"
expect_equal "strong imports" "" "$(grep -vE '^__(asan|ubsan)_' strong || true)"
has_section $so .init_array || fail "the sanitizer's constructor is gone"
imports $so w | grep -E 'asan|ubsan' && fail "a sanitizer symbol is left to the loader"

kbuild "$work/machine" UMC_SAN=thread
expect_sound $so
imports $so U | matches -x __tsan_func_entry || fail "no ThreadSanitizer instrumentation"

# Coverage: no constructor, a table of records instead.
kbuild "$work/machine" UMC_COV=1
expect_sound $so
expect_file machine/machine.gcno
has_section $so .gcov_info || fail "no section .gcov_info"
! has_section $so .init_array || fail "a constructor"
! imports $so w | grep gcov || fail "an import for coverage"

kbuild "$work/machine" UMC_CFLAGS=-DFROM_UMC CFLAGS_MODULE="-fno-inline -DFROM_USER='a b'" V=1
grep -q "fno-inline -DFROM_USER='a b' -fPIC.* -DFROM_UMC.* -c -o .*machine\.o" run.log || fail "flags are lost"
expect_sound $so

kbuild "$work/machine"
expect_sound $so
expect_equal "strong imports" "" "$(imports $so U)"
