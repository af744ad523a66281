/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shadows asm/jump_label.h: a foreign key's address is no constant in position-independent code, so a branch cannot
 * be entered in __jump_table. It tests the key instead, its own module's keys included; no code is ever patched.
 */
#ifndef UMC_SHADOW_ASM_JUMP_LABEL_H
#define UMC_SHADOW_ASM_JUMP_LABEL_H

#define arch_static_branch umc_unused_static_branch
#define arch_static_branch_jump umc_unused_static_branch_jump
#include_next <asm/jump_label.h>
#undef arch_static_branch
#undef arch_static_branch_jump

#ifndef __ASSEMBLY__
/* True when the patched branch would be taken. While the first enabling is under way the count is -1: still off. */
#define arch_static_branch(key, branch) ((READ_ONCE((key)->enabled.counter) > 0) ^ (branch))
#define arch_static_branch_jump(key, branch) arch_static_branch(key, branch)
#endif

#endif
