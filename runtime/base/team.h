// A few threads that work on one request together.
#ifndef POCKETBERT_BASE_TEAM_H_
#define POCKETBERT_BASE_TEAM_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/arena.h"
#include "base/port_cores.h"
#include "base/port_thread.h"
#include "base/status.h"

namespace pbert {

inline constexpr uint32_t kMaxThreads = 64;  // pocketbert.h states it too

// May a team have `size` threads? For those who lay something out for each thread before they make the team.
Status CheckTeamSize(uint32_t size);

// `size` threads, the calling one among them. Between requests the others sleep in the kernel; within a
// request they meet at barriers, spin there for a few microseconds (a barrier usually opens sooner than
// a sleeper could be woken) and then sleep too, so that a thread which lost its core holds up the
// others without burning theirs. With one thread everything here is a function call.
// Where some cores are smaller than others, the threads that it starts are kept to the larger ones: everybody waits for
// the slowest at each barrier. The calling thread, the application's own, is left where it is.
// Run and Barrier allocate nothing. One request at a time.
// fork() copies the team but not its threads: in the child a team of several refuses to run, where it
// would wait for them for ever, and Destroy leaves it as it is.
class Team {
 public:
  using Job = void (*)(void* context, uint32_t thread);

  // Starts size - 1 threads; the team lies in the arena, the threads' stacks do not. With a counting
  // arena only counts. `cores`: where they are kept; null: BigCores for as many.
  static Status Create(uint32_t size, Arena* arena, Team** team, const CoreChoice* cores = nullptr);
  // Joins the threads, if they are this process's.
  static void Destroy(Team* team);

  uint32_t size() const { return size_; }
  // Calls job(context, t) once for every t < size(), each on a thread of its own, thread 0 being the
  // caller; returns when all have returned. kUnsupported, and no call, in a child of the process that
  // made the team, unless the caller is all of it.
  Status Run(Job job, void* context);
  // To be called by all threads of a running job: nobody leaves before everybody has come. What was
  // written before it is seen after it.
  void Barrier();

 private:
  struct Worker;
  explicit Team(uint32_t size);
  // Whether the threads run here, and not in the process that this one was forked from.
  bool HasThreads() const;
  static void* WorkerMain(void* worker);
  void WaitWhile(const std::atomic<uint32_t>& value, uint32_t old, int spins);
  void Set(std::atomic<uint32_t>* value, uint32_t now);

  uint32_t size_;
  uint32_t started_ = 0;
  uint64_t process_;  // that started the threads
  Worker* workers_ = nullptr;
  ProcessorSet processors_;  // where the threads are kept; empty: anywhere
  Job job_ = nullptr;
  void* context_ = nullptr;
  EventCount sleeping_;
  // Own cache lines: these are written by one thread while others read them.
  alignas(kCacheLine) std::atomic<uint32_t> request_{0};  // counts requests; kStop ends the threads
  alignas(kCacheLine) std::atomic<uint32_t> arrived_{0};
  alignas(kCacheLine) std::atomic<uint32_t> phase_{0};  // counts barriers passed
};

}  // namespace pbert

#endif  // POCKETBERT_BASE_TEAM_H_
