#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The instance: started by insmod, named, killed, started again; `run` in the foreground unloads in reverse order.
. "$(dirname "$0")/lib.sh"

umc status
((status == 3)) || fail "status of no instance should be 3"
ok insmod "$modules/hello.so"
ok status
out_has '[Rr]unning|release'
[[ $(stat -c %a "$UMC_RUNTIME_DIR/default.sock") == 600 ]] || fail "the control socket is not 0600"
pid=$(instance_pid)
kill -9 "$pid"
gone() { ! kill -0 "$pid" 2>/dev/null; }
wait_for 10 gone
ok insmod "$modules/hello.so" # a killed daemon leaves nothing that stops the next start
[[ $(instance_pid) != "$pid" ]] || fail "the same process"

ok -i other insmod "$modules/exporter.so"
ok -i other lsmod
out_lacks hello
ok lsmod
out_lacks exporter
ok -i other stop
ok stop
umc status
((status == 3)) || fail "still running"
[[ -z $(find "$UMC_RUNTIME_DIR" -name '*.sock') ]] || fail "a socket was left"

"$umcrun" run "$modules/exporter.so" "$modules/importer.so" >"$work/run.log" 2>&1 &
runner=$!
wait_for 20 loaded importer
kill -INT "$runner"
wait "$runner" || fail "run ended with $?"
grep -q 'importer: unloaded' "$work/run.log" || fail "importer was not unloaded"
grep -q 'exporter: unloaded after 3 calls' "$work/run.log" || fail "exporter was not unloaded"
[[ $(grep -n 'importer: unloaded' "$work/run.log" | cut -d: -f1) -lt $(grep -n 'exporter: unloaded' "$work/run.log" | cut -d: -f1) ]] ||
    fail "not unloaded in reverse order"

run "$umcrun" run "$modules/importer.so"
((status == 1)) || fail "run of a module that cannot load should end with 1"
