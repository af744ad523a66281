#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# insmod and lsmod: starting the instance, several files, kmod's errors.
. "$(dirname "$0")/lib.sh"
needs_fake

module a.so "parm x" "log hello"
module b-b.ko "depends a"
module fails.so "log about to fail" "error 12"
module missing.so "depends nobody" "log x"

# Mistakes of the caller start nothing.
fails 1 insmod m/none.so
err_is "insmod: ERROR: could not load module m/none.so: No such file or directory"
fails 1 insmod m/a.so m/none.so
fails 1 insmod m
err_is "insmod: ERROR: could not load module m: Is a directory"
if ((EUID != 0)); then
    chmod 0 m/a.so
    fails 1 insmod m/a.so
    err_is "insmod: ERROR: could not load module m/a.so: Permission denied"
    chmod 644 m/a.so
fi
fails 3 status

ok insmod m/a.so x=1 y=2 m/b-b.ko
out_is ""
ok status
ok lsmod
out_is "Module                  Size  Used by
b_b                    16384  0
a                      16384  1 b_b"
ok lsmod --json
out_has '"name":"b_b"'
out_has "\"path\":\"$work/m/b-b.ko\""
ok dmesg -t
out_has "a: unknown parameter 'y' ignored
a: hello"

fails 1 insmod m/a.so
err_is "insmod: ERROR: could not insert module m/a.so: File exists"
fails 1 insmod "$work/m/missing.so"
err_is "insmod: ERROR: could not insert module $work/m/missing.so: Unknown symbol in module
insmod: missing: Unknown symbol nobody_symbol (err -2)"
ok insmod --allow-missing m/missing.so
fails 1 insmod m/fails.so z=1
err_is "insmod: ERROR: could not insert module m/fails.so: Cannot allocate memory
insmod: fails: unknown parameter 'z' ignored (1 more in 'umcrun dmesg')"
for pair in "8 Invalid module format" "3 Module has wrong symbol version" "22 Invalid parameters" "5 Input/output error"; do
    module e.so "error ${pair%% *}"
    fails 1 insmod m/e.so
    err_is "insmod: ERROR: could not insert module m/e.so: ${pair#* }"
done

# The first failure ends the command; what came before stays.
module c.so
module d.so
fails 1 insmod m/c.so m/fails.so m/d.so
ok lsmod
out_has "
c "
out_lacks "
d "

# Odd names.
name=$'odd \xff\n name.so'
printf 'fake-module\n' >"m/$name"
ok insmod "m/$name"
ok rmmod "m/$name"

# An instance that dies says so.
module die.so abort
fails 1 insmod m/die.so
err_has "insmod: ERROR: could not insert module m/die.so: instance 'default' ended without an answer"
grep -q "die aborts" "$UMC_RUNTIME_DIR/default.log" || fail "no last words"
ok insmod m/a.so # a new instance
ok stop
