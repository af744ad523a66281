#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Library modules of the distribution's kernel, as its own binaries and built from its source as .so: each is called by
# a small module that checks the results. Two of them test themselves.
. "$(dirname "$0")/lib.sh"

corpus=$(cd "$UMC_SOURCE" && UMC_BUILD=$UMC_BUILD tools/corpus --fetch)/kernel
callers=$UMC_SOURCE/tests/system/fixtures/callers
callers_so=$(build_modules "$UMC_BUILD/kdir" "$callers")
callers_ko=$(build_modules "$UMC_HEADERS" "$callers")
from_source=$work/from-source
mkdir "$from_source"
"$UMC_SOURCE/tools/kdir/build-from-source" --source "$UMC_KERNEL_SOURCE" --kdir "$UMC_BUILD/kdir" --out "$from_source" \
    lib/crc64 lib/crc-itu-t lib/lz4/lz4_compress lib/lz4/lz4hc_compress lib/zstd/zstd_compress lib/raid6/raid6_pq \
    crypto/xor lib/bch lib/test_static_key_base lib/test_static_keys lib/test_user_copy

names=(crc64 crc-itu-t lz4_compress lz4hc_compress zstd_compress raid6_pq xor bch)
round() {
    local kind=$1 callers=$2 suffix=$3 name files=()
    for name in "${names[@]}"; do files+=("$(find_module "$kind" "$name")"); done
    ok insmod "${files[@]}"
    for name in call_crc call_lz4 call_zstd call_raid call_bch; do
        ok insmod "$callers/$name.$suffix"
    done
    log_has 'call_zstd: 1048576 to [0-9]+: 0'
    log_has 'call_raid: algorithm .*: 0'
    ok lsmod
    out_has '^crc64 +[0-9]+ +1 call_crc$'
    ok rmmod call_crc call_lz4 call_zstd call_raid call_bch
    ok rmmod crc64 crc_itu_t lz4_compress lz4hc_compress zstd_compress raid6_pq xor bch
    ok insmod "$(find_module "$kind" test_static_key_base)" "$(find_module "$kind" test_static_keys)"
    ok rmmod test_static_keys test_static_key_base
    ok insmod "$(find_module "$kind" test_user_copy)"
    log_has 'test_user_copy: tests passed'
    ok rmmod test_user_copy
    ok dmesg -C
}
find_module() {
    case $1 in
        ko) find "$corpus" -name "$2.ko" ;;
        so) echo "$from_source/$2.so" ;;
    esac
}

round ko "$callers_ko" ko
round so "$callers_so" so
round ko "$callers_so" so
round so "$callers_ko" ko
ok stop
