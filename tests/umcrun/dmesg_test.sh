#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# dmesg: formats, levels, following, clearing.
. "$(dirname "$0")/lib.sh"
needs_fake

module a.so "log one"
ok insmod m/a.so bad=1
ok dmesg
[[ $out =~ ^\[\ +0\.[0-9]{6}\]\ Linux\ version ]] || fail "format"
ok dmesg -t -l warn
out_is "a: unknown parameter 'bad' ignored"
ok dmesg -t --level=err+
out_is ""
ok dmesg -t -x -l warn
out_is "kern  :warn  : a: unknown parameter 'bad' ignored"
ok dmesg -r -l warn
[[ $out == "<4>["* ]] || fail "raw"
ok dmesg -T
[[ $out == *"$(date +%Y)] a: one"* ]] || fail "wall-clock time"
ok dmesg --json -l warn
python3 - "$work/out" <<'P' || fail "JSON"
import json, sys
records = json.load(open(sys.argv[1]))
assert len(records) == 1 and records[0]["level"] == "warn" and records[0]["text"].startswith("a: unknown"), records
P

# Following sees old and new lines and ends with the instance.
timeout 30 "$UMCRUN" dmesg -w -t >"$work/follow" &
follower=$!
timeout 30 "$UMCRUN" dmesg -W -t >"$work/new" &
new_follower=$!
wait_for 10 grep -q "a: one" "$work/follow"
ok rmmod a
sleep 0.3 # the second follower may still be connecting
module a.so "log two"
ok insmod m/a.so
wait_for 10 grep -q "a: two" "$work/follow"
wait_for 10 grep -q "a: two" "$work/new"
! grep -q "a: one" "$work/new" || fail "-W printed an old line"
# Whose reader is gone ends with the next message.
(
    timeout 30 "$UMCRUN" dmesg -w || echo $? >"$work/piped"
) | head -n 1 >/dev/null &
piped=$!
ok rmmod a
sleep 0.3
ok insmod m/a.so
wait $piped
wait_for 10 grep -qs 141 "$work/piped"

ok dmesg -t -c
out_has "a: two"
ok dmesg
out_is ""
ok rmmod a
ok insmod m/a.so
ok dmesg -C
out_is ""
ok dmesg
out_is ""
ok stop
wait $follower || fail "the follower failed"
wait $new_follower || fail "the second follower failed"
