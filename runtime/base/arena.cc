#include "base/arena.h"

#ifdef PBERT_REDZONES
#include <sanitizer/asan_interface.h>
#endif

namespace pbert {
namespace {

#ifdef PBERT_REDZONES
void Forbid(const uint8_t* from, const uint8_t* to) {
  __asan_poison_memory_region(from, static_cast<size_t>(to - from));
}
void Allow(const void* memory, size_t size) { __asan_unpoison_memory_region(memory, size); }
#else
void Forbid(const uint8_t*, const uint8_t*) {}
void Allow(const void*, size_t) {}
#endif

}  // namespace

Arena::Arena(void* memory, size_t size) {
  const uintptr_t address = reinterpret_cast<uintptr_t>(memory);
  const size_t skip = RoundUp(address, kCacheLine) - address;
  base_ = static_cast<uint8_t*>(memory) + skip;
  size_ = size > skip ? size - skip : 0;
  Allow(memory, size);
}

void Arena::Forget(void* memory, size_t size) { Allow(memory, size); }

// Sizes come from a file's dimensions and may wrap on a 32-bit machine. Then the arena overflows: when
// counting, used() sticks at its highest value, which no block can satisfy.
void* Arena::TakeBytes(uint64_t bytes) {
  const size_t limit = counting() ? kMax : size_;
  const bool possible = bytes <= kMax - kRedzone;
  const size_t rounded = possible ? RoundUp(static_cast<size_t>(bytes), kCacheLine) + kRedzone : 0;
  if (overflowed_ || !possible || rounded > limit - used_) {
    overflowed_ = true;
    if (counting()) used_ = kMax;
    return nullptr;
  }
  uint8_t* piece = counting() ? nullptr : base_ + used_;
  used_ += rounded;
  if (piece != nullptr) Forbid(piece + bytes, base_ + used_);
  return piece;
}

}  // namespace pbert
