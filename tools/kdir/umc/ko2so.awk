# SPDX-License-Identifier: GPL-2.0-only
# For ko2so: reads "readelf -SsW" and then "readelf -rW" of a module and decides how it is linked. Variables: work, ko.

function complain(text) {
	print ko ": " text > "/dev/stderr"
	failed = 1
}

# The dynamic linker alone answers for these; every other import is the loader's.
function is_sanitizer(name) {
	return name ~ /^__(asan|lsan|tsan|ubsan|sanitizer)_/
}

FNR == 1 { file++ }

# Section headers: "[ 5] name type address offset size entsize flags ..."; flags may be absent.
file == 1 && /^ *\[ *[0-9]+\]/ {
	match($0, /\[ *[0-9]+\]/)
	idx = substr($0, RSTART + 1, RLENGTH - 2) + 0
	$0 = substr($0, RSTART + RLENGTH)
	section[idx] = $1
	flags[$1] = ($7 ~ /[A-Za-z]/) ? $7 : ""
	if ($1 ~ /^\.data\.\.percpu/)
		has_percpu = 1
	if ($1 ~ /^\.(init|fini)_array/)
		constructors[$1] = 1
}

# Symbols: "num: value size type bind visibility index name".
file == 1 && $1 ~ /^[0-9]+:$/ && NF >= 8 {
	name = $8
	if ($7 == "UND") {
		if (is_sanitizer(name))
			sanitized = 1
		else if (name == "__gcov_merge_add")
			covered = 1
		else if ($5 == "WEAK")
			weak[++nweak] = name
		else
			imports[++nimports] = name
	} else if (section[$7] ~ /^\.data\.\.percpu/) {
		percpu[name] = 1
	}
	if (name ~ /^__ksymtab_/ && $7 != "UND")
		exports[++nexports] = substr(name, 11)
}

# Relocations: "Relocation section '.rela.text' at ...", then "offset info type value symbol + addend".
file == 2 && /^Relocation section/ {
	split($0, part, "'")
	target = part[2]
	sub(/^\.rela/, "", target)
	allocated = flags[target] ~ /A/
	read_only = flags[target] !~ /[WX]/
}

file == 2 && allocated && $3 ~ /^R_X86_64_/ {
	if ($3 == "R_X86_64_64" && read_only)
		writable[target] = 1
	if (($5 in percpu || $5 ~ /^\.data\.\.percpu/) && target !~ /^__ksymtab/ &&
	    $3 !~ /^R_X86_64_(64|GOTPCREL|GOTPCRELX|REX_GOTPCRELX)$/)
		complain(target "+0x" $1 ": per-CPU symbol " $5 " is not reached through the GOT (" $3 ")")
}

END {
	if (failed)
		exit 1

	list = work "/exports"
	print "{" > list
	if (nexports) {
		print "global:" > list
		for (i = 1; i <= nexports; i++)
			print "\t\"" exports[i] "\";" > list
	}
	print "local:\n\t*;\n};" > list

	list = work "/options"
	printf "" > list
	if (nimports) {
		print "objcopy --weaken-symbols=" work "/imports" > list
		for (i = 1; i <= nimports; i++)
			print imports[i] > (work "/imports")
	}
	# Sections with absolute addresses become data: the dynamic linker must not write to read-only pages.
	for (name in writable)
		print "objcopy --set-section-flags=" name "=alloc,load,data" > list
	# This kernel is configured without CONSTRUCTORS. Only those of a sanitizer run, from dlopen.
	if (!sanitized)
		for (name in constructors)
			print "objcopy --remove-section=" name > list
	# The GOT entries of per-CPU symbols must survive, or the loader has nothing to put the offset in.
	if (has_percpu)
		print "ld --no-relax" > list

	# libgcov's __gcov_info_to_gcda() only asks whether there is a merge function; it never calls one.
	if (covered)
		print "ld --defsym=__gcov_merge_add=1" > list

	list = work "/weak"
	for (i = 1; i <= nweak; i++)
		printf "%s%c", weak[i], 0 > list
	printf "%c", 0 > list
}
