#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every binary module of the distribution's kernel package is read: none may be called malformed.
. "$(dirname "$0")/lib.sh"

run "$UMC_SOURCE/tools/corpus" --top 10
((status <= 1)) || fail "tools/corpus, exit status $status" # 1: some would not load
count() { sed -n "s/^$1: //p" <<<"$out"; }
(($(count modules) > 4000)) || fail "fewer modules than the package holds: $(count modules)"
(($(count 'would load') > 0)) || fail "no module at all would load"
out_has '^malformed: 0$'
out_has '^unreadable: 0$'
