#include "engine/memory_plan.h"

#include "base/arena.h"

namespace pbert {
namespace {

bool AliveTogether(const PlannedBuffer& a, const PlannedBuffer& b) { return !(a.alive & b.alive).empty(); }

bool Overlap(const PlannedBuffer& a, const PlannedBuffer& b) {
  return a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

}  // namespace

// Greedy by size: the largest buffers are placed first, each at the lowest offset where it overlaps no
// placed buffer that is alive at the same time. Placing large ones first leaves the gaps between them to
// small ones; for the twenty buffers of a network the result is the best possible, or close to it (the tests say how
// close), and the quadratic search does not matter. Every place is the block's
// beginning or the end of another buffer, whose place is one again: so the block is never larger than the sum of all
// buffers, on which the formula of SECURITY.md counts.
// (The strategy is the one evaluated as
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

void MemoryPlan::AddUntyped(const char* name, uint64_t bytes, StepSet alive, void* place, void (*set)(void*, void*)) {
  if (bytes == 0) return;
  if (count_ == kMaxBuffers) {
    too_many_ = true;
    return;
  }
  buffers_[count_] = {name, bytes, alive, 0};
  targets_[count_++] = {place, set};
}

uint64_t MemoryPlan::Finish() {
  bytes_ = too_many_ ? UINT64_MAX : PlanMemory({buffers_, count_});
  return bytes_;
}

void MemoryPlan::Place(void* block) {
  block_ = static_cast<uint8_t*>(block);
  for (size_t i = 0; i < count_; ++i) {
    if (block_ != nullptr) targets_[i].set(targets_[i].place, block_ + buffers_[i].offset);
    targets_[i] = {};
  }
}

uint64_t MemoryPlan::AliveBytes(uint32_t step) const {
  uint64_t bytes = 0;
  for (const PlannedBuffer& buffer : buffers()) {
    if (buffer.alive.Has(step)) bytes += buffer.bytes;
  }
  return bytes;
}

}  // namespace pbert
