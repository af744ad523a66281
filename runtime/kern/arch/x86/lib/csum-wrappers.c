// SPDX-License-Identifier: GPL-2.0-only
/* Replaces arch/x86/lib/csum-wrappers_64.c: checksums together with user copies, and of the IPv6 pseudo header. */
#include <linux/export.h>
#include <linux/uaccess.h>
#include <asm/checksum.h>

#include <umc/uaccess.h>

/* 0 when a byte could not be copied, which no good sum is. */
__wsum csum_and_copy_from_user(const void __user *src, void *dst, int len)
{
	might_sleep();
	if (!access_ok(src, len) || umc_user_read(dst, (unsigned long)src, len))
		return 0;
	return csum_partial(dst, len, ~(__force __wsum)0);
}

__wsum csum_and_copy_to_user(const void *src, void __user *dst, int len)
{
	might_sleep();
	if (!access_ok(dst, len) || umc_user_write((unsigned long)dst, src, len))
		return 0;
	return csum_partial(src, len, ~(__force __wsum)0);
}

__wsum csum_partial_copy_nocheck(const void *src, void *dst, int len)
{
	memcpy(dst, src, len);
	return csum_partial(dst, len, 0);
}
EXPORT_SYMBOL(csum_partial_copy_nocheck);

__sum16 csum_ipv6_magic(const struct in6_addr *saddr, const struct in6_addr *daddr, __u32 len, __u8 proto, __wsum sum)
{
	const u64 *s = (const u64 *)saddr, *d = (const u64 *)daddr;
	u64 words[] = { (__force u64)htonl(len) + (__force u64)htons(proto), s[0], s[1], d[0], d[1] };
	u64 total = (__force u64)sum;
	int i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		total += words[i];
		total += total < words[i];
	}
	return csum_fold((__force __wsum)add32_with_carry(total & 0xffffffff, total >> 32));
}
EXPORT_SYMBOL(csum_ipv6_magic);
