// SPDX-License-Identifier: GPL-2.0-only
// Access to the memory of the processes that tasks serve.
#include "seam/uaccess.h"

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>

namespace {

using Transfer = ssize_t (*)(pid_t, const iovec*, unsigned long, const iovec*, unsigned long, unsigned long);

// The system call stops at the granularity of an iovec element, so the remote range is given page by page.
unsigned long transfer(Transfer call, int pid, unsigned long address, char* buffer, unsigned long size) {
    constexpr unsigned long kPage = 4096;
    constexpr int kBatch = 64;
    unsigned long done = 0;
    while (done < size) {
        iovec remote[kBatch];
        int count = 0;
        unsigned long batch = 0;
        for (; count < kBatch && done + batch < size; ++count) {
            const unsigned long at = address + done + batch;
            const unsigned long part = std::min(kPage - at % kPage, size - done - batch);
            remote[count] = {reinterpret_cast<void*>(at), part};
            batch += part;
        }
        const iovec local{buffer + done, batch};
        const ssize_t got = call(pid, &local, 1, remote, count, 0);
        if (got <= 0) break;
        done += static_cast<unsigned long>(got);
        if (static_cast<unsigned long>(got) < batch) break;
    }
    return done;
}

}  // namespace

unsigned long umc_host_user_read(int pid, unsigned long address, void* buffer, unsigned long size) {
    return transfer(process_vm_readv, pid, address, static_cast<char*>(buffer), size);
}

unsigned long umc_host_user_write(int pid, unsigned long address, const void* buffer, unsigned long size) {
    return transfer(process_vm_writev, pid, address, static_cast<char*>(const_cast<void*>(buffer)), size);
}
