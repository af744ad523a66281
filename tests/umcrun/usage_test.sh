#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Help, version, usage errors, the applets' names. Also runs against the real program.
. "$(dirname "$0")/lib.sh"

ok --help
out_has "insmod"
out_lacks "daemon"
ok help insmod
insmod_help=$out
ok insmod --help
out_is "$insmod_help"
ok -h lsmod # the option before the command
for command in insmod rmmod lsmod modprobe modinfo depmod check dmesg ps run start stop status kdir; do
    ok $command --help
    out_has "Usage: umcrun $command"
    ok $command -h
    fails 2 $command --no-such-option
    err_has "$command: unrecognized option '--no-such-option'"
    err_has "Try 'umcrun $command --help'"
done
ok --version
[[ $out =~ ^umcrun\ version\ [0-9]+\.[0-9]+ ]] || fail "version"
ok lsmod -V

fails 2
err_has "Usage:"
fails 2 frobnicate
err_has "umcrun: unknown command 'frobnicate'"
fails 2 insmod
fails 2 rmmod
fails 2 modinfo
fails 2 modprobe
fails 2 check
for command in lsmod dmesg ps start stop status kdir; do fails 2 $command word; done
fails 2 lsmod -i ../x
err_has "invalid instance name '../x'"
UMC_INSTANCE=a/b fails 2 lsmod
fails 2 insmod --json x.so
err_has "no JSON output"
fails 2 start --cpus 0
fails 2 start --mem 12Q
fails 2 dmesg --level bogus
fails 2 dmesg -w -C

# Nothing runs.
fails 1 lsmod
err_is "lsmod: ERROR: instance 'default' is not running"
fails 1 -i other lsmod
err_is "lsmod: ERROR: instance 'other' is not running"
UMC_INSTANCE=third fails 1 lsmod
err_is "lsmod: ERROR: instance 'third' is not running"
fails 1 rmmod x
fails 3 status
out_is "default: not running"
fails 3 status --json
out_has '"state":"not running"'
[[ -z $(ls "$UMC_RUNTIME_DIR") ]] || fail "files were left"

# Several programs in one, by name.
mkdir applets
for name in insmod rmmod lsmod modprobe modinfo depmod dmesg; do
    ln -s "$UMCRUN" applets/$name
    run_program applets/$name --help
    ((status == 0)) || fail "$name --help"
    out_has "Usage: umcrun $name"
done
run_program applets/lsmod -i other
((status == 1)) || fail "lsmod applet"
err_is "lsmod: ERROR: instance 'other' is not running"

# Output that cannot be written is a failure.
status=0
"$UMCRUN" --help >/dev/full 2>"$work/err" || status=$?
((status == 1)) || fail "a full disk went unnoticed"

# The kernel build directory.
mkdir kdir
UMC_KDIR=$work/kdir fails 1 kdir
touch kdir/Makefile
UMC_KDIR=$work/kdir ok kdir
out_is "$work/kdir"
