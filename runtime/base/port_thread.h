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

// Where threads sleep until an atomic value is no longer what it was. Thread-safe.
class SleepingPlace {
 public:
  SleepingPlace() = default;
  ~SleepingPlace();
  SleepingPlace(const SleepingPlace&) = delete;
  SleepingPlace& operator=(const SleepingPlace&) = delete;

  // Returns once `value` is not `old`.
  void SleepWhile(const std::atomic<uint32_t>& value, uint32_t old);
  // To be called after every change of the value. Costs one load when nobody sleeps.
  void WakeAll();

 private:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed_ = PTHREAD_COND_INITIALIZER;
  std::atomic<uint32_t> sleepers_{0};
};

}  // namespace pbert

#endif  // POCKETBERT_BASE_PORT_THREAD_H_
