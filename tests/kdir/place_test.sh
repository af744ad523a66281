#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The directory may be moved and be read-only; an ordinary user may use it, for several builds at a time.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

cp -a "$kdir" "$work/moved"
chmod -R a-w "$work/moved"
trap 'chmod -R u+w "$work/moved"; rm -rf "$work"' EXIT
fixture tree
fixture multi
find moved -printf '%p %T@ %s\n' | sort >before

as_user=()
if [[ $(id -u) == 0 ]]; then
	as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	chmod 755 "$work"
	chown -R 65534:65534 tree multi
fi
"${as_user[@]}" make -C "$work/moved" M="$work/tree" modules >tree.log 2>&1 &
first=$!
"${as_user[@]}" make -C "$work/moved" M="$work/multi" modules >multi.log 2>&1 || { cat multi.log; fail "multi"; }
wait $first || { cat tree.log; fail "tree"; }
for so in tree/top tree/deep/deep-one tree/deep/deep_two multi/multi multi/multi_objs; do
	expect_sound $so.so
done
find moved -printf '%p %T@ %s\n' | sort >after
expect_equal "the directory itself" "$(cat before)" "$(cat after)"
