# SPDX-License-Identifier: GPL-2.0-only
# Sourced by the shell tests of the commands: a private runtime directory, assertions, and clean-up whatever happens.
# $UMCRUN is the program: umcrun-fake, or the real one for those tests that do not call needs_fake.
set -euo pipefail

: "${UMCRUN:?the program to test}"
work=$(mktemp -d)
export UMC_RUNTIME_DIR=$work/run
unset UMC_INSTANCE UMC_MODULES UMC_KDIR NOTIFY_SOCKET MODPROBE_OPTIONS XDG_RUNTIME_DIR
mkdir -m 700 "$UMC_RUNTIME_DIR" "$work/m"
cd "$work"

at_exit() {
    local status=$? lock pid
    chmod -R u+rwx "$work/run" 2>/dev/null || true
    # The daemons of this test, and only those: whoever holds one of its locks.
    for lock in "$work"/run/*.lock; do
        [[ -e $lock ]] || continue
        for pid in $(lock_holders "$lock"); do kill -KILL "$pid" 2>/dev/null || true; done
    done
    rm -rf "$work"
    exit "$status"
}
trap at_exit EXIT

# The processes that hold a lock on the file, by its inode in /proc/locks.
lock_holders() {
    local inode
    inode=$(stat -c %i "$1") || return 0
    awk -v inode=":$inode\$" '$2 == "FLOCK" && $6 ~ inode {print $5}' /proc/locks
}
instance_pid() { "$UMCRUN" status --json -i "${1:-default}" | sed 's/.*"pid":\([0-9]*\).*/\1/'; }

needs_fake() {
    case ${UMCRUN##*/} in *fake*) ;; *)
        echo "skipped: needs umcrun-fake"
        exit 77
        ;;
    esac
}

fail() {
    echo "FAILED (line ${BASH_LINENO[-2]}): $*" >&2
    exit 1
}

# run WORDS...: umcrun with these words; keeps $status, $out and $err.
run() { run_program "$UMCRUN" "$@"; }
run_program() {
    status=0
    timeout 60 "$@" >"$work/out" 2>"$work/err" || status=$?
    out=$(<"$work/out") err=$(<"$work/err")
    echo "\$ ${*##*/} -> $status"
    sed 's/^/    /' "$work/out" "$work/err"
}
# ok WORDS...: success without a word on standard error.
ok() {
    run "$@"
    ((status == 0)) || fail "umcrun $*: exit status $status"
    [[ -z $err ]] || fail "umcrun $*: unexpected: $err"
}
# fails STATUS WORDS...
fails() {
    local expected=$1
    shift
    run "$@"
    ((status == expected)) || fail "umcrun $*: exit status $status, expected $expected"
}
out_is() { [[ $out == "$1" ]] || fail "standard output is not: $1"; }
err_is() { [[ $err == "$1" ]] || fail "standard error is not: $1"; }
out_has() { [[ $out == *"$1"* ]] || fail "standard output lacks: $1"; }
err_has() { [[ $err == *"$1"* ]] || fail "standard error lacks: $1"; }
out_lacks() { [[ $out != *"$1"* ]] || fail "standard output should not have: $1"; }

# module FILE [LINE]...: makes a fake module in $work/m.
module() {
    local file=$1
    shift
    { echo fake-module; (($# == 0)) || printf '%s\n' "$@"; } >"$work/m/$file"
}
# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || fail "timed out waiting for: $*"
        sleep 0.02
    done
}
