// Where the buffers of a computation lie in one block, so that those never alive together share space.
//
// A computation is a row of steps. Each buffer says in which of them it holds something that somebody writes or will
// still read; two buffers may share bytes when there is no step in which both do. Steps are what barriers divide:
// within one, every thread may touch every buffer that is alive.
#ifndef POCKETBERT_ENGINE_MEMORY_PLAN_H_
#define POCKETBERT_ENGINE_MEMORY_PLAN_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pbert {

// Steps from 0 to 31. Not an interval: a buffer that is filled anew for each of its readers is free in between, and
// scratch memory holds nothing from one of its uses to the next.
class StepSet {
 public:
  constexpr StepSet() = default;
  template <typename... Steps>
  static constexpr StepSet Of(Steps... steps) {
    return StepSet((0u | ... | (1u << static_cast<uint32_t>(steps))));
  }
  // Both included.
  template <typename Step>
  static constexpr StepSet Range(Step first, Step last) {
    return StepSet((2u << static_cast<uint32_t>(last)) - (1u << static_cast<uint32_t>(first)));
  }

  template <typename Step>
  constexpr bool Has(Step step) const {
    return (bits_ >> static_cast<uint32_t>(step) & 1) != 0;
  }
  constexpr bool empty() const { return bits_ == 0; }
  // Of a set that is not empty.
  constexpr uint32_t first() const { return static_cast<uint32_t>(std::countr_zero(bits_)); }
  constexpr uint32_t last() const { return static_cast<uint32_t>(std::bit_width(bits_)) - 1; }
  constexpr StepSet operator|(StepSet other) const { return StepSet(bits_ | other.bits_); }
  constexpr StepSet operator&(StepSet other) const { return StepSet(bits_ & other.bits_); }
  constexpr StepSet Without(StepSet other) const { return StepSet(bits_ & ~other.bits_); }
  constexpr bool operator==(const StepSet&) const = default;

 private:
  constexpr explicit StepSet(uint32_t bits) : bits_(bits) {}
  uint32_t bits_ = 0;
};

struct PlannedBuffer {
  const char* name = "";  // a literal
  uint64_t bytes = 0;     // the plan rounds them up to cache lines
  StepSet alive;
  uint64_t offset = 0;  // the plan's answer, a multiple of kCacheLine
};

// Fills in the offsets and returns the size of the block, which is never larger than the sum of the buffers. Sizes are
// those of a file's dimensions and have 64 bits on every machine: their sum must stay below 2^63.
uint64_t PlanMemory(std::span<PlannedBuffer> buffers);

// Buffers by name, and the pointers that get their places:
//
//   MemoryPlan plan;
//   plan.Add("context", bytes, StepSet::Range(Step::kAttend, Step::kAttentionOutput), &context_);
//   plan.Place(arena->TakeBytes(plan.Finish()));
//
// It is as large as a few hundred words, lies on the stack of who lays out, and allocates nothing.
class MemoryPlan {
 public:
  static constexpr size_t kMaxBuffers = 24;

  // `name` is a literal. *place becomes the buffer's address in Place, which must come before *place ends; null for a
  // buffer of no bytes, which does not exist.
  template <typename T>
  void Add(const char* name, uint64_t bytes, StepSet alive, T** place) {
    *place = nullptr;
    AddUntyped(name, bytes, alive, place,
               [](void* pointer, void* memory) { *static_cast<T**>(pointer) = static_cast<T*>(memory); });
  }

  // The size of the block. UINT64_MAX, which no arena has, if there were more than kMaxBuffers.
  uint64_t Finish();

  // Hands out the places in `block`, which is of Finish's size and aligned to kCacheLine. Null, as from a counting
  // arena, leaves all pointers null.
  void Place(void* block);

  // Those that exist, in the order of Add. They stay when the pointers are gone.
  std::span<const PlannedBuffer> buffers() const { return {buffers_, count_}; }
  uint64_t bytes() const { return bytes_; }
  // Null before Place, and after counting.
  uint8_t* block() const { return block_; }
  // What is alive in a step. Its maximum over the steps is what no plan can do without.
  uint64_t AliveBytes(uint32_t step) const;

 private:
  struct Target {
    void* place = nullptr;
    void (*set)(void* place, void* memory) = nullptr;
  };
  void AddUntyped(const char* name, uint64_t bytes, StepSet alive, void* place, void (*set)(void*, void*));

  PlannedBuffer buffers_[kMaxBuffers];
  Target targets_[kMaxBuffers];
  size_t count_ = 0;
  bool too_many_ = false;
  uint64_t bytes_ = 0;
  uint8_t* block_ = nullptr;
};

}  // namespace pbert

#endif  // POCKETBERT_ENGINE_MEMORY_PLAN_H_
