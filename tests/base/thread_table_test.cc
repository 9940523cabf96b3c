// Each thread finds its own entry and no other's; a full table refuses, or forgets the one that was changed the longest
// ago.
#include "base/thread_table.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace pbert {
namespace {

// Runs check(i) in `count` threads that all live at once: each begins when all are there, and ends when all are done.
template <typename Check>
void InThreads(size_t count, const Check& check) {
  std::atomic<size_t> begun{0}, done{0};
  const auto wait = [count](const std::atomic<size_t>& number) {
    while (number.load() < count) std::this_thread::yield();
  };
  std::vector<std::thread> threads;
  for (size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      ++begun;
      wait(begun);
      check(i);
      ++done;
      wait(done);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_CASE("as many threads as entries each keep their own") {
  static ThreadTable<size_t, 8> table;
  std::atomic<size_t> wrong{0};
  InThreads(8, [&](size_t i) {
    for (size_t round = 0; round < 2000; ++round) {
      table.Replace([&](size_t& value) { value = 1000 * round + i; });
      const size_t* mine = table.Find();
      if (mine == nullptr || *mine != 1000 * round + i) ++wrong;
    }
    table.GiveBack();
    if (table.Find() != nullptr) ++wrong;
  });
  CHECK(wrong == 0);
}

TEST_CASE("of more threads those that changed theirs last are remembered") {
  static ThreadTable<size_t, 4> table;
  std::atomic<size_t> turn{0};
  std::vector<size_t> found(10, 99);
  InThreads(10, [&](size_t i) {
    while (turn.load() != i) std::this_thread::yield();
    table.Replace([i](size_t& value) { value = i; });
    ++turn;
    while (turn.load() < 10) std::this_thread::yield();
    const size_t* mine = table.Find();
    found[i] = mine != nullptr ? *mine : 77;
  });
  CHECK(found == std::vector<size_t>{77, 77, 77, 77, 77, 77, 6, 7, 8, 9});
}

TEST_CASE("taking gives an entry to one thread at a time, and none when all are taken") {
  static ThreadTable<std::atomic<int>, 4> table;
  std::atomic<size_t> wrong{0}, refused{0};
  InThreads(12, [&](size_t) {
    for (size_t round = 0; round < 2000; ++round) {
      std::atomic<int>* mine = table.Take();
      if (mine == nullptr) {
        ++refused;
        std::this_thread::yield();
        continue;
      }
      if (table.Take() != mine) ++wrong;  // once more is the same
      if (++*mine != 1) ++wrong;
      std::this_thread::yield();
      if (--*mine != 0) ++wrong;
      table.GiveBack();
    }
  });
  CHECK(wrong == 0);
  CHECK(refused > 0);
}

}  // namespace
}  // namespace pbert
