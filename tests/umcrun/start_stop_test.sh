#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The life of background instances. Also runs against the real program, where the parts that need a fake are left out.
. "$(dirname "$0")/lib.sh"

# Ended, whether or not anybody has reaped it.
gone() { [[ ! -e /proc/$1/stat || $(sed 's/.*) //' "/proc/$1/stat") == Z* ]]; }

ok start --cpus 1 --mem 64M
ok status
out_has "default: running"
out_has "cpus     1"
out_has "memory   64.0 MiB"
pid=$(instance_pid)
[[ $(readlink "/proc/$pid/fd/0") == /dev/null ]] || fail "standard input"
[[ $(readlink "/proc/$pid/cwd") == / ]] || fail "working directory"
[[ $(ps -o sid= -p "$pid") -eq $pid ]] || fail "not a session of its own"
[[ $(stat -c %a "$UMC_RUNTIME_DIR/default.sock") == 600 ]] || fail "socket mode"
run start
((status == 0)) || fail "starting twice"
err_is "start: WARNING: instance 'default' is running already"
[[ $(instance_pid) == "$pid" ]] || fail "another instance"

# A second one, by name.
ok start -i two
ok status --all
out_has "two: running"
ok status --all --json
[[ $(grep -o '"name"' <<<"$out" | wc -l) == 2 ]] || fail "two instances"
ok lsmod -i two
UMC_INSTANCE=two ok stop
fails 3 -i two status
ok status

ok stop
fails 3 status
gone "$pid" || fail "the process is still there"
[[ -z $(ls "$UMC_RUNTIME_DIR") ]] || fail "files were left: $(ls "$UMC_RUNTIME_DIR")"
run stop
((status == 0)) || fail "stopping twice"
err_is "stop: WARNING: instance 'default' is not running"

# SIGTERM is a stop.
ok start
pid=$(instance_pid)
kill -TERM "$pid"
wait_for 20 test ! -e "$UMC_RUNTIME_DIR/default.lock"
fails 3 status

# A killed instance leaves nothing in the way.
ok start
pid=$(instance_pid)
kill -KILL "$pid"
wait_for 20 gone "$pid"
[[ -e $UMC_RUNTIME_DIR/default.sock ]] || fail "a killed instance leaves its socket; the test expects it"
fails 3 status
fails 1 lsmod
ok start
ok status
kill -KILL "$(instance_pid)"
run stop # cleans up
((status == 0)) || fail "stop after a kill"
wait_for 20 test -z "$(ls "$UMC_RUNTIME_DIR")"

# Inherited descriptors do not stay open in the daemon.
exec 9>"$work/inherited"
ok start
exec 9>&-
! ls -l "/proc/$(instance_pid)/fd" | grep -q inherited || fail "an inherited descriptor"
ok stop

[[ ${UMCRUN##*/} == *fake* ]] || exit 0

fails 1 start --cmdline fake.boot_error=12
err_is "start: ERROR: could not start instance 'default': the fake instance was told to fail"
fails 1 start --cmdline fake.boot_abort
err_has "instance 'default' died while starting: killed by signal 6"
grep -q "last words" "$UMC_RUNTIME_DIR/default.log" || fail "no last words"
ok start
ok stop

# An instance that takes its time, and one that takes too much.
ok start --cmdline fake.shutdown_sleep=1000
fails 1 stop -t 0
err_has "is not gone in time"
fails 4 status
ok stop # waits for the one that is leaving
fails 3 status
ok start --cmdline fake.shutdown_sleep=60000
ok stop -t 1 -f
fails 3 status
[[ -z $(ls "$UMC_RUNTIME_DIR") ]] || fail "files were left after killing"
