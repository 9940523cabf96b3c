// Work that is done for many examples, by several threads.
#ifndef POCKETBERT_CONVERTER_EVALUATE_PARALLEL_H_
#define POCKETBERT_CONVERTER_EVALUATE_PARALLEL_H_

#include <cstddef>
#include <functional>

namespace pbert::converter {

// How many workers are of use for `total` examples when `threads` are wanted; at least 1.
size_t WorkersFor(size_t total, size_t threads);

// Calls work(worker, begin, end) for runs of the examples below `total`, each of which is in one; one worker does one
// run at a time, the calling thread is worker 0. `progress`, if any, sees how many are done, from one thread at a time.
// What a worker throws is thrown here, once all have stopped.
void ForEachRun(size_t total, size_t workers, const std::function<void(size_t done, size_t total)>& progress,
                const std::function<void(size_t worker, size_t begin, size_t end)>& work);

// The same, example by example: calls work(worker, i) once for each i.
void ForEachExample(size_t total, size_t workers, const std::function<void(size_t done, size_t total)>& progress,
                    const std::function<void(size_t worker, size_t index)>& work);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_EVALUATE_PARALLEL_H_
