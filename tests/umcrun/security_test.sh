#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Who may talk to an instance, and what the runtime directory must be like. Also runs against the real program.
. "$(dirname "$0")/lib.sh"

# A directory that others can enter, a symbolic link, a file.
chmod 755 run
fails 1 start
err_has "is open to other users (mode 0755, must be 0700)"
fails 1 lsmod
chmod 700 run
ln -s run link
UMC_RUNTIME_DIR=$work/link fails 1 start
touch file
UMC_RUNTIME_DIR=$work/file fails 1 start
UMC_RUNTIME_DIR=$work/no/such/parent fails 1 start
# $XDG_RUNTIME_DIR is the second choice.
mkdir -m 700 xdg
(
    unset UMC_RUNTIME_DIR
    export XDG_RUNTIME_DIR=$work/xdg
    ok start
    [[ -S $work/xdg/umc/default.sock ]] || fail "no socket in XDG_RUNTIME_DIR"
    [[ $(stat -c %a xdg/umc) == 700 ]] || fail "mode of the directory"
    ok stop
)
# A lock or log file that is a symbolic link is not followed.
echo precious >precious
ln -s "$work/precious" run/default.lock
fails 1 start
rm run/default.lock
ln -sf "$work/precious" run/default.log
run start
run stop
[[ $(<precious) == precious ]] || fail "a symbolic link was followed"

# Another user neither gets in by the directory nor, where that is open, by the socket.
if ((EUID == 0)) && command -v setpriv >/dev/null; then
    cp "$UMCRUN" "$work/umcrun-copy"
    chmod 755 "$work" "$work/umcrun-copy"
    ok start
    other=(setpriv --reuid 12345 --regid 12345 --clear-groups)
    run_program "${other[@]}" "$work/umcrun-copy" lsmod
    ((status == 1)) || fail "another user's lsmod"
    # Even when the file modes would let it: the credentials decide.
    cat >"$work/talk.py" <<'P'
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
os.setuid(int(sys.argv[2]))
s.connect(sys.argv[1])
try:
    s.sendall(b'{"v":1,"cmd":"status"}\n')
    print(s.recv(100).decode())
except (ConnectionResetError, BrokenPipeError):
    pass
P
    chmod 711 run
    chmod 666 run/default.sock
    run_program python3 "$work/talk.py" "$work/run/default.sock" 12345
    ((status == 0)) && [[ -z $out$err ]] || fail "another user was answered: $out"
    run_program python3 "$work/talk.py" "$work/run/default.sock" 0
    out_has '"ok":true'
    chmod 700 run
    ok stop
fi
