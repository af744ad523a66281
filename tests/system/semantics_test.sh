#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What kernel/module/main.c promises: references while a module comes and goes, notifiers, refusals, waiting for a load
# of the same name or of a dependency, a task that hogs the CPU, and the end of an instance in the middle of a load.
. "$(dirname "$0")/lib.sh"

built=$(build_modules "$UMC_BUILD/kdir" "$UMC_SOURCE/tests/system/fixtures/semantics")
timed() { local begin=$EPOCHREALTIME; "$@"; awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN {printf "%d", (b - a) * 1000}'; }

# background COMMAND...: umcrun's output goes to $work/out.COMMAND.PID, its exit status to $work/statuses.
background() {
    {
        local result=0
        timeout 60 "$umcrun" "$@" >"$work/out.$1.$BASHPID" 2>&1 || result=$?
        echo "$result" >>"$work/statuses"
    } &
}
statuses() { sort "$work/statuses" | uniq -c | awk '{printf "%s%sx%s", sep, $1, $2; sep = " "}'; rm "$work/statuses"; }

# ---- states ----
ok start --cpus 1
ok insmod "$built/watcher.so"
ok insmod "$built/slow.so"
log_has 'slow: init at slow_answer \[slow\], reference given, count 2'
ok rmmod slow
log_has 'slow: exit, reference refused'
log=$("$umcrun" dmesg | grep -oE 'watcher: slow .*' | tr '\n' ' ')
[[ $log == 'watcher: slow coming watcher: slow live watcher: slow going ' ]] || fail "notifiers: $log"
ok dmesg -C
refused insmod "$built/slow.so" ret=-5
out_has 'Input/output error'
log=$("$umcrun" dmesg | grep -oE 'watcher: slow .*' | tr '\n' ' ')
[[ $log == 'watcher: slow coming watcher: slow going ' ]] || fail "notifiers of a failing init: $log"
! loaded slow || fail "slow is listed"
ok rmmod watcher

# An init that returns a positive number has succeeded; the log says what it should have done.
ok insmod "$built/slow.so" ret=7
log_has "do_init_module: 'slow'->init suspiciously returned 7, it should follow 0/-E convention"
log_has 'do_init_module: loading module anyway'
ok rmmod slow

# ---- parameters ----
refused insmod "$built/slow.so" tiny=300
out_has 'Numerical result out of range'
log_has "slow: \`300' invalid for parameter \`tiny'"
refused insmod "$built/slow.so" ret=abc
out_has 'Invalid parameters'
log_has "slow: \`abc' invalid for parameter \`ret'"
refused insmod "$built/slow.so" ret
log_has "slow: \`\(null\)' invalid for parameter \`ret'|slow: \`' invalid for parameter \`ret'"
ok insmod "$built/slow.so" nonsense=1 -- more
log_has "slow: unknown parameter 'nonsense' ignored"
ok rmmod slow

# ---- what cannot be unloaded ----
refused rmmod nobody
out_has 'not currently loaded'
ok insmod "$built/noexit.so"
refused rmmod noexit
out_has 'Device or resource busy|in use'
ok lsmod
out_has '^noexit +[0-9]+ +0( |$)'
ok rmmod -f noexit
ok insmod "$built/slow.so" hold=1
refused rmmod slow
out_has 'is in use'
ok rmmod -f slow
! loaded slow || fail "slow is listed"
ok stop

# ---- while another load is under way ----
ok start
background insmod "$built/slow.so" init_ms=1500
wait_for 5 log_matches 'slow: init at'
refused rmmod slow
out_has 'busy|in use'
umc lsmod
((status == 0)) || fail "lsmod during a load"
ok insmod "$modules/hello.so" # another module does not wait
ms=$(timed "$umcrun" insmod "$built/slowuser.so")
((ms > 200)) || fail "the dependency's init was not waited for: $ms ms"
log_has 'slowuser: answer 42'
wait
[[ $(statuses) == 1x0 ]] || fail "slow did not load"
ok rmmod slowuser slow hello

# The dependency fails: its user is told that the symbol is unknown.
background insmod "$built/slow.so" init_ms=700 ret=-19
wait_for 5 log_matches 'init at .*count 2'
sleep 0.1
refused insmod "$built/slowuser.so"
out_has 'Unknown symbol in module'
wait
rm "$work/statuses"

# Of many loads of one module exactly one wins.
for _ in 1 2 3 4 5 6; do background insmod "$built/slow.so" init_ms=300; done
wait
[[ $(statuses) == '1x0 5x1' ]] || fail "not exactly one load won"
cat "$work"/out.insmod.* | grep -q 'File exists' || fail "the losers were not told that it exists"
ok rmmod slow

# One that waited for a load that failed does not try again at once, as in the kernel.
rm -f "$work"/out.insmod.*
for _ in 1 2; do background insmod "$built/slow.so" init_ms=500 ret=-19; done
wait
[[ $(statuses) == 2x1 ]] || fail "a failing load was reported as a success"
cat "$work"/out.insmod.* | grep -q 'No such device' || fail "the first load's error is lost"
cat "$work"/out.insmod.* | grep -q 'Device or resource busy' || fail "the second load was tried again"

# Loads and unloads of a pair race: every answer is one that the kernel gives, and nothing is left behind.
for _ in 1 2 3 4 5 6 7 8; do
    background insmod "$built/slow.so"
    background insmod "$built/slowuser.so"
    background rmmod slowuser
    background rmmod slow
done
wait
rm "$work/statuses"
umc rmmod slowuser
umc rmmod slow
ok lsmod
out_lacks slow
ok stop

# ---- an init or an exit that does not return ----
crasher=$(build_modules "$UMC_BUILD/kdir" "$UMC_SOURCE/tests/system/fixtures/crasher")/crasher.so
for where in init exit; do
    ok start
    umc insmod "$crasher" how=null where="$where"
    umc rmmod crasher
    ((status != 0)) || fail "a fault in $where went unnoticed"
    refused rmmod crasher
    out_has 'Device or resource busy'
    refused insmod "$crasher"
    out_has 'File exists|Device or resource busy'
    loaded crasher || fail "what is left of crasher is not listed"
    ok insmod "$modules/hello.so"
    umc stop
done

# ---- a task that hogs the only CPU ----
ok start --cpus 1
ok insmod "$built/spinner.so"
loaded spinner || fail "spinner is not listed"
ok insmod "$modules/hello.so"
ok rmmod hello
ok ps
ms=$(timed "$umcrun" rmmod spinner)
((ms < 5000)) || fail "rmmod of a spinning module took $ms ms"

# ---- idle ----
pid=$(instance_pid)
ticks() { awk '{print $14 + $15}' "/proc/$pid/stat"; }
before=$(ticks)
sleep 5
used=$(($(ticks) - before))
echo "idle: $used clock ticks in 5 s"
((used <= 5)) || fail "an idle instance uses the CPU: $used clock ticks in 5 s"

# ---- the end in the middle of a load ----
for how in stop TERM; do
    [[ $how == TERM ]] && ok start
    pid=$(instance_pid)
    background dmesg -w
    background insmod "$built/slow.so" init_ms=2000
    wait_for 5 loaded slow
    if [[ $how == stop ]]; then run "$umcrun" stop; else kill -TERM "$pid"; fi
    gone() { ! kill -0 "$pid" 2>/dev/null; }
    wait_for 15 gone
    wait
    # The follower's log ended, the load did not come to its end.
    [[ $(statuses) == '1x0 1x1' ]] || fail "answers after $how"
done
