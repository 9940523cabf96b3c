#include "base/arena.h"

namespace pbert {

Arena::Arena(void* memory, size_t size) {
  const uintptr_t address = reinterpret_cast<uintptr_t>(memory);
  const size_t skip = RoundUp(address, kCacheLine) - address;
  base_ = static_cast<uint8_t*>(memory) + skip;
  size_ = size > skip ? size - skip : 0;
}

// Sizes come from a file's dimensions and may wrap on a 32-bit machine. Then the arena overflows: when
// counting, used() sticks at its highest value, which no block can satisfy.
void* Arena::TakeBytes(size_t bytes) {
  const size_t limit = counting() ? kMost : size_;
  const size_t rounded = RoundUp(bytes, kCacheLine);  // may wrap only above kMost
  if (overflowed_ || bytes > kMost || rounded > limit - used_) {
    overflowed_ = true;
    if (counting()) used_ = kMost;
    return nullptr;
  }
  void* piece = counting() ? nullptr : base_ + used_;
  used_ += rounded;
  return piece;
}

}  // namespace pbert
