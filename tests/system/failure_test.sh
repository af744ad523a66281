#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Loads that must fail, and leave nothing behind: a failing init, missing symbols, licences, namespaces.
. "$(dirname "$0")/lib.sh"
kdir=$UMC_BUILD/kdir

refused insmod "$modules/initfail.so"
out_has 'could not insert module .*initfail.so: No such device'
log_has 'initfail: returning -19'
! loaded initfail || fail "initfail is listed"
refused insmod "$modules/initfail.so" error=12
out_has 'Cannot allocate memory'
ok insmod "$modules/initfail.so" error=0
loaded initfail || fail "initfail is not listed"
ok rmmod initfail

# Symbols that nobody provides: all of them are named.
refused insmod "$modules/importer.so"
out_has 'Unknown symbol in module'
for symbol in exporter_add exporter_multiply exporter_negate exporter_calls; do
    log_has "importer: Unknown symbol $symbol \(err -2\)"
done
! loaded importer || fail "importer is listed"

mkdir "$work/missing"
echo 'obj-m := missing.o' >"$work/missing/Makefile"
cat >"$work/missing/missing.c" <<'END'
#include <linux/module.h>
extern int nobody_has_this(int);
extern int nobody_has_that(int);
static bool use;
module_param(use, bool, 0);
static int __init missing_init(void) { return use ? nobody_has_this(1) + nobody_has_that(2) : 0; }
static void __exit missing_exit(void) { }
module_init(missing_init);
module_exit(missing_exit);
MODULE_LICENSE("GPL");
END
built=$(build_modules "$kdir" "$work/missing" KBUILD_MODPOST_WARN=1)
refused insmod "$built/missing.so"
log_has 'missing: Unknown symbol nobody_has_this'
log_has 'missing: Unknown symbol nobody_has_that'
ok insmod --allow-missing "$built/missing.so"
ok rmmod missing
umc insmod --allow-missing "$built/missing.so" use=1
((status != 0)) || fail "the call of a missing symbol went unnoticed"
log_has 'nobody_has_this'
ok lsmod # the instance lives on
ok insmod "$modules/hello.so"

# A module that is not GPL may not use GPL-only symbols; nor anyone a namespace it does not import.
mkdir "$work/closed"
echo 'obj-m := closed.o' >"$work/closed/Makefile"
cat >"$work/closed/closed.c" <<'END'
#include <linux/module.h>
extern int exporter_add(int, int);
static int __init closed_init(void) { return exporter_add(1, -1); }
static void __exit closed_exit(void) { }
module_init(closed_init);
module_exit(closed_exit);
MODULE_LICENSE("Proprietary");
END
extra=KBUILD_EXTRA_SYMBOLS=$UMC_BUILD/modules/work/exporter/Module.symvers
built=$(build_modules "$kdir" "$work/closed" "$extra")
ok insmod "$modules/exporter.so"
ok insmod "$built/closed.so"
log_has "closed: module license 'Proprietary' taints kernel"
ok rmmod closed
sed -i 's/exporter_add/exporter_multiply/g' "$work/closed/closed.c"
built=$(build_modules "$kdir" "$work/closed" "$extra" KBUILD_MODPOST_WARN=1)
refused insmod "$built/closed.so"
log_has 'closed: Unknown symbol exporter_multiply'
sed -i 's/exporter_multiply(int, int)/exporter_negate(int)/; s/exporter_multiply(1, -1)/exporter_negate(0)/; s/Proprietary/GPL/' \
    "$work/closed/closed.c"
built=$(build_modules "$kdir" "$work/closed" "$extra" KBUILD_MODPOST_WARN=1)
refused insmod "$built/closed.so"
log_has 'closed: module uses symbol \(?exporter_negate\)? from namespace EXPORTER, but does not import it'
ok stop
