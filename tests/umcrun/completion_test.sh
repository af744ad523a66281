#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# bash completion.
. "$(dirname "$0")/../../umcrun/completion/umcrun.bash"
. "$(dirname "$0")/lib.sh"
needs_fake
compopt() { :; } # only bash itself may call it

# complete WORDS...: what the last word can become, sorted, in $out.
complete_words() {
    COMP_WORDS=("$UMCRUN" "$@") COMP_CWORD=$#
    COMPREPLY=()
    _umcrun || true
    out=$(printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort | tr '\n' ' ')
    echo "$* -> $out"
}

complete_words st
out_is "start status stop "
complete_words -i x in
out_is "insmod "
complete_words help lsm
out_is "lsmod "
complete_words rmmod --f
out_is "--force "
complete_words stop --t
out_is "--timeout= "
complete_words --ver
out_is "--version "
module one.so
module two.ko
module three.txt
complete_words insmod m/
out_is "m/one.so m/two.ko "
complete_words insmod m
out_is "m "
complete_words dmesg -l e
out_is "emerg err "

ok start -i first
ok insmod -i second m/one.so m/two.ko
complete_words rmmod -i ""
out_is "first second "
complete_words -i second rmmod t
out_is "two "
complete_words --instance second modprobe -r o
out_is "one "
ok stop -i first
ok stop -i second
