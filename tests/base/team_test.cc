// A team's threads meet where they should, sleep when nothing is asked of them, and go when told to.
//
// The barrier tests look at plain, non-atomic memory: were the barrier to let somebody through early, the values would
// be wrong, and under -fsanitize=thread every such access would be reported as a race. That is run by hand, from the
// project's root:
//   g++ -std=c++20 -O1 -g -fsanitize=thread -DPOCKETBERT_SHARED_DIR='""' -Iruntime -I. -Itests tests/main.cc
//     tests/base/team_test.cc runtime/base/{team,port_thread,port,status,arena}.cc -o /tmp/team_tsan && /tmp/team_tsan
#include "base/team.h"

#include <doctest/doctest.h>
#include <time.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/arena.h"
#include "support/in_child.h"

namespace pbert {
namespace {

// A team in memory of its own, sized by a counting arena.
class TestTeam {
 public:
  explicit TestTeam(uint32_t size) {
    Arena counting;
    Team* none = nullptr;
    REQUIRE(Team::Create(size, &counting, &none).ok());
    CHECK(none == nullptr);
    memory_.reset(new uint8_t[counting.Needed()]);
    Arena arena(memory_.get(), counting.Needed());
    const Status status = Team::Create(size, &arena, &team_);
    REQUIRE_MESSAGE(status.ok(), std::string(status.message()));
    CHECK(arena.used() == counting.used());
  }
  ~TestTeam() { Team::Destroy(team_); }
  TestTeam(const TestTeam&) = delete;
  TestTeam& operator=(const TestTeam&) = delete;
  Team* operator->() { return team_; }
  Team* get() { return team_; }

 private:
  std::unique_ptr<uint8_t[]> memory_;
  Team* team_ = nullptr;
};

double ProcessCpuSeconds() {
  timespec now;
  REQUIRE(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void SleepMilliseconds(long milliseconds) {
  const timespec time{milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, nullptr);
}

// A job of many phases. In each, every thread steps its own counter; behind the barrier all counters must show the
// phase, and a second barrier keeps the quick from stepping on before the slow have looked. doctest's macros are not
// for other threads, so mistakes are counted.
struct PhaseJob {
  explicit PhaseJob(Team* team, int phases) : team(team), phases(phases), counters(team->size()), wrong(team->size()) {}

  static void Run(void* self, uint32_t thread) {
    PhaseJob& job = *static_cast<PhaseJob*>(self);
    for (int phase = 0; phase < job.phases; ++phase) {
      const int64_t before = job.counters[thread].value++;
      // Uneven work: threads arrive in every order, some after the others have gone to sleep.
      if ((phase + static_cast<int>(thread)) % 37 == 0) SleepMilliseconds(1);
      job.team->Barrier();
      for (const Counter& counter : job.counters) job.wrong[thread].value += counter.value != before + 1;
      job.team->Barrier();
    }
  }

  struct alignas(kCacheLine) Counter {
    int64_t value = 0;
  };
  Team* team;
  int phases;
  std::vector<Counter> counters, wrong;
};

TEST_CASE("team: every thread runs the job once, and Run returns after the last") {
  for (const uint32_t size : {1u, 2u, 3u, 5u, 8u}) {
    CAPTURE(size);
    TestTeam team(size);
    CHECK(team->size() == size);
    // Plain memory: written by the threads, read by the caller behind Run.
    std::vector<int> runs(size, 0);
    for (int request = 1; request <= 100; ++request) {
      const auto count = [](void* context, uint32_t thread) { ++(*static_cast<std::vector<int>*>(context))[thread]; };
      REQUIRE(team->Run(count, &runs).ok());
      bool all = true;
      for (const int count : runs) all = all && count == request;
      REQUIRE(all);
    }
  }
}

TEST_CASE("team: nobody passes a barrier before everybody has come") {
  for (const uint32_t size : {1u, 2u, 3u, 5u, 8u}) {
    CAPTURE(size);
    TestTeam team(size);
    PhaseJob job(team.get(), 100);
    for (int request = 0; request < 3; ++request) CHECK(team->Run(PhaseJob::Run, &job).ok());
    for (const PhaseJob::Counter& counter : job.counters) CHECK(counter.value == 3 * 100);
    for (const PhaseJob::Counter& wrong : job.wrong) CHECK(wrong.value == 0);
  }
}

TEST_CASE("team: created and destroyed many times, used or not") {
  std::atomic<int> runs{0};
  int expected = 0;
  for (int round = 0; round < 100; ++round) {
    const uint32_t size = 1 + static_cast<uint32_t>(round) % 8;
    TestTeam team(size);
    // A team that is destroyed at once stops threads that may not have begun to wait yet.
    for (int request = 0; request < round % 3; ++request) {
      const auto count = [](void* context, uint32_t) { static_cast<std::atomic<int>*>(context)->fetch_add(1); };
      CHECK(team->Run(count, &runs).ok());
      expected += static_cast<int>(size);
    }
  }
  CHECK(runs.load() == expected);
}

TEST_CASE("team: two teams do not know of each other") {
  TestTeam first(3), second(4);
  PhaseJob one(first.get(), 50), two(second.get(), 50);
  for (int i = 0; i < 10; ++i) {
    CHECK(first->Run(PhaseJob::Run, &one).ok());
    CHECK(second->Run(PhaseJob::Run, &two).ok());
  }
  for (const PhaseJob::Counter& wrong : one.wrong) CHECK(wrong.value == 0);
  for (const PhaseJob::Counter& wrong : two.wrong) CHECK(wrong.value == 0);
}

TEST_CASE("team: sleeps between requests") {
  for (const uint32_t size : {2u, 8u}) {
    CAPTURE(size);
    TestTeam team(size);
    PhaseJob job(team.get(), 5);
    CHECK(team->Run(PhaseJob::Run, &job).ok());
    SleepMilliseconds(20);  // a worker may still be on its way back to sleep
    const double before = ProcessCpuSeconds();
    SleepMilliseconds(300);
    // One spinning worker would take up to 0.3 s (on two busy cores at least a tenth of that).
    CHECK(ProcessCpuSeconds() - before < 0.01);
    CHECK(team->Run(PhaseJob::Run, &job).ok());  // and wakes up again
    for (const PhaseJob::Counter& counter : job.counters) CHECK(counter.value == 10);
  }
}

// A thread that lost its core must not make the others burn theirs: they spin for some microseconds, then sleep too.
TEST_CASE("team: sleeps at a barrier that does not open soon") {
  TestTeam team(4);
  const double before = ProcessCpuSeconds();
  const auto come_late = [](void* context, uint32_t thread) {
    if (thread == 3) SleepMilliseconds(300);
    static_cast<Team*>(context)->Barrier();
  };
  CHECK(team->Run(come_late, team.get()).ok());
  CHECK(ProcessCpuSeconds() - before < 0.03);
}

// The workers sleep, or are at work, when the process is copied: the child has their traces and not them.
TEST_CASE("team: in a child of fork() it refuses and goes, and one thread alone works on") {
  const auto count = [](void* context, uint32_t) { ++*static_cast<int*>(context); };
  for (const uint32_t size : {1u, 2u, 4u}) {
    CAPTURE(size);
    TestTeam team(size);
    PhaseJob job(team.get(), 5);
    CHECK(team->Run(PhaseJob::Run, &job).ok());
    for (const bool asleep : {false, true}) {
      if (asleep) SleepMilliseconds(20);
      const int outcome = test::InChild([&] {
        int runs = 0;
        const Status status = team->Run(count, &runs);
        Team::Destroy(team.get());
        return static_cast<int>(status.code()) * 10 + runs;
      });
      CHECK(outcome == (size == 1 ? 1 : static_cast<int>(Code::kUnsupported) * 10));
    }
    CHECK(team->Run(PhaseJob::Run, &job).ok());  // the parent's is as it was
  }
}

TEST_CASE("team: refuses what cannot be") {
  Team* team = nullptr;
  for (const uint32_t size : {0u, kMaxThreads + 1, UINT32_MAX}) {
    Arena counting;
    CHECK(Team::Create(size, &counting, &team).code() == Code::kInvalidArgument);
    CHECK(team == nullptr);
  }
  Arena counting;
  REQUIRE(Team::Create(4, &counting, &team).ok());
  std::vector<uint8_t> memory(counting.Needed());
  // One cache line less than is used, from an aligned start.
  const uintptr_t skip =
      RoundUp(reinterpret_cast<uintptr_t>(memory.data()), kCacheLine) - reinterpret_cast<uintptr_t>(memory.data());
  Arena small(memory.data() + skip, counting.used() - kCacheLine);
  CHECK(Team::Create(4, &small, &team).code() == Code::kNoMemory);
  CHECK(team == nullptr);
  Team::Destroy(nullptr);
}

}  // namespace
}  // namespace pbert
