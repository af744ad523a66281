#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# modprobe over a hand-written module directory.
. "$(dirname "$0")/lib.sh"
needs_fake

d=$work/lib/modules/6.1.0-fake
mkdir -p "$d/kernel" "$work/conf"
place() { module "$@" && mv "$work/m/$1" "$d/kernel/$1"; }
place base.ko
place mid-dle.ko "depends base"
place top.ko "depends mid_dle" "parm x" "parm y"
place other.ko
place soft.ko
cat >"$d/modules.dep" <<'X'
kernel/base.ko:
kernel/mid-dle.ko: kernel/base.ko
kernel/top.ko: kernel/mid-dle.ko kernel/base.ko
kernel/other.ko:
kernel/soft.ko:
X
echo "alias fs-top* top" >"$d/modules.alias"
echo "softdep other pre: soft" >"$d/modules.softdep"
echo "kernel/fixed.ko" >"$d/modules.builtin"
cat >"$work/conf/x.conf" <<'X'
options top x=1
alias nick top
blacklist top
install special echo "run $MODPROBE_MODULE [$CMDLINE_OPTS]"
X
probe() { ok modprobe -C "$work/conf" -d "$work" "$@"; }
no_probe() { fails 1 modprobe -C "$work/conf" -d "$work" "$@"; }

# Nothing of this starts an instance.
probe -D top "y=a b"
out_is "insmod $d/kernel/base.ko 
insmod $d/kernel/mid-dle.ko 
insmod $d/kernel/top.ko x=1 y=\"a b\""
probe -D other
out_is "insmod $d/kernel/soft.ko 
insmod $d/kernel/other.ko "
probe -R fs-top-secret
out_is "top"
probe -D fixed
out_is "builtin fixed"
probe -c
out_has "options top x=1"
no_probe nothing
err_is "modprobe: FATAL: Module nothing not found in directory $d"
no_probe -a nothing none
err_is "modprobe: WARNING: Module nothing not found in directory $d
modprobe: WARNING: Module none not found in directory $d"
no_probe -q nothing
err_is ""
probe -v special a=b
out_is 'install echo "run $MODPROBE_MODULE [$CMDLINE_OPTS]" a=b
run special [a=b]'
fails 3 status

# Blacklisted by alias only, unless -b.
probe nick
fails 3 status
probe -b top
fails 3 status
probe -v top
out_is "insmod $d/kernel/base.ko 
insmod $d/kernel/mid-dle.ko 
insmod $d/kernel/top.ko x=1"
ok lsmod
out_has "base                   16384  1 mid_dle"
probe top
no_probe --first-time top
err_is "modprobe: ERROR: could not insert 'top': Module already in kernel"
probe -a other fixed
ok lsmod
out_has "soft "

no_probe -r base
err_is "modprobe: FATAL: Module base is in use."
probe -r -n -v top
out_is "rmmod top"
probe -r top
ok lsmod
out_lacks "mid_dle"
out_lacks "base"
probe top
probe -r --remove-holders base
ok lsmod
out_lacks "top"
probe -r top
no_probe -r --first-time top
err_is "modprobe: FATAL: Module top is not in kernel."
probe -r other # takes its soft dependency along
ok lsmod
out_is "Module                  Size  Used by"

# A failure below names the module asked for, and the reason.
echo "log broken" >>"$d/kernel/base.ko"
echo "error 5" >>"$d/kernel/base.ko"
no_probe top
err_is "modprobe: ERROR: could not insert 'top': Input/output error
modprobe: base: broken"
# A .so beside the .ko is what gets loaded.
module base.so && mv m/base.so "$d/kernel/"
probe top
ok lsmod --json
out_has "kernel/base.so"
ok stop

# The directory of the instance, and of the environment.
ok start --module-dir "$d"
ok modprobe other
ok modinfo -n fixed
out_is "(builtin)"
ok stop
UMC_MODULES=$d ok modprobe -D other
fails 1 modprobe -d "$work/empty" x
err_has "has no modules.dep: run 'umcrun depmod"
