// SPDX-License-Identifier: GPL-2.0-only
// The test runner; each source has its own *_test.cc beside this.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
