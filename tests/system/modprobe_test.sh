#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# depmod and modprobe over a module directory; request_module() of kernel code goes the same way.
. "$(dirname "$0")/lib.sh"

dir=$work/modules
mkdir "$dir"
cp "$modules"/{exporter,importer,hello}.so "$dir"
export UMC_MODULES=$dir
ok depmod "$dir"
grep -q '^importer.so: exporter.so$' "$dir/modules.dep" || fail "modules.dep lacks importer's dependency"

ok modprobe importer
log_has 'importer: add 42'
ok lsmod
out_has '^exporter +[0-9]+ +1 importer$'
ok modprobe importer # loaded already: nothing to do
ok modprobe -r importer
ok lsmod
out_lacks 'importer|exporter'
refused modprobe nothing-of-that-name
out_has 'nothing-of-that-name not found'

requester=$(build_modules "$UMC_BUILD/kdir" "$UMC_SOURCE/tests/system/fixtures/requester")/requester.so
ok insmod "$requester"
log_has 'requester: request_module\(exporter\) gave 0'
loaded exporter || fail "exporter was not loaded"
ok rmmod requester exporter
refused insmod "$requester" wanted=nothing-of-that-name
log_has 'requester: request_module\(nothing-of-that-name\) gave [^0]'
ok stop
