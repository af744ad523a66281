#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# make-kdir itself: a second run changes nothing, runs at a time do not collide, wrong arguments are named.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

make_kdir=$(dirname "$fixtures")/../../tools/kdir/make-kdir
listing() {
	find "$1" ! -type d ! -name .lock -printf '%P %y %l %m %s %T@\n' | sort
}

run "$make_kdir" --headers "$headers" --out one
listing one >first
run "$make_kdir" --headers "$headers" --out one
expect_equal "a second run" "$(cat first)" "$(listing one)"

echo damaged >one/umc/so.lds
touch one/umc/shadow/asm/left_over.h
rm one/Makefile one/scripts
run "$make_kdir" --headers "$headers" --out one
expect_equal "a repaired directory" "$(cut -d' ' -f1-5 first)" "$(listing one | cut -d' ' -f1-5)"

pids=()
for _ in 1 2 3; do
	"$make_kdir" --headers "$headers" --out two &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	wait "$pid" || fail "runs at a time"
done
diff -r --no-dereference one two || fail "runs at a time differ"
! grep -rq "$work" one/umc one/.kernelvariables one/Makefile || fail "the directory holds its own path"

# Only what the compiler never sees is changed in the configuration.
[[ one/include/generated/autoconf.h -ef $headers/include/generated/autoconf.h ]] || fail "autoconf.h is not the headers'"
expect_equal "additions to auto.conf" "" "$(LC_ALL=C comm -13 <(LC_ALL=C sort "$headers/include/config/auto.conf") \
	<(LC_ALL=C sort one/include/config/auto.conf))"

run "$make_kdir" --headers "$headers" --out two --cc "gcc -pipe"
expect_equal "--cc" "CC = gcc -pipe" "$(grep '^CC' two/.kernelvariables)"

run_refused "--headers and --out are required" "$make_kdir" --headers "$headers"
run_refused "--out needs a value" "$make_kdir" --headers "$headers" --out
run_refused "unknown argument: --bogus" "$make_kdir" --bogus
run_refused "not an x86 kernel build directory" "$make_kdir" --headers "$work" --out three
run_refused "no-such-compiler is not installed" "$make_kdir" --headers "$headers" --out three --cc no-such-compiler
run_refused "spaces" "$make_kdir" --headers "$headers" --out "a b"
expect_no_file three "a b"
