#include "converter/evaluate/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace pbert::converter {
namespace {

// Examples are handed out in small runs: large enough that the counter is no meeting point, small enough that the
// threads finish together.
constexpr size_t kRun = 16;

}  // namespace

size_t WorkersFor(size_t total, size_t threads) {
  return std::max<size_t>(1, std::min(threads, (total + kRun - 1) / kRun));
}

void ForEachRun(size_t total, size_t workers, const std::function<void(size_t done, size_t total)>& progress,
                const std::function<void(size_t worker, size_t begin, size_t end)>& work) {
  const size_t runs = (total + kRun - 1) / kRun;
  std::atomic<size_t> next = 0;
  std::mutex mutex;  // guards what follows
  size_t done = 0;
  std::exception_ptr failure;
  const auto loop = [&](size_t worker) {
    try {
      for (size_t run; (run = next.fetch_add(1)) < runs;) {
        const size_t begin = run * kRun, end = std::min(total, begin + kRun);
        work(worker, begin, end);
        const std::lock_guard lock(mutex);
        done += end - begin;
        if (progress) progress(done, total);
      }
    } catch (...) {
      next = runs;
      const std::lock_guard lock(mutex);
      if (failure == nullptr) failure = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  for (size_t i = 1; i < workers; ++i) threads.emplace_back(loop, i);
  loop(0);
  for (std::thread& thread : threads) thread.join();
  if (failure != nullptr) std::rethrow_exception(failure);
}

void ForEachExample(size_t total, size_t workers, const std::function<void(size_t done, size_t total)>& progress,
                    const std::function<void(size_t worker, size_t index)>& work) {
  ForEachRun(total, workers, progress, [&](size_t worker, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) work(worker, i);
  });
}

}  // namespace pbert::converter
