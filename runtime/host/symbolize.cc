// SPDX-License-Identifier: GPL-2.0-only
// Names code addresses for reports. Names come straight from the registry, in any context; source lines are looked up
// by a thread of their own, because libdw allocates and needs more stack than a task has.
#include "host/symbolize.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <link.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstring>

#include "host/symbolize_images.h"
#include "host/symbolize_lines.h"
#include "host/symbolize_worker.h"
#include "seam/trap.h"

namespace umc {
namespace {

// Appends to a caller's buffer, cutting off what does not fit; keeps it terminated.
class Text {
   public:
    Text(char* buffer, std::size_t size) : buffer_(buffer), size_(size) {
        if (size_) buffer_[0] = 0;
    }
    template <typename... Args>
    void add(fmt::format_string<Args...> format, Args&&... args) {
        if (length_ + 1 >= size_) return;
        std::size_t room = size_ - length_ - 1;
        auto result = fmt::format_to_n(buffer_ + length_, room, format, std::forward<Args>(args)...);
        length_ += std::min<std::size_t>(result.size, room);
        buffer_[length_] = 0;
    }
    std::size_t length() const { return length_; }

   private:
    char* buffer_;
    std::size_t size_, length_ = 0;
};

// "libc.so.6+0x..." for code of a shared library nobody registered.
bool add_library(std::uint64_t address, Text& text) {
    dl_find_object object;
    if (_dl_find_object(reinterpret_cast<void*>(address), &object) != 0 || !object.dlfo_link_map) return false;
    const char* name = object.dlfo_link_map->l_name;
    if (!name || !*name) return false;
    const char* slash = std::strrchr(name, '/');
    text.add("{}+{:#x}", slash ? slash + 1 : name, address - object.dlfo_link_map->l_addr);
    return true;
}

void add_name(std::uint64_t ip, bool exact, Text& text) {
    CodeMapReader map;
    std::uint64_t address = exact ? ip : ip - 1;
    const PlacedCode* code = map.find(address);
    if (!code) {
        if (const char* missing = umc_host_trap_slot_name(ip))
            text.add("{} [missing]", missing);
        else if (!add_library(ip, text))
            text.add("{:#x}", ip);
        return;
    }
    if (const SymbolName* symbol = code->find_symbol(address))
        text.add("{}+{:#x}/{:#x}", code->names.c_str() + symbol->name, ip - symbol->value, symbol->size);
    else
        text.add("{:#x}", ip);
    if (!code->is_program) text.add(" [{}]", code->image.name);
}

SourceLine line_of(std::uint64_t ip, bool exact) {
    std::shared_ptr<const PlacedCode> code;
    {
        CodeMapReader map;
        code = map.find_shared(exact ? ip : ip - 1);
    }
    return code ? find_line(code, exact ? ip : ip - 1) : SourceLine{};
}

// A request to the line thread. Slots are static, so that a caller that gave up leaves nothing dangling.
struct Request {
    enum State : int { kFree, kFilling, kWaiting, kDone, kAbandoned };
    std::atomic<int> state{kFree};
    std::uint64_t ip = 0;
    bool exact = false;
    char text[128];
};

constexpr int kWaitSeconds = 5;
Request g_requests[8];
sem_t g_pending;
std::atomic<bool> g_worker_ready{false};
std::atomic<bool> g_worker_late{false};  // somebody gave up; no lines until it answers again

void futex_wake(std::atomic<int>& word) {
    syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

void serve(Request& request) {
    SourceLine line = line_of(request.ip, request.exact);
    Text text(request.text, sizeof(request.text));
    if (!line.file.empty()) text.add(" ({}:{})", line.file, line.line);
    g_worker_late = false;
    int expected = Request::kWaiting;
    if (request.state.compare_exchange_strong(expected, Request::kDone))
        futex_wake(request.state);
    else
        request.state = Request::kFree;
}

void* worker_main(void*) {
    pthread_setname_np(pthread_self(), "umc-lines");
    for (;;) {
        while (sem_wait(&g_pending) != 0) continue;
        for (Request& request : g_requests) {
            int state = request.state.load();
            if (state == Request::kWaiting || state == Request::kAbandoned) serve(request);
        }
    }
}

// Writes " (file.c:12)" or nothing. Waits in the host; never allocates.
void ask_worker(std::uint64_t ip, bool exact, char (&text)[128]) {
    text[0] = 0;
    if (!g_worker_ready || g_worker_late) return;
    for (Request& request : g_requests) {
        int expected = Request::kFree;
        if (!request.state.compare_exchange_strong(expected, Request::kFilling)) continue;
        request.ip = ip;
        request.exact = exact;
        request.state = Request::kWaiting;
        sem_post(&g_pending);
        timespec deadline;
        clock_gettime(CLOCK_MONOTONIC, &deadline);
        deadline.tv_sec += kWaitSeconds;
        while (request.state.load() == Request::kWaiting) {
            long result = syscall(SYS_futex, &request.state, FUTEX_WAIT_BITSET_PRIVATE, Request::kWaiting, &deadline,
                                  nullptr, FUTEX_BITSET_MATCH_ANY);
            if (result != 0 && errno == ETIMEDOUT) break;
        }
        expected = Request::kWaiting;
        if (request.state.compare_exchange_strong(expected, Request::kAbandoned)) {
            g_worker_late = true;
            return;
        }
        std::memcpy(text, request.text, sizeof(text));
        request.state = Request::kFree;
        return;
    }
}

}  // namespace

void start_line_thread() {
    if (g_worker_ready.load()) return;
    sem_init(&g_pending, 0, 0);
    // It must not run the handlers of the signals that steer vCPUs.
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    pthread_t thread;
    if (pthread_create(&thread, nullptr, worker_main, nullptr) == 0) {
        pthread_detach(thread);
        g_worker_ready = true;
    }
    pthread_sigmask(SIG_SETMASK, &old, nullptr);
}

CodeLocation locate_code(std::uint64_t ip, bool exact) {
    CodeLocation location;
    {
        CodeMapReader map;
        const PlacedCode* code = map.find(exact ? ip : ip - 1);
        if (!code) return location;
        if (!code->is_program) location.module = code->image.name;
        if (const SymbolName* symbol = code->find_symbol(exact ? ip : ip - 1)) {
            location.symbol = code->names.c_str() + symbol->name;
            location.offset = ip - symbol->value;
            location.size = symbol->size;
        }
    }
    SourceLine line = line_of(ip, exact);
    location.file = line.file;
    location.line = line.line;
    return location;
}

}  // namespace umc

extern "C" int umc_host_symbolize_name(unsigned long ip, int exact, char* buffer, unsigned long size) {
    umc::Text text(buffer, size);
    umc::add_name(ip, exact, text);
    return static_cast<int>(text.length());
}

extern "C" int umc_host_symbolize(unsigned long ip, int exact, char* buffer, unsigned long size) {
    char line[128];
    umc::ask_worker(ip, exact, line);
    umc::Text text(buffer, size);
    umc::add_name(ip, exact, text);
    text.add("{}", static_cast<const char*>(line));
    return static_cast<int>(text.length());
}
