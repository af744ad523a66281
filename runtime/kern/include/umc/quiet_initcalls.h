/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Given with -include to upstream files whose initcalls of these levels only publish state in sysfs, debugfs or
 * /proc/sys: as long as those do not exist, the initcalls are compiled but not run.
 */
#include <linux/init.h>

#define UMC_QUIET(fn) static initcall_t __maybe_unused umc_quiet_##fn = fn
#undef core_initcall
#define core_initcall(fn) UMC_QUIET(fn)
#undef device_initcall
#define device_initcall(fn) UMC_QUIET(fn)
#undef late_initcall
#define late_initcall(fn) UMC_QUIET(fn)
#undef postcore_initcall
#define postcore_initcall(fn) UMC_QUIET(fn)
