# SPDX-License-Identifier: GPL-2.0-only
# Kbuild's post-link hook: "make -f postlink.mk foo.ko" links foo.so beside foo.ko.

umc-dir := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))

%.ko: FORCE
ifneq ($(quiet),silent_)
	@echo '  LD [SO] $(@:.ko=.so)'
endif
	$(Q)$(umc-dir)/ko2so $@ $(@:.ko=.so)

PHONY += FORCE
FORCE:
.PHONY: $(PHONY)
