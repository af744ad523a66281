# SPDX-License-Identifier: GPL-2.0-only
# Sourced by every system test: a private instance of umcrun, assertions, and clean-up whatever happens.
# ctest sets UMC_BUILD (the build tree), UMC_HEADERS (the distribution's kernel build directory) and UMC_SOURCE.
set -euo pipefail

: "${UMC_BUILD:?}" "${UMC_HEADERS:?}" "${UMC_SOURCE:?}"
umcrun=$UMC_BUILD/bin/umcrun
modules=$UMC_BUILD/modules
work=$(mktemp -d)
export UMC_RUNTIME_DIR=$work/run
mkdir -m 700 "$UMC_RUNTIME_DIR"

at_exit() {
    local status=$? pid
    if ((status != 0)) && "$umcrun" status >/dev/null 2>&1; then
        echo "---- dmesg of the instance at the failure ----"
        timeout 10 "$umcrun" dmesg 2>&1 | tail -n 60 || true
    fi
    pid=$(instance_pid 2>/dev/null) || pid=
    timeout 20 "$umcrun" stop >/dev/null 2>&1 || true
    if [[ $pid ]] && kill -0 "$pid" 2>/dev/null; then kill -9 "$pid" 2>/dev/null || true; fi
    rm -rf "$work"
    exit "$status"
}
trap at_exit EXIT

instance_pid() { "$umcrun" --json status | python3 -c 'import json, sys; print(json.load(sys.stdin)["pid"])'; }

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# run COMMAND...: keeps its output in $out and its exit status in $status.
run() {
    status=0
    out=$(timeout 60 "$@" 2>&1) || status=$?
    echo "\$ $* -> $status"
    [[ -z $out ]] || printf '%s\n' "$out" | sed 's/^/    /'
}
umc() { run "$umcrun" "$@"; }

ok() { umc "$@"; ((status == 0)) || fail "umcrun $* should succeed, exit status $status"; }
refused() { umc "$@"; ((status == 1)) || fail "umcrun $* should fail with 1, exit status $status"; }
out_has() { grep -qE -- "$1" <<<"$out" || fail "the output lacks: $1"; }
out_lacks() { ! grep -qE -- "$1" <<<"$out" || fail "the output should not have: $1"; }
log_matches() {
    local log
    log=$("$umcrun" dmesg) && grep -qE -- "$1" <<<"$log"
}
log_has() { log_matches "$1" || fail "the log lacks: $1"; }
loaded() { "$umcrun" lsmod | awk -v m="$1" 'NR > 1 && $1 == m {found = 1} END {exit !found}'; }

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || fail "timed out waiting for: $*"
        sleep 0.05
    done
}

# build_modules KDIR SOURCE [MAKE-ARGUMENT...]: builds a copy of a module folder; prints the copy's path.
build_modules() {
    local kdir=$1 source=$2 copy
    shift 2
    copy=$(mktemp -d "$work/$(basename "$source").XXXXXX")
    cp -r "$source"/. "$copy"
    env -u MAKEFLAGS make -s -C "$kdir" M="$copy" "$@" modules >"$copy/make.log" 2>&1 || {
        cat "$copy/make.log" >&2
        fail "building $source with $kdir"
    }
    echo "$copy"
}
