// SPDX-License-Identifier: GPL-2.0-only
// Random bytes from the host's generator.
#include "seam/random.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>

#include "seam/vcpu.h"

extern "C" void umc_host_random_fill(void *buffer, unsigned long length) {
    auto *bytes = static_cast<unsigned char *>(buffer);
    while (length > 0) {
        // getrandom() gives up to 256 bytes without being interrupted.
        const ssize_t got = getrandom(bytes, std::min(length, 256UL), 0);
        if (got < 0) {
            if (errno == EINTR) continue;
            umc_host_abort("getrandom failed");
        }
        bytes += got;
        length -= static_cast<unsigned long>(got);
    }
}
