#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Many cycles of loading and unloading leave memory and mappings as they were; many clients at once neither deadlock nor
# see an inconsistent list. UMC_STRESS_CYCLES sets the length (default 1000).
. "$(dirname "$0")/lib.sh"

cycles=${UMC_STRESS_CYCLES:-1000}
ok start
pid=$(instance_pid)

cycle() {
    "$umcrun" insmod "$modules/exporter.so" "$modules/importer.so"
    "$umcrun" rmmod importer exporter
}
mappings() { wc -l <"/proc/$pid/maps"; }
resident() { awk '/^Rss:/ {print $2}' "/proc/$pid/smaps_rollup"; }

# The log takes memory until it is full: fill it first.
ok insmod "$modules/hello.so" count=10000
ok rmmod hello
# libc keeps the stacks of ended threads, up to a limit: reach it with as many clients at once.
pids=()
for ((i = 0; i < 20; i++)); do "$umcrun" lsmod >/dev/null & pids+=($!); done
for p in "${pids[@]}"; do wait "$p"; done
for ((i = 0; i < 20; i++)); do cycle; done
maps_before=$(mappings)
rss_before=$(resident)
for ((i = 0; i < cycles; i++)); do cycle; done
maps_after=$(mappings)
rss_after=$(resident)
echo "after $cycles cycles: mappings $maps_before to $maps_after, resident $rss_before to $rss_after KiB"
# Up to 40 MiB of stacks, so five of them with their guard pages, may have been added to libc's store meanwhile.
((maps_after <= maps_before + 10)) || fail "mappings grew"
# A leak of one page a cycle would be 4 KiB a cycle.
((rss_after <= rss_before + cycles / 2 + 64)) || fail "memory grew"

# Clients: some load and unload their own copy of a module, some list. A module's name is its file's.
mkdir "$work/copies"
client() {
    local n=$1 i
    for ((i = 0; i < 4; i++)); do
        case $((n % 3)) in
            0) "$umcrun" insmod "$modules/exporter.so" >/dev/null 2>&1 || true ;;
            1) "$umcrun" rmmod exporter >/dev/null 2>&1 || true ;;
            2) "$umcrun" lsmod | awk 'NR == 1 && $1 != "Module" || NR > 1 && (NF < 3 || $2 !~ /^[0-9]+$/) {bad = 1}
                   NR > 1 && seen[$1]++ {bad = 1} END {exit bad}' || echo "client $n: bad list" >>"$work/bad" ;;
        esac
    done
    echo "$n" >>"$work/done"
}
pids=()
for ((n = 0; n < 50; n++)); do client "$n" & pids+=($!); done
for p in "${pids[@]}"; do wait "$p"; done
[[ $(wc -l <"$work/done") == 50 ]] || fail "clients did not end"
[[ ! -e $work/bad ]] || fail "$(cat "$work/bad")"
umc rmmod exporter
ok lsmod
out_lacks exporter
ok stop
