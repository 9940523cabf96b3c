#include "engine/memory_plan.h"

#include "base/arena.h"

namespace pbert {
namespace {

bool AliveTogether(const PlannedBuffer& a, const PlannedBuffer& b) { return a.first <= b.last && b.first <= a.last; }

bool Overlap(const PlannedBuffer& a, const PlannedBuffer& b) {
  return a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

}  // namespace

// Greedy by size: the largest buffers are placed first, each at the lowest offset where it overlaps no
// placed buffer that is alive at the same time. Placing large ones first leaves the gaps between them to
// small ones; for the dozen buffers of a transformer layer the result is the best possible, or one
// cache line from it, and the quadratic search does not matter. (The strategy is the one evaluated as
// "greedy by size" in Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020.)
uint64_t PlanMemory(std::span<PlannedBuffer> buffers) {
  constexpr uint64_t kUnplaced = UINT64_MAX;
  for (PlannedBuffer& buffer : buffers) {
    buffer.bytes = RoundUp(buffer.bytes, kCacheLine);
    buffer.offset = kUnplaced;
  }
  uint64_t total = 0;
  for (size_t placed = 0; placed < buffers.size(); ++placed) {
    PlannedBuffer* next = nullptr;
    for (PlannedBuffer& buffer : buffers) {
      if (buffer.offset == kUnplaced && (next == nullptr || buffer.bytes > next->bytes)) next = &buffer;
    }
    // Every conflict moves the candidate to the end of the buffer in its way, so this ends.
    next->offset = 0;
    for (bool moved = true; moved;) {
      moved = false;
      for (const PlannedBuffer& other : buffers) {
        if (&other == next || other.offset == kUnplaced || !AliveTogether(*next, other)) continue;
        if (Overlap(*next, other)) {
          next->offset = other.offset + other.bytes;
          moved = true;
        }
      }
    }
    if (next->offset + next->bytes > total) total = next->offset + next->bytes;
  }
  return total;
}

}  // namespace pbert
