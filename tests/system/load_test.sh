#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# One module: parameters of every type, listing, unloading, loading again, and the errors of insmod and rmmod.
. "$(dirname "$0")/lib.sh"

ok insmod "$modules/hello.so" shout=1 count=2 'whom=the whole world' list=9,8,7,6 words=a,b limited=10 \
    letter_case=upper tiny=200 huge=18446744073709551615 large_signed=-5 silent=N
log_has 'hello: HELLO, the whole world!'
log_has 'hello: quiet=1 letter_case=upper tiny=200'
log_has 'large_signed=-5 .* huge=18446744073709551615 limited=10'
log_has 'hello: list\[3\]=6'
log_has 'hello: words\[1\]=b'

ok lsmod
out_has '^Module +Size +Used by$'
out_has '^hello +[0-9]+ +0 *$'

refused insmod "$modules/hello.so"
out_has 'could not insert module .*hello.so: File exists'

ok rmmod hello
log_has 'hello: goodbye, the whole world'
refused rmmod hello
out_has 'Module hello is not currently loaded'

# A fresh load has fresh data.
ok insmod "$modules/hello.so"
log_has 'hello: hello, world'
ok rmmod hello

refused insmod "$modules/hello.so" limited=11
out_has 'Invalid parameters|Invalid argument|Numerical result out of range'
refused insmod "$modules/hello.so" count=many
out_has 'Invalid parameters'
refused insmod "$modules/hello.so" letter_case=much-too-long
ok insmod "$modules/hello.so" nonsense=1
log_has "hello: unknown parameter 'nonsense' ignored"
ok rmmod hello

refused insmod "$work/absent.so"
out_has 'No such file or directory'
head -c 100000 /dev/urandom >"$work/noise.ko"
refused insmod "$work/noise.ko"
out_has 'Invalid module format'
head -c 3000 "$modules/hello.so" >"$work/short.so"
refused insmod "$work/short.so"
out_has 'Invalid module format'
: >"$work/empty.so"
refused insmod "$work/empty.so"

# Several files in one call, in order; each with its own parameters.
ok insmod "$modules/exporter.so" "$modules/importer.so" "$modules/hello.so" count=3
ok lsmod
out_has '^exporter +[0-9]+ +1 importer$'
refused rmmod exporter
out_has 'Module exporter is in use by: importer'
ok rmmod importer exporter hello
ok lsmod
[[ $out == "$(printf 'Module                  Size  Used by')" ]] || fail "modules left over"
ok stop
