#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A fault in a module is reported with symbols and lines, ends its task, marks the module; the instance lives on.
. "$(dirname "$0")/lib.sh"

source=$UMC_SOURCE/tests/system/fixtures/crasher
so=$(build_modules "$UMC_BUILD/kdir" "$source")/crasher.so
ko=$(build_modules "$UMC_HEADERS" "$source")/crasher.ko

for file in "$so" "$ko"; do
    ok start
    ok insmod "$file" how=warn
    log_has 'WARNING: CPU: [0-9]+ PID: [0-9]+ at .*crasher\.c:[0-9]+'
    log_has 'crasher: a warning with a number: 42'
    log_has 'crasher: still alive'
    ok rmmod crasher
    ok stop

    for how in null write call bug divide; do
        ok start
        ok insmod "$modules/hello.so"
        umc insmod "$file" how="$how"
        ((status != 0)) || fail "how=$how went unnoticed"
        case $how in
            null | write | call) log_has 'BUG: kernel NULL pointer dereference, address: 0000000000000' ;;
            bug) log_has 'kernel BUG at .*crasher\.c:[0-9]+' ;;
            divide) log_has 'divide error' ;;
        esac
        [[ $how == call ]] || log_has 'RIP: [0-9:]*(fault|crasher_init).*\+0x[0-9a-f]+/0x[0-9a-f]+ \[crasher\]'
        [[ $file == *.ko ]] || log_has 'crasher_init\+0x[0-9a-f]+/0x[0-9a-f]+ \[crasher\].*crasher\.c:[0-9]+'
        log_has 'Call Trace:'
        log_has 'end trace'
        # Other modules and commands go on.
        ok rmmod hello
        ok insmod "$modules/exporter.so" "$modules/importer.so"
        ok rmmod importer exporter
        umc stop
    done

    ok start
    ok insmod "$file" how=null where=thread
    wait_for 10 log_matches 'BUG: kernel NULL pointer dereference'
    log_has 'Comm: crasher'
    ok ps
    out_lacks ' crasher$|\[crasher\]$'
    ok lsmod
    umc stop
done
