#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# gdb: a breakpoint set by name in a module that is not loaded yet hits in its init function, with a right backtrace.
. "$(dirname "$0")/lib.sh"

cat >"$work/script" <<END
set pagination off
set confirm off
set breakpoint pending on
set debuginfod enabled off
handle SIG34 SIG35 SIG36 SIG37 SIG38 SIG39 SIG40 nostop noprint pass
break importer_init
run
backtrace
info source
break exporter_add
continue
backtrace 2
delete
kill
quit
END
run env UMC_RUNTIME_DIR="$UMC_RUNTIME_DIR" timeout 100 gdb -q -batch -x "$work/script" \
    --args "$umcrun" run "$modules/exporter.so" "$modules/importer.so"
out_has 'Breakpoint 1, importer_init \(\) at .*importer\.c:[0-9]+'
out_has '#0 +importer_init \(\) at .*importer\.c'
out_has '#[1-9] .*do_one_initcall|#[1-9] .*module'
out_has 'Breakpoint 2, exporter_add \(a=(a@entry=)?20, b=(b@entry=)?22\)'
out_has '#1 .*importer_init'
out_lacks 'corrupt stack|Backtrace stopped: previous frame'
