# SPDX-License-Identifier: GPL-2.0-only
# What turns the distribution's Kbuild into one that makes shared objects. The build directory's .kernelvariables
# includes this file; the headers' top Makefile reads that after it has reset its flag variables and before it
# exports them. UMC_KDIR is the absolute path of the build directory.

# --- flags ------------------------------------------------------------------------------------------------------

# NOSTDINC_FLAGS come before every other -I, so the shadow headers are found first. asm/ftrace.h insists on
# CC_USING_FENTRY, though no tracing prologue is emitted.
NOSTDINC_FLAGS := -I$(UMC_KDIR)/umc/shadow -DCC_USING_FENTRY

# CFLAGS_MODULE come last, so they win over the kernel's -mcmodel=kernel, -fno-PIE, -fomit-frame-pointer.
umc-cflags := -fPIC -fno-plt -fno-semantic-interposition -mcmodel=small \
	      -fno-omit-frame-pointer -fno-optimize-sibling-calls -fasynchronous-unwind-tables -g

# UMC_SAN=address,undefined or UMC_SAN=thread. Sanitizer runtimes need a stack aligned to 16, kernel code keeps 8.
# Unaligned access is legal in x86 kernel code.
ifneq ($(UMC_SAN),)
umc-cflags += -fsanitize=$(UMC_SAN) -fno-sanitize=alignment \
	      -mpreferred-stack-boundary=4 -mincoming-stack-boundary=3
endif

# UMC_COV=1. Counters are registered in the section .gcov_info instead of by a constructor.
ifeq ($(UMC_COV),1)
umc-cflags += -fprofile-arcs -ftest-coverage -fprofile-info-section -fprofile-update=prefer-atomic \
	      -fno-tree-loop-im
endif

umc-cflags += $(UMC_CFLAGS)

ifeq ($(origin CFLAGS_MODULE),command line)
# A command line wins over assignments here and in every sub-make, so the sum has to be made a command-line value.
ifeq ($(findstring $(umc-cflags),$(CFLAGS_MODULE)),)
umc-space := $(subst ,, )
override CFLAGS_MODULE := $(CFLAGS_MODULE) $(umc-cflags)
MAKEOVERRIDES += CFLAGS_MODULE=$(subst $(umc-space),\$(umc-space),$(CFLAGS_MODULE))
endif
else
CFLAGS_MODULE := $(umc-cflags)
endif

AFLAGS_MODULE := -fPIC

# --- foo.ko -> foo.so -------------------------------------------------------------------------------------------

# Makefile.modfinal runs $(MAKE) -f $(ARCH_POSTLINK) foo.ko after each link, but assigns the variable itself:
# only a command-line value reaches it.
ifneq ($(filter ARCH_POSTLINK=%,$(MAKEOVERRIDES)),)
MAKEOVERRIDES := $(filter-out ARCH_POSTLINK=%,$(MAKEOVERRIDES))
endif
MAKEOVERRIDES += ARCH_POSTLINK=$(UMC_KDIR)/umc/postlink.mk

ifneq ($(KBUILD_EXTMOD),)
PHONY += umc-stale umc-clean umc-install

# A .ko whose .so is gone is linked again.
modpost: umc-stale
umc-stale:
	@$(UMC_KDIR)/umc/so-files stale $(KBUILD_EXTMOD)

# "make clean" removes by file name and does not know .so.
clean: umc-clean
umc-clean:
	@$(UMC_KDIR)/umc/so-files clean $(KBUILD_EXTMOD)

# The .so goes where Makefile.modinst puts the .ko.
modules_install: umc-install
umc-install:
	@$(UMC_KDIR)/umc/so-files install $(KBUILD_EXTMOD) $(MODORDER) \
		"$(INSTALL_MOD_PATH)" "$(MODLIB)/$(or $(INSTALL_MOD_DIR),extra)" "$(INSTALL_MOD_STRIP)"
endif
