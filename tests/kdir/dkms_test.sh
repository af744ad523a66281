#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# dkms builds a module with --kernelsourcedir, in a tree of its own.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

[[ $(type -P dkms) ]] || skip "dkms is not installed"
[[ $(id -u) == 0 ]] || skip "dkms needs root"

mkdir -p source/multi-1.0 tree
cp -r "$fixtures/multi/." source/multi-1.0/
cat >source/multi-1.0/dkms.conf <<'CONF'
PACKAGE_NAME="multi"
PACKAGE_VERSION="1.0"
BUILT_MODULE_NAME[0]="multi"
DEST_MODULE_LOCATION[0]="/updates"
MAKE[0]="make -C $kernel_source_dir M=$dkms_tree/$PACKAGE_NAME/$PACKAGE_VERSION/build modules"
CLEAN="make -C $kernel_source_dir M=$dkms_tree/$PACKAGE_NAME/$PACKAGE_VERSION/build clean"
CONF
# dkms keeps only the .ko: UMC_SO_DIR gets the .so. A signing tool that does not exist keeps dkms from making a key.
options=(-m multi -v 1.0 --dkmstree "$work/tree" --sourcetree "$work/source")
run dkms add "${options[@]}"
run env sign_file=/nonexistent UMC_SO_DIR="$work/out" dkms build "${options[@]}" -k "$release" -a x86_64 \
	--kernelsourcedir "$kdir"
built=tree/multi/1.0/$release/x86_64/module/multi.ko
expect_file "$built"
cp "$built" out/multi.ko
expect_sound out/multi.so
expect_file out/multi_objs.so

# What dkms kept can be linked later.
run "$kdir/umc/ko2so" "$built" later.so
expect_equal "exports" "multi_part" "$(export_names later.so)"
