#include "base/arena.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#ifdef PBERT_REDZONES
#include <sanitizer/asan_interface.h>
#endif

namespace pbert {
namespace {

// Takes the same pieces from any arena, as code that lays out a session does.
void TakeSome(Arena* arena, std::vector<void*>* pieces = nullptr) {
  for (size_t bytes : {1, 64, 65, 0, 1000}) {
    void* piece = arena->TakeBytes(bytes);
    if (pieces != nullptr) pieces->push_back(piece);
  }
}

TEST_CASE("a counting arena tells what a real one needs, wherever the block starts") {
  Arena counting;
  TakeSome(&counting);
  CHECK(counting.counting());
  CHECK_FALSE(counting.overflowed());
  CHECK(counting.used() == 64 + 64 + 128 + 0 + 1024 + 5 * kRedzone);

  std::vector<uint8_t> room(counting.Needed() + 64);
  for (size_t shift = 0; shift < 64; ++shift) {
    Arena arena(room.data() + shift, counting.Needed());
    std::vector<void*> pieces;
    TakeSome(&arena, &pieces);
    CHECK_FALSE(arena.overflowed());
    CHECK(arena.used() == counting.used());
    for (void* piece : pieces) CHECK(reinterpret_cast<uintptr_t>(piece) % kCacheLine == 0);
    CHECK(static_cast<uint8_t*>(pieces.back()) + 1000 <= room.data() + shift + counting.Needed());
  }
}

TEST_CASE("an exhausted arena hands out nothing more") {
  alignas(64) uint8_t block[256 + 2 * kRedzone];
  Arena arena(block, sizeof(block));
  CHECK(arena.TakeBytes(192) == block);
  CHECK(arena.TakeBytes(65) == nullptr);
  CHECK(arena.overflowed());
  CHECK(arena.TakeBytes(64) == nullptr);
  CHECK(arena.used() == 192 + kRedzone);
  Arena::Forget(block, sizeof(block));
}

TEST_CASE("a block smaller than what alignment costs holds nothing") {
  alignas(64) uint8_t block[64];
  Arena arena(block + 1, 10);
  CHECK(arena.TakeBytes(1) == nullptr);
  CHECK(arena.overflowed());
}

TEST_CASE("sizes that wrap overflow the arena instead") {
  alignas(64) uint8_t block[256];
  for (size_t bytes : {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 63, SIZE_MAX - 64, SIZE_MAX - 127}) {
    Arena arena(block, sizeof(block));
    CHECK(arena.TakeBytes(bytes) == nullptr);
    CHECK(arena.overflowed());
  }
  Arena arena(block, sizeof(block));
  CHECK(arena.Take<uint64_t>(UINT64_MAX / 8 + 2) == nullptr);  // the product would be 8
  CHECK(arena.overflowed());
  // What a 32-bit size_t would take for 64 bytes.
  Arena beyond(block, sizeof(block));
  CHECK(beyond.TakeBytes((uint64_t{1} << 32) + 64) == nullptr);
  CHECK(beyond.overflowed());

  Arena counting;
  counting.TakeBytes(SIZE_MAX / 2 + 100);
  CHECK_FALSE(counting.overflowed());
  counting.TakeBytes(SIZE_MAX / 2 + 100);
  CHECK(counting.overflowed());
  CHECK(counting.Needed() > SIZE_MAX - 128);
  counting.TakeBytes(64);
  CHECK(counting.Needed() > SIZE_MAX - 128);
}

#ifdef PBERT_REDZONES
TEST_CASE("what lies between pieces may not be touched, under the address sanitizer") {
  alignas(64) uint8_t block[512];
  Arena arena(block, sizeof(block));
  const uint8_t* piece = arena.Take<uint8_t>(100);
  CHECK(__asan_address_is_poisoned(piece + 99) == 0);
  CHECK(__asan_address_is_poisoned(piece + 104) == 1);
  CHECK(__asan_address_is_poisoned(piece + 191) == 1);
  CHECK(arena.Take<uint8_t>(1) == piece + 192);
  Arena::Forget(block, sizeof(block));
  CHECK(__asan_address_is_poisoned(piece + 104) == 0);
}
#endif

}  // namespace
}  // namespace pbert
