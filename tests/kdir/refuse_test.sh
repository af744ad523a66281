#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the link step must refuse, because the loader could not serve it.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

# refused NAME TEXT: builds a module of one file, read from standard input; the link step must say TEXT.
refused() {
	mkdir "$1"
	cat >"$1/$1.c" - <(echo 'MODULE_LICENSE("GPL"); MODULE_DESCRIPTION("refused");')
	echo "obj-m := $1.o" >"$1/Makefile"
	run_refused "$2" make -C "$kdir" M="$work/$1" modules
	expect_no_file "$1/$1.so" "$1/$1.ko"
}

refused percpu_direct "per-CPU symbol" <<'SOURCE'
#include <linux/module.h>
static int variable __attribute__((section(".data..percpu"), used)) = 1;
int *address(void);
int *address(void) { return &variable; }
SOURCE

refused into_the_middle "rcu_barrier" <<'SOURCE'
#include <linux/module.h>
void caller(void);
void caller(void) { asm volatile("call rcu_barrier + 32"); }
SOURCE

refused text_relocation "rcu_barrier" <<'SOURCE'
#include <linux/module.h>
void *address(void);
void *address(void) { void *p; asm("movabs $rcu_barrier, %0" : "=r"(p)); return p; }
SOURCE
