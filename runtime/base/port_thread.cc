#include "base/port_thread.h"

#include <sched.h>

#include "base/port.h"

namespace pbert {

Status StartThread(void* (*main)(void*), void* argument, PortThread* thread) {
  const int error = pthread_create(thread, nullptr, main, argument);
  if (error == 0) return Status();
  char buffer[64];
  return Status::Error(Code::kNoMemory, "cannot start a thread: %s", ErrorText(error, buffer, sizeof(buffer)));
}

void JoinThread(PortThread thread) { pthread_join(thread, nullptr); }

// An address of something aligned, on every system that has threads.
uintptr_t ThreadId() {
#if defined(__EMSCRIPTEN__) && !defined(__EMSCRIPTEN_PTHREADS__)
  return 2;
#else
  return reinterpret_cast<uintptr_t>(reinterpret_cast<void*>(pthread_self()));
#endif
}

void YieldThread() { sched_yield(); }

Mutex::~Mutex() { pthread_mutex_destroy(&mutex_); }

void Mutex::Lock() { pthread_mutex_lock(&mutex_); }

void Mutex::Unlock() { pthread_mutex_unlock(&mutex_); }

EventCount::~EventCount() {
  pthread_cond_destroy(&changed_);
  pthread_mutex_destroy(&mutex_);
}

// A sleeper first counts itself and then looks at the value; who changes the value first does so and then
// looks at the count. The fences put the four in one order: either the sleeper sees the change, or it is
// seen, and then the mutex keeps the wake-up from falling between its look and its sleep. (Sequentially
// consistent loads and stores would say the same, but qemu runs AArch64's STLR and LDAR as a store and a
// load of x86, which swaps them; a fence it keeps.)
void EventCount::Wait(const std::atomic<uint32_t>& value, uint32_t old) {
  pthread_mutex_lock(&mutex_);
  sleepers_.fetch_add(1);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  while (value.load() == old) pthread_cond_wait(&changed_, &mutex_);
  sleepers_.fetch_sub(1);
  pthread_mutex_unlock(&mutex_);
}

void EventCount::NotifyAll() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (sleepers_.load() == 0) return;
  pthread_mutex_lock(&mutex_);
  pthread_cond_broadcast(&changed_);
  pthread_mutex_unlock(&mutex_);
}

}  // namespace pbert
