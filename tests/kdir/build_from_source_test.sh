#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# build-from-source on a small tree that looks like the kernel's: rules with $(srctree)/$(src), includes of neighbouring
# directories, a sub-directory; what it refuses; that it writes nothing to the source.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

build_from_source=$(dirname "$fixtures")/../../tools/kdir/build-from-source
mkdir -p linux/lib/fake/parts linux/lib/other linux/kernel
grep -E '^(VERSION|PATCHLEVEL|SUBLEVEL) = ' "$(sed -n 's/^include //p' "$kdir/Makefile")" >linux/Makefile
echo '#define OTHER_VALUE 5' >linux/lib/other/other.h
cat >linux/lib/fake/Makefile <<'MAKEFILE'
obj-$(CONFIG_CRC64) += fake.o \
	second.o
obj-$(CONFIG_CRC32) += builtin.o
obj-y += never.o
ccflags-y += -I $(srctree)/lib/other
fake-y := main.o parts/part.o
$(obj)/main.o: $(obj)/table.h
$(obj)/table.h: $(src)/table.txt
	cat $(srctree)/$(src)/table.txt > $@
MAKEFILE
echo '#define TABLE_VALUE 4' >linux/lib/fake/table.txt
cat >linux/lib/fake/main.c <<'SOURCE'
#include <linux/module.h>
#include "table.h"
#include "other.h"
#include "../other/other.h"
int fake_value(void);
int fake_value(void) { return TABLE_VALUE + OTHER_VALUE; }
EXPORT_SYMBOL_GPL(fake_value);
MODULE_DESCRIPTION("fake");
MODULE_LICENSE("GPL");
SOURCE
echo 'int fake_part(void); int fake_part(void) { return 1; }' >linux/lib/fake/parts/part.c
cat >linux/lib/fake/second.c <<'SOURCE'
#include <linux/module.h>
int fake_value(void);
int second(void);
int second(void) { return fake_value(); }
MODULE_DESCRIPTION("second");
MODULE_LICENSE("GPL");
SOURCE
echo '#error not asked for' | tee linux/lib/fake/never.c >linux/lib/fake/builtin.c
find linux -printf '%p %T@\n' | sort >before

options=(--source linux --kdir "$kdir" --out out)
run "$build_from_source" "${options[@]}" lib/fake/fake lib/fake/second
expect_sound out/fake.so
expect_sound out/second.so
expect_equal "exports" "fake_value" "$(export_names out/fake.so)"
expect_equal "depends" "fake" "$(modinfo_field out/second.so depends)"
stamp=$(stat -c %y out/fake.so)
run "$build_from_source" "${options[@]}" lib/fake/fake lib/fake/second
expect_equal "time stamp after a build with nothing to do" "$stamp" "$(stat -c %y out/fake.so)"
expect_equal "the source" "$(cat before)" "$(find linux -printf '%p %T@\n' | sort)"

run_refused "part of the kernel itself (CONFIG_CRC32=y)" "$build_from_source" "${options[@]}" lib/fake/builtin
run_refused "names absent.o" "$build_from_source" "${options[@]}" lib/fake/absent
run_refused "no such directory" "$build_from_source" "${options[@]}" lib/absent/absent
run_refused "are required" "$build_from_source" "${options[@]}"
sed -i 's/^SUBLEVEL = .*/SUBLEVEL = 9999/' linux/Makefile
run_refused ".9999, the build directory" "$build_from_source" "${options[@]}" lib/fake/fake
