#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# rmmod: names, files, and why a module cannot go.
. "$(dirname "$0")/lib.sh"
needs_fake

module a.so
module user-one.so "depends a"
module two.so "depends a"
module stays.so permanent
ok insmod m/a.so m/user-one.so m/two.so m/stays.so

fails 1 rmmod nothing
err_is "rmmod: ERROR: Module nothing is not currently loaded"
fails 1 rmmod a
err_is "rmmod: ERROR: Module a is in use by: two user_one"
fails 1 rmmod stays
err_is "rmmod: ERROR: could not remove module stays: Device or resource busy
rmmod: stays has no exit function"
ok rmmod -f stays
# All of them are tried.
fails 1 rmmod nothing two
err_is "rmmod: ERROR: Module nothing is not currently loaded"
ok rmmod m/user-one.so a
ok lsmod
out_is "Module                  Size  Used by"
module v-v.so
ok insmod m/v-v.so
ok rmmod -v v-v
out_is "rmmod v_v"
ok stop
