#include "base/team.h"

#include <new>

#include "base/cpu.h"
#include "base/port.h"

namespace pbert {
namespace {

constexpr uint32_t kStop = UINT32_MAX;
constexpr int kSpins = 2000;  // some 20 to 60 microseconds

void Relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  asm volatile("yield");
#endif
}

}  // namespace

struct Team::Worker {
  Team* team;
  uint32_t index;
  PortThread thread;
};

Team::Team(uint32_t size) : size_(size), process_(ProcessId()) {}

bool Team::HasThreads() const { return process_ == ProcessId(); }

// Waits until `value` is no longer `old`: first spinning, then asleep.
void Team::WaitWhile(const std::atomic<uint32_t>& value, uint32_t old, int spins) {
  for (int i = 0; i < spins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    Relax();
  }
  sleeping_.Wait(value, old);
}

void Team::Set(std::atomic<uint32_t>* value, uint32_t now) {
  value->store(now);
  sleeping_.NotifyAll();
}

Status CheckTeamSize(uint32_t size) {
  if (size > 0 && size <= kMaxThreads) return Status();
  return Status::Error(Code::kInvalidArgument, "threads: %u: must be 1 to %u", size, kMaxThreads);
}

Status Team::Create(uint32_t size, Arena* arena, Team** team, const CoreChoice* cores) {
  *team = nullptr;
  PBERT_RETURN_IF_ERROR(CheckTeamSize(size));
  void* place = arena->TakeBytes(sizeof(Team));
  void* workers = arena->TakeBytes(sizeof(Worker) * size);
  if (arena->counting()) return Status();
  if (arena->overflowed()) return Status::Error(Code::kNoMemory, "session memory is too small");
  Team* made = new (place) Team(size);
  made->workers_ = static_cast<Worker*>(workers);
  if (size > 1) {
    const CoreChoice choice = cores != nullptr ? *cores : BigCores(static_cast<int>(size));
    if (choice.LeavesSomeOut()) made->processors_ = choice.processors;
  }
  for (uint32_t i = 1; i < size; ++i) {
    Worker* worker = new (&made->workers_[i]) Worker{made, i, {}};
    const Status status = StartThread(WorkerMain, worker, &worker->thread);
    if (!status.ok()) {
      Destroy(made);
      return status;
    }
    made->started_ = i;
  }
  *team = made;
  return Status();
}

// In a child of fork() the mutex may be held, and the condition waited for, by threads that are not there: even
// destroying them could wait for ever. They own nothing beyond their bytes, which are the arena's.
void Team::Destroy(Team* team) {
  if (team == nullptr || (team->started_ > 0 && !team->HasThreads())) return;
  team->Set(&team->request_, kStop);
  for (uint32_t i = 1; i <= team->started_; ++i) JoinThread(team->workers_[i].thread);
  team->~Team();
}

void* Team::WorkerMain(void* argument) {
  const Worker* worker = static_cast<Worker*>(argument);
  Team* team = worker->team;
  if (team->processors_.Count() > 0) KeepToProcessors(team->processors_);
  for (uint32_t seen = 0;;) {
    team->WaitWhile(team->request_, seen, 0);
    seen = team->request_.load(std::memory_order_acquire);
    if (seen == kStop) return nullptr;
    team->job_(team->context_, worker->index);
    team->Barrier();
  }
}

Status Team::Run(Job job, void* context) {
  if (size_ == 1) {
    job(context, 0);
    return Status();
  }
  if (!HasThreads()) {
    return Status::Error(Code::kUnsupported,
                         "session: it was made before fork(), and its threads are the parent's alone; make a new "
                         "session in the child");
  }
  job_ = job;
  context_ = context;
  uint32_t next = request_.load(std::memory_order_relaxed) + 1;
  if (next == kStop) next = 1;
  Set(&request_, next);
  job(context, 0);
  Barrier();
  return Status();
}

// A counting barrier: the last to come opens the next phase. `phase_` is read before arriving, so that a
// thread cannot miss an opening that happens between the two.
void Team::Barrier() {
  if (size_ == 1) return;
  const uint32_t phase = phase_.load(std::memory_order_acquire);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size_) {
    arrived_.store(0, std::memory_order_relaxed);
    Set(&phase_, phase + 1);
  } else {
    WaitWhile(phase_, phase, kSpins);
  }
}

}  // namespace pbert
