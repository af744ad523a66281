#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Several files in a module, several modules in a tree, sub-directories, generated headers, assembly; parallel make;
# modules_install; other ways to name the directories.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

fixture multi
fixture tree

kbuild "$work/multi" -j2 modules
expect_sound multi/multi.so
expect_sound multi/multi_objs.so
expect_equal "exports of multi" "multi_part" "$(export_names multi/multi.so)"
expect_equal "exports of multi_objs" "" "$(export_names multi/multi_objs.so)"
kbuild "$work/multi" clean
expect_no_file multi/multi.so multi/multi_objs.so multi/generated.h

# The tree through a symbolic link, and a library that is none of Kbuild's.
ln -s tree link
touch tree/deep/user.so
run make -C "$kdir" O="$kdir" M="$work/link" -j2 modules
expect_sound tree/top.so
expect_sound tree/deep/deep-one.so
expect_sound tree/deep/deep_two.so
expect_equal "name in .modinfo" "deep_one" "$(modinfo_field tree/deep/deep-one.so name)"

kbuild "$work/link" modules_install INSTALL_MOD_PATH="$work/root" INSTALL_MOD_STRIP=1
installed=$work/root/lib/modules/$release/extra
for name in top deep/deep-one deep/deep_two; do
	expect_file "$installed/$name.ko" "$installed/$name.so"
	! has_section "$installed/$name.so" .debug_info || fail "$name.so is not stripped"
	has_section "$installed/$name.so" .umc.weak || fail "$name.so: no section .umc.weak after strip"
done
run_refused "set INSTALL_MOD_PATH" make -C tree KDIR="$kdir" modules_install

run make -C tree KDIR="$kdir" clean
expect_equal "files after clean" "tree/deep/user.so" "$(find tree -name '*.so' -o -name '*.ko')"
