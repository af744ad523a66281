// SPDX-License-Identifier: GPL-2.0-only
// The program umcrun.
#include "umcrun/command.h"

int main(int argc, char** argv) { return umc::cli::cli_main(argc, argv); }
