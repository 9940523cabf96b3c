// Where the buffers of a computation lie in one block, so that those never alive together share space.
#ifndef POCKETBERT_ENGINE_MEMORY_PLAN_H_
#define POCKETBERT_ENGINE_MEMORY_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace pbert {

// A buffer that holds something from step `first` to step `last`, both included.
struct PlannedBuffer {
  uint64_t bytes = 0;
  uint32_t first = 0;
  uint32_t last = 0;
  uint64_t offset = 0;  // the plan's answer, a multiple of kCacheLine
};

// Fills in the offsets and returns the size of the block. Sizes are those of a file's dimensions and have 64 bits on
// every machine: their sum must stay below 2^63.
uint64_t PlanMemory(std::span<PlannedBuffer> buffers);

}  // namespace pbert

#endif  // POCKETBERT_ENGINE_MEMORY_PLAN_H_
