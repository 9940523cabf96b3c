// One block of memory, handed out front to back.
#ifndef POCKETBERT_BASE_ARENA_H_
#define POCKETBERT_BASE_ARENA_H_

#include <cstddef>
#include <cstdint>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#define PBERT_REDZONES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PBERT_REDZONES 1
#endif
#endif

namespace pbert {

inline constexpr size_t kCacheLine = 64;

// Bytes between two pieces of an arena that nobody may touch, under the address sanitizer.
#ifdef PBERT_REDZONES
inline constexpr size_t kRedzone = kCacheLine;
#else
inline constexpr size_t kRedzone = 0;
#endif

template <typename Size>
constexpr Size RoundUp(Size value, size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// A bump allocator. With memory it hands out pointers; without (the default constructor) it only
// counts, so that the code which lays out a session also computes the session's size: run it twice,
// first counting, then for real. Nothing is returned; the block is freed as a whole by its owner.
// Every piece starts on a cache line. Under the address sanitizer what lies between a piece's end and the next piece
// may not be touched, until Forget. Thread safety: one thread at a time.
class Arena {
 public:
  Arena() = default;
  // `memory` may start at any address; what alignment costs is part of Needed().
  Arena(void* memory, size_t size);

  // nullptr when counting, or when the block is exhausted (counting: when the sum of sizes is beyond the address
  // space): then overflowed() stays true and nothing more is handed out. Sizes have 64 bits on every machine, so that
  // a caller's products of a file's dimensions do not wrap before they come here.
  void* TakeBytes(uint64_t bytes);

  template <typename T>
  T* Take(uint64_t count) {
    // A product that wraps becomes the largest size, which overflows the arena.
    return static_cast<T*>(TakeBytes(count <= UINT64_MAX / sizeof(T) ? count * sizeof(T) : UINT64_MAX));
  }

  // An object, whose destructor nobody calls; nullptr as for TakeBytes.
  template <typename T, typename... Arguments>
  T* Make(const Arguments&... arguments) {
    void* const memory = TakeBytes(sizeof(T));
    return memory == nullptr ? nullptr : new (memory) T(arguments...);
  }

  // The sanitizer's notes on a block are taken back: it is the owner's again. `memory` as for the constructor, or null.
  static void Forget(void* memory, size_t size);

  bool counting() const { return base_ == nullptr; }
  bool overflowed() const { return overflowed_; }
  size_t used() const { return used_; }
  // Bytes that a block must have so that everything taken so far fits, wherever the block starts.
  size_t Needed() const { return used_ + kCacheLine; }

 private:
  // The largest used() from which Needed() does not wrap; a multiple of kCacheLine.
  static constexpr size_t kMax = SIZE_MAX / kCacheLine * kCacheLine - kCacheLine;

  uint8_t* base_ = nullptr;
  size_t size_ = 0;
  size_t used_ = 0;
  bool overflowed_ = false;
};

}  // namespace pbert

#endif  // POCKETBERT_BASE_ARENA_H_
