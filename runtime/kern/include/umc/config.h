/* SPDX-License-Identifier: GPL-2.0-only */
/* Included after kconfig.h in every kern file: build-tool choices only, nothing that changes a structure. */

/* The kernel lets objtool turn jumps into NOPs after compiling; without it the assembler emits the NOPs. */
#undef CONFIG_HAVE_JUMP_LABEL_HACK
