// Threads that start, end, and sleep until a value changes. The standard library's own report their
// failures by throwing, std::atomic's wait included, and runtime/ cannot catch.
#ifndef POCKETBERT_BASE_PORT_THREAD_H_
#define POCKETBERT_BASE_PORT_THREAD_H_

#include <pthread.h>

#include <atomic>
#include <cstdint>

#include "base/status.h"

namespace pbert {

using PortThread = pthread_t;

Status StartThread(void* (*main)(void*), void* argument, PortThread* thread);
void JoinThread(PortThread thread);

// Which thread this is: even, not 0, and no other thread's while this one runs.
uintptr_t ThreadId();
// Lets other threads run first.
void YieldThread();

// For what happens a few times in a process. Thread-safe.
class Mutex {
 public:
  Mutex() = default;
  ~Mutex();
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock();
  void Unlock();

 private:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};

class MutexLock {
 public:
  explicit MutexLock(Mutex* mutex) : mutex_(mutex) { mutex_->Lock(); }
  ~MutexLock() { mutex_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* const mutex_;
};

// Where threads sleep until an atomic value is no longer what it was. Thread-safe.
class EventCount {
 public:
  EventCount() = default;
  ~EventCount();
  EventCount(const EventCount&) = delete;
  EventCount& operator=(const EventCount&) = delete;

  // Returns once `value` is not `old`.
  void Wait(const std::atomic<uint32_t>& value, uint32_t old);
  // To be called after every change of the value. Costs one load when nobody sleeps.
  void NotifyAll();

 private:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed_ = PTHREAD_COND_INITIALIZER;
  std::atomic<uint32_t> sleepers_{0};
};

}  // namespace pbert

#endif  // POCKETBERT_BASE_PORT_THREAD_H_
