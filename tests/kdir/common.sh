# SPDX-License-Identifier: GPL-2.0-only
# Shared by the tests of the kernel build directory; sourced. UMC_KDIR names the directory under test.
# shellcheck shell=bash
set -euo pipefail

: "${UMC_KDIR:?set UMC_KDIR to a kernel build directory made by tools/kdir/make-kdir}"
fixtures=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/fixtures
kdir=$(realpath "$UMC_KDIR")
unset MAKEFLAGS MAKELEVEL MFLAGS UMC_SAN UMC_COV UMC_CFLAGS

release=$(sed -nE 's/^#define UTS_RELEASE "(.*)"/\1/p' "$kdir/include/generated/utsrelease.h")
headers=$(sed -nE 's,^include (/.*)/\.kernelvariables$,\1,p' "$kdir/.kernelvariables")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

skip() {
	echo "SKIP: $*" >&2
	exit 77
}

# expect_equal WHAT WANTED GOT
expect_equal() {
	[[ $2 == "$3" ]] || fail "$1"$'\nwanted:\n'"$2"$'\ngot:\n'"$3"
}

# expect_file PATH...
expect_file() {
	local path
	for path; do
		[[ -e $path ]] || fail "$path is missing"
	done
}

# expect_no_file PATH...
expect_no_file() {
	local path
	for path; do
		[[ ! -e $path ]] || fail "$path exists"
	done
}

# run COMMAND...: quiet unless it fails.
run() {
	"$@" >"$work/run.log" 2>&1 || {
		cat "$work/run.log" >&2
		fail "$*"
	}
}

# run_refused TEXT COMMAND...: the command must fail and say TEXT.
run_refused() {
	local text=$1
	shift
	if "$@" >"$work/run.log" 2>&1; then
		cat "$work/run.log" >&2
		fail "succeeded: $*"
	fi
	grep -qF -- "$text" "$work/run.log" || {
		cat "$work/run.log" >&2
		fail "did not say \"$text\": $*"
	}
}

# kbuild DIR ARGUMENT...: the usual way to build an external module.
kbuild() {
	local dir=$1
	shift
	run make -C "$kdir" M="$dir" "$@"
}

# Copies the named fixture into the work directory.
fixture() {
	cp -r "$fixtures/$1" "$work/$(basename "$1")"
}

# grep -q that reads its input to the end, so that no pipeline fails with a broken pipe.
matches() {
	grep "$@" >/dev/null
}

section_names() {
	readelf -SW "$1" | sed -nE 's/^ *\[ *[0-9]+\] (\S+) .*/\1/p'
}

# section FILE NAME FIELD: address, size (hexadecimal, without 0x) or flags of a section.
section() {
	readelf -SW "$1" | sed -E 's/^ *\[ *[0-9]+\] *//' | awk -v name="$2" -v field="$3" '
		$1 == name { print field == "address" ? $3 : field == "size" ? $5 : $7 }'
}

has_section() {
	section_names "$1" | matches -xF -- "$2"
}

# The strings of .modinfo, one a line.
modinfo_strings() {
	objcopy -O binary --only-section=.modinfo "$1" "$work/modinfo.bin"
	tr '\0' '\n' <"$work/modinfo.bin" | grep .
}

# modinfo_field FILE NAME
modinfo_field() {
	modinfo_strings "$1" | sed -n "s/^$2=//p"
}

ksymtab_names() {
	nm "$1" | awk '$3 ~ /^__ksymtab_/ { print substr($3, 11) }' | LC_ALL=C sort
}

export_names() {
	nm -D --defined-only "$1" 2>/dev/null | awk '{ print $3 }' | LC_ALL=C sort
}

# Imports by strength: "w" are the loader's, "U" are the dynamic linker's.
imports() {
	nm -D --undefined-only "$1" 2>/dev/null | awk -v strength="$2" '$1 == strength { print $2 }' | LC_ALL=C sort
}

# What holds for every .so.
expect_sound() {
	local so=$1
	expect_file "$so" "${so%.so}.ko"
	expect_equal "$so: exports" "$(ksymtab_names "${so%.so}.ko")" "$(export_names "$so")"
	! readelf -dW "$so" | grep -E 'TEXTREL|NEEDED|SONAME|RPATH|RUNPATH' || fail "$so: dynamic section"
	[[ $(readelf -lW "$so" | grep -c 'LOAD.*RWE') == 0 ]] || fail "$so: a segment is writable and executable"
	expect_equal "$so: .modinfo" "$(modinfo_strings "${so%.so}.ko")" "$(modinfo_strings "$so")"
	local name
	for name in .modinfo __versions .gnu.linkonce.this_module .umc.weak .debug_info .symtab; do
		has_section "$so" "$name" || fail "$so: no section $name"
	done
}
