// Where the buffers of a computation lie in one block, so that those never alive together share space.
#ifndef POCKETBERT_ENGINE_MEMORY_PLAN_H_
#define POCKETBERT_ENGINE_MEMORY_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace pbert {

// A buffer that holds something from step `first` to step `last`, both included.
struct PlannedBuffer {
  size_t bytes = 0;
  uint32_t first = 0;
  uint32_t last = 0;
  size_t offset = 0;  // the plan's answer, a multiple of kCacheLine
};

// Fills in the offsets and returns the size of the block.
size_t PlanMemory(std::span<PlannedBuffer> buffers);

}  // namespace pbert

#endif  // POCKETBERT_ENGINE_MEMORY_PLAN_H_
