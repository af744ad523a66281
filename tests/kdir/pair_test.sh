#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# An exporter and an importer in trees of their own, joined by KBUILD_EXTRA_SYMBOLS: names, versions, namespaces.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

fixture pair
kbuild "$work/pair/exporter" modules
kbuild "$work/pair/importer" modules
expect_sound pair/exporter/exporter.so
expect_sound pair/importer/importer.so
exporter=pair/exporter/exporter.so importer=pair/importer/importer.so

expect_equal "exports" "exporter_add exporter_data exporter_gpl exporter_ns exporter_ns_gpl exporter_percpu" \
	"$(export_names $exporter | xargs)"
expect_equal "depends" "exporter" "$(modinfo_field $importer depends)"
expect_equal "import_ns" "EXPORTER" "$(modinfo_field $importer import_ns)"

# Prints "value name namespace" for every entry of a ksymtab section: three 32-bit offsets, each relative to itself.
ksymtab() {
	local so=$1 name=$2 base strings value symbol space
	base=$((16#$(section "$so" "$name" address)))
	strings=$((16#$(section "$so" __ksymtab_strings address)))
	objcopy -O binary --only-section=__ksymtab_strings "$so" strings.bin
	objcopy -O binary --only-section="$name" "$so" ksymtab.bin
	od -An -v -td4 -w12 ksymtab.bin | while read -r value symbol space; do
		printf '%016x %s %s\n' $((base + value)) \
			"$(tail -c +$((base + 4 + symbol - strings + 1)) strings.bin | head -zn1 | tr -d '\0')" \
			"$(tail -c +$((base + 8 + space - strings + 1)) strings.bin | head -zn1 | tr -d '\0')"
		base=$((base + 12))
	done
}
{ ksymtab $exporter __ksymtab; ksymtab $exporter __ksymtab_gpl; } >exported
expect_equal "values in ksymtab" "$(nm -D --defined-only $exporter | awk '{ print $1, $3 }' | sort)" \
	"$(cut -d' ' -f1,2 exported | sort)"
expect_equal "namespaces in ksymtab" "exporter_ns exporter_ns_gpl" "$(awk '$3 == "EXPORTER" { print $2 }' exported | xargs)"
expect_equal "GPL-only" "exporter_gpl exporter_ns_gpl" \
	"$(ksymtab $exporter __ksymtab_gpl | awk '{ print $2 }' | xargs)"

# Prints "crc name" for every entry of the __versions section: 8 bytes of version, 56 bytes of name.
versions() {
	objcopy -O binary --only-section=__versions "$1" versions.bin
	od -An -v -tx1 -w64 versions.bin | while read -r line; do
		set -- $line
		printf '0x%s%s%s%s ' "$4" "$3" "$2" "$1"
		shift 8
		printf "$(printf '\\x%s' "$@")" | tr -d '\0'
		echo
	done
}

# The importer demands the versions that the exporter has in its __kcrctab, and the kernel's own.
versions $importer >wanted
awk '{ print $1, $2 }' pair/exporter/Module.symvers >offered
awk '{ print $1, $2 }' "$kdir/Module.symvers" >>offered
while read -r crc name; do
	grep -qx "$crc $name" offered || fail "version $crc of $name is not on offer"
done <wanted
for name in exporter_add exporter_data exporter_gpl exporter_ns exporter_ns_gpl exporter_percpu module_layout; do
	grep -q " $name\$" wanted || fail "no version of $name is demanded"
done
crc_of_add=$(awk '$2 == "exporter_add" { print $1 }' pair/exporter/Module.symvers)
expect_equal "first entry of __kcrctab" "${crc_of_add#0x}" \
	"$(readelf -x __kcrctab $exporter | awk '/^  0x/ { print $2; exit }' | sed -E 's/(..)(..)(..)(..)/\4\3\2\1/')"

# Without the exporter's versions the importer must not build.
cut -f1,2 pair/exporter/Module.symvers >ours
: >pair/exporter/Module.symvers
kbuild "$work/pair/importer" clean
run_refused '"exporter_add"' make -C "$kdir" M="$work/pair/importer" modules

# The versions are those that the distribution's own build directory computes.
kbuild "$work/pair/exporter" clean
run make -C "$headers" M="$work/pair/exporter" modules
expect_equal "versions of the distribution's build" "$(cut -f1,2 pair/exporter/Module.symvers)" "$(cat ours)"
expect_no_file $exporter
