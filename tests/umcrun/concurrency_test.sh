#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Many clients at once: one instance, a consistent list, and no one waits for ever.
. "$(dirname "$0")/lib.sh"
needs_fake

module shared.so "log loaded"
# Fifty at once and no instance yet: exactly one starts, exactly one loads the module.
for round in 1 2 3; do
    pids=() good=0 exists=0
    for i in $(seq 50); do
        timeout 60 "$UMCRUN" insmod m/shared.so 2>"$work/err.$i" &
        pids+=($!)
    done
    for i in $(seq 50); do
        if wait "${pids[i - 1]}"; then
            good=$((good + 1))
        else
            grep -q "File exists" "$work/err.$i" || fail "client $i: $(<"$work/err.$i")"
            exists=$((exists + 1))
        fi
    done
    ((good == 1 && exists == 49)) || fail "$good loaded, $exists found it loaded"
    [[ $(lock_holders run/default.lock | wc -l) == 1 ]] || fail "not one instance"
    ok stop
    [[ -z $(ls run) ]] || fail "files were left: $(ls run)"
done

# insmod, lsmod and rmmod against each other.
for i in $(seq 50); do module "m$i.so"; done
pids=()
for i in $(seq 50); do
    (
        for _ in 1 2 3; do
            "$UMCRUN" insmod "m/m$i.so"
            "$UMCRUN" lsmod | grep -q "^m$i "
            "$UMCRUN" rmmod "m$i"
        done
    ) &
    pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid" || fail "a client failed"; done
ok lsmod
out_is "Module                  Size  Used by"

# Starting and stopping against each other: whatever happens, the end is orderly.
pids=()
for i in $(seq 20); do
    timeout 60 "$UMCRUN" start 2>/dev/null &
    pids+=($!)
    timeout 60 "$UMCRUN" stop 2>/dev/null &
    pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid" || fail "a start or stop failed with $?"; done
run stop
((status == 0)) || fail "the last stop"
fails 3 status
[[ -z $(ls run) ]] || fail "files were left: $(ls run)"

# A slow init function holds nobody else up.
module slow.so "sleep 2000"
ok start
timeout 60 "$UMCRUN" insmod m/slow.so &
slow=$!
wait_for 10 eval '"$UMCRUN" lsmod | grep -q "^slow "'
start=${EPOCHREALTIME/./}
ok insmod m/m1.so
ok dmesg
fails 1 rmmod slow
err_has "could not remove module slow: Device or resource busy"
((${EPOCHREALTIME/./} - start < 1500000)) || fail "a slow module held others up"
wait $slow || fail "the slow module"
ok stop
