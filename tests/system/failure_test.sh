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

mkdir "$work/missing" "$work/closed"
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

# A module that is not GPL may not use GPL-only symbols, nor anyone a namespace it does not import. The build refuses
# such modules, so the built file's own words are changed.
mkdir "$work/user"
echo 'obj-m := user.o' >"$work/user/Makefile"
cat >"$work/user/user.c" <<'END'
#include <linux/module.h>
extern int exporter_add(int, int);
extern int exporter_multiply(int, int);
extern int exporter_negate(int);
static int __init user_init(void) { return exporter_add(1, -1) + exporter_multiply(1, 0) + exporter_negate(0); }
static void __exit user_exit(void) { }
module_init(user_init);
module_exit(user_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_IMPORT_NS(EXPORTER);
END
extra=KBUILD_EXTRA_SYMBOLS=$UMC_BUILD/modules/work/exporter/Module.symvers
built=$(build_modules "$kdir" "$work/user" "$extra")
ok insmod "$modules/exporter.so"
ok insmod "$built/user.so"
ok rmmod user
sed 's,license=Dual MIT/GPL,license=Dual MIT/XYZ,' "$built/user.so" >"$work/closed/user.so"
refused insmod "$work/closed/user.so"
out_has 'Unknown symbol in module'
log_has "user: module license 'Dual MIT/XYZ' taints kernel"
log_has 'user: Unknown symbol exporter_multiply \(err -2\)'
sed 's,import_ns=EXPORTER,import_ns=EXPORTEX,' "$built/user.so" >"$work/closed/user.so"
refused insmod "$work/closed/user.so"
log_has 'user: module uses symbol \(?exporter_negate\)? from namespace EXPORTER, but does not import it'

# With plain symbols only, such a module loads.
ok rmmod hello exporter
sed "s/license=GPL/license=XYZ/" "$modules/exporter.so" >"$work/closed/exporter.so"
ok insmod "$work/closed/exporter.so"
log_has "exporter: module license 'XYZ' taints kernel"
ok rmmod exporter

# A module of another kernel # (of the version magic the kernel leaves out the release when symbols carry versions).
sed 's,^\(.*\)\(vermagic=[^ ]*\) SMP,\1\2 UPX,' "$modules/hello.so" >"$work/closed/hello.so"
refused insmod "$work/closed/hello.so"
out_has 'Invalid module format'
log_has "hello: version magic '.* UPX .*' should be '.* SMP "
ok stop
