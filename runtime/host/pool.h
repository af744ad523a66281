// SPDX-License-Identifier: GPL-2.0-only
// Host threads for calls that may block: open, fsync, a name look-up. They never run kernel code.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace umc {

class Pool {
   public:
    // Threads are started as they are needed, up to `threads`.
    explicit Pool(int threads) : limit_(threads) {}
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    // Runs what is queued, then ends the threads.
    ~Pool();

    struct Job {
        void (*fn)(void* arg);
        void* arg;
        void* waiter;  // for umc_kern_pool_done()
    };
    // False: no memory or no thread to run it.
    bool submit(const Job& job);

   private:
    void work();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> jobs_;
    std::vector<std::thread> threads_;
    int limit_;
    int idle_ = 0;
    bool stop_ = false;
};

}  // namespace umc
