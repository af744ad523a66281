/* SPDX-License-Identifier: GPL-2.0-only */
/* What the exporter module exports, each in another way. */
#ifndef EXPORTER_H
#define EXPORTER_H

int exporter_add(int a, int b);		/* EXPORT_SYMBOL */
int exporter_multiply(int a, int b);	/* EXPORT_SYMBOL_GPL */
int exporter_negate(int a);		/* EXPORT_SYMBOL_NS_GPL, namespace EXPORTER */
extern int exporter_calls;		/* EXPORT_SYMBOL: calls of all three */

#endif
