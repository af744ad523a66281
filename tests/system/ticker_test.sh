#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Timers and kthreads of a module run, show in ps, and end with it; static per-CPU data works on one CPU and on four.
. "$(dirname "$0")/lib.sh"

for cpus in 1 4; do
    ok start --cpus "$cpus"
    ok insmod "$modules/ticker.so" period_ms=4
    wait_for 20 log_matches 'ticker: third tick on cpu [0-9]+ in ticker'
    ok ps
    out_has ' ticker$|\[ticker\]$'
    ok rmmod ticker
    log_has 'ticker: [0-9]+ ticks, [0-9]+ handled'
    ok ps
    out_lacks 'ticker'
    ok insmod "$modules/percpu.so"
    log_has 'percpu: [0-9]+ cpus, sum [0-9]+'
    ok rmmod percpu
    log_has 'percpu: shared value on the first cpu -?[0-9]+'
    ok insmod "$modules/percpu.so" # a fresh copy of the initial values
    ok rmmod percpu
    ok stop
done
