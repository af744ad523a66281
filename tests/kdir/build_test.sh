#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# One file with every kind of reference: what the .so holds, and how make treats it.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

fixture machine
run make -C machine KDIR="$kdir"
so=machine/machine.so
expect_sound $so

# Every import is weak, thus the loader's; those weak in the source are listed.
expect_equal "strong imports" "" "$(imports $so U)"
expect_equal "weak in the source" "machine_absent" "$(readelf -p .umc.weak $so | sed -nE 's/^ +\[ *[0-9a-f]+\]  //p')"
for name in __get_user_4 __put_user_4 copy_user_generic_unrolled clear_page_orig rcu_barrier \
	__SCT__preempt_schedule; do
	readelf -rW $so | matches "R_X86_64_JUMP_SLOT.* $name + 0" || fail "$name has no PLT slot"
done
for name in current_task __preempt_count this_cpu_off cpu_number pv_ops boot_cpu_data __SCT__might_resched; do
	readelf -rW $so | matches "R_X86_64_GLOB_DAT.* $name + 0" || fail "$name has no GOT slot"
done
expect_equal "kinds of relocations" "R_X86_64_64 R_X86_64_GLOB_DAT R_X86_64_JUMP_SLOT R_X86_64_RELATIVE" \
	"$(readelf -rW $so | awk '$3 ~ /^R_/ { print $3 }' | sort -u | xargs)"

# DT_RELA and DT_JMPREL do not overlap.
expect_equal "relocations by tag" "$(readelf -rW $so | awk '$3 ~ /^R_/ && $3 !~ /JUMP_SLOT/' | wc -l)" \
	"$(($(readelf -dW $so | awk '$2 == "(RELASZ)" { print $3 }') / 24))"
expect_equal "PLT relocations by tag" "$(readelf -rW $so | grep -c JUMP_SLOT)" \
	"$(($(readelf -dW $so | awk '$2 == "(PLTRELSZ)" { print $3 }') / 24))"

# Per-CPU data: every variable's address is in a slot, none in code.
percpu=$((16#$(section $so umc_percpu address)))
percpu_end=$((percpu + 16#$(section $so umc_percpu size)))
slots=0
while read -r value; do
	if ((16#$value >= percpu && 16#$value < percpu_end)); then slots=$((slots + 1)); fi
done < <(readelf -rW $so | awk '$3 == "R_X86_64_RELATIVE" { print $4 }')
((slots >= 4)) || fail "only $slots slots hold per-CPU addresses"
objdump -d --no-show-raw-insn $so | grep -E '%gs:[^(]*\(%rip\)|%gs:0x' && fail "a per-CPU symbol is reached without the GOT"

# Nothing but init sections in the pages of init sections.
readelf -SW $so | sed -E 's/^ *\[ *[0-9]+\] *//' |
	awk '$2 != "NULL" && $7 ~ /A/ && $5 != "000000" { print $1, $3, $5 }' >sections
while read -r name address size; do
	[[ $name == .init.* ]] || continue
	first=$((16#$address / 4096)) last=$(((16#$address + 16#$size - 1) / 4096))
	while read -r other address size; do
		[[ $other != .init.* ]] || continue
		((16#$address / 4096 > last || (16#$address + 16#$size - 1) / 4096 < first)) ||
			fail "$other shares a page with $name"
	done <sections
done <sections
grep -q '^\.init\.text ' sections && grep -q '^\.init\.data ' sections || fail "init sections are missing"

for name in __ksymtab __ksymtab_gpl __kcrctab __kcrctab_gpl __ksymtab_strings __param __bug_table .exit.text \
	.static_call.text .altinstructions .parainstructions umc_percpu .debug_line .eh_frame; do
	has_section $so $name || fail "no section $name"
done
has_section $so __jump_table && fail "a branch is in __jump_table, though keys are tested"
readelf --debug-dump=decodedline $so 2>/dev/null | matches 'machine\.c' || fail "no line table"

# A file that is up to date is left alone; a .so that is gone comes back; clean removes what was built and no more.
touch machine/library.so
stamp=$(stat -c %y $so)
kbuild "$work/machine" modules
expect_equal "time stamp after a build with nothing to do" "$stamp" "$(stat -c %y $so)"
rm $so
kbuild "$work/machine"
expect_sound $so
run make -C machine KDIR="$kdir" clean
expect_equal "files after clean" "Makefile library.so machine.c" "$(cd machine && echo * | xargs)"
