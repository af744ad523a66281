#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# An installation below a prefix works by itself, for an ordinary user without capabilities: it builds a module and
# runs it.
. "$(dirname "$0")/lib.sh"

prefix=$work/prefix
cmake --install "$UMC_BUILD" --prefix "$prefix" >/dev/null
umcrun=$prefix/bin/umcrun
for file in share/umc/kdir/Makefile share/man/man8/umcrun.8 share/bash-completion/completions/umcrun; do
    [[ -e $prefix/$file ]] || fail "$file is not installed"
done

cp -r "$UMC_SOURCE/modules/hello" "$work/hello"
if ((EUID == 0)); then
    chown -R 65534:65534 "$UMC_RUNTIME_DIR" "$work/hello"
    chmod 755 "$work"
    as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all env HOME="$work")
else
    as_user=(env)
fi
user() {
    run "${as_user[@]}" "$@"
    ((status != 0)) || return 0
    "${as_user[@]}" timeout 20 "$umcrun" stop >/dev/null 2>&1 || true # lib.sh's clean-up is another user's
    fail "$* as an ordinary user, exit status $status"
}

user "$umcrun" kdir
[[ $out == "$prefix/share/umc/kdir" ]] || fail "umcrun kdir does not print the installed directory"
user env -u MAKEFLAGS make -s -C "$prefix/share/umc/kdir" M="$work/hello" modules
user "$umcrun" start
user "$umcrun" insmod "$work/hello/hello.so" whom=installed
user "$umcrun" lsmod
out_has '^hello '
user "$umcrun" rmmod hello
user "$umcrun" dmesg
out_has 'hello: goodbye, installed'
user "$umcrun" stop
