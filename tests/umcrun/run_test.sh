#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run: an instance in the foreground, its signals, its exit status, its messages to a service manager.
. "$(dirname "$0")/lib.sh"
needs_fake

module a.so "log hello" "parm p"
module b.so "depends a"
module late.so "depends b"
module bad.so "log broken" "error 5"

start_run() {
    rm -f "$work/log"
    timeout 60 "$UMCRUN" run "$@" 2>"$work/log" &
    runner=$!
    wait_for 10 grep -qs "a: hello" "$work/log"
}
# The process under timeout(1).
instance() { instance_pid; }

for signal in TERM INT HUP; do
    start_run m/a.so p=1 m/b.so
    wait_for 10 eval '"$UMCRUN" lsmod | grep -q "^b "'
    ok insmod m/late.so
    kill -$signal "$(instance)"
    wait $runner || fail "run ended with $? on SIG$signal"
    [[ -z $(ls "$UMC_RUNTIME_DIR") ]] || fail "files were left"
done
! grep -q WARNING "$work/log" || fail "modules were not unloaded in order"

# Stopped from elsewhere.
start_run m/a.so
ok stop
wait $runner || fail "run ended with $? on stop"

# A name that is taken.
start_run m/a.so
fails 1 run
err_is "run: ERROR: could not start instance 'default': the instance 'default' is running already"
ok stop
wait $runner || fail "run"

# A module that does not load.
fails 1 run m/a.so m/bad.so
err_has "a: hello"
err_has "bad: broken
run: ERROR: could not insert module m/bad.so: Input/output error"
fails 3 status
fails 1 run -q m/none.so
err_is "run: ERROR: could not load module m/none.so: No such file or directory"

# systemd's protocol, over a path and an abstract name.
cat >"$work/notify.py" <<'P'
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("\0" + sys.argv[1][1:] if sys.argv[1][0] == "@" else sys.argv[1])
print("listening", flush=True)
s.settimeout(30)
for _ in range(2):
    print(s.recv(100).decode(), flush=True)
P
for socket in "$work/notify.sock" "@umcrun-test-$$"; do
    rm -f "$work/notified"
    python3 "$work/notify.py" "$socket" >"$work/notified" &
    listener=$!
    wait_for 10 grep -qs listening "$work/notified"
    NOTIFY_SOCKET=$socket start_run m/a.so
    wait_for 10 grep -q READY=1 "$work/notified"
    ok stop
    wait $runner || fail "run under a service manager"
    wait $listener
    grep -q STOPPING=1 "$work/notified" || fail "STOPPING=1 was not sent"
done
