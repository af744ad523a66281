#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The modules of this repository built by the distribution's own kernel build directory, unchanged, load as .ko; and
# chains of .so and .ko in both directions.
. "$(dirname "$0")/lib.sh"

declare -A ko
for name in exporter hello percpu ticker initfail; do
    ko[$name]=$(build_modules "$UMC_HEADERS" "$UMC_SOURCE/modules/$name")/$name.ko
done
mkdir -p "$work/exporter"
cp "$UMC_SOURCE/modules/exporter/exporter.h" "$work/exporter/"
ko[importer]=$(build_modules "$UMC_HEADERS" "$UMC_SOURCE/modules/importer" \
    KBUILD_EXTRA_SYMBOLS="$(dirname "${ko[exporter]}")/Module.symvers")/importer.ko

for pair in "ko ko" "so ko" "ko so"; do
    read -r from to <<<"$pair"
    files=()
    [[ $from == ko ]] && files+=("${ko[exporter]}") || files+=("$modules/exporter.so")
    [[ $to == ko ]] && files+=("${ko[importer]}") || files+=("$modules/importer.so")
    ok insmod "${files[@]}"
    log_has 'importer: add 42, multiply 42, negate 42, calls 3'
    refused rmmod exporter
    out_has 'Module exporter is in use by: importer'
    ok rmmod importer exporter
    ok dmesg -C
done

ok insmod "${ko[hello]}" count=2 whom=binary
log_has 'hello: hello, binary'
ok rmmod hello
ok insmod "${ko[percpu]}"
ok rmmod percpu
ok insmod "${ko[ticker]}" period_ms=4
wait_for 20 log_matches 'ticker: third tick'
ok rmmod ticker
refused insmod "${ko[initfail]}" error=5
out_has 'Input/output error'
ok lsmod
out_lacks 'initfail'
ok stop
