#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A driver that chooses defines by whether small modules build.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

fixture probe
run make -C probe KDIR="$kdir"
expect_sound probe/probe.so
expect_equal "defines chosen" "-DHAVE_printk_exists -DHAVE_two_argument_function -DHAVE_no_import" \
	"$(xargs <probe/probed)"
