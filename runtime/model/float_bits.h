// What a float of the file is, by its bits: reading through memcpy makes no assumption about alignment, comparing bits
// vectorizes, and both mean the same under -ffast-math.
#ifndef POCKETBERT_MODEL_FLOAT_BITS_H_
#define POCKETBERT_MODEL_FLOAT_BITS_H_

#include <cstdint>
#include <cstring>

namespace pbert {

inline constexpr uint32_t kInfinityBits = 0x7F800000u;  // and every NaN is larger, the sign aside

inline uint32_t FloatBits(const void* at) {
  uint32_t bits;
  memcpy(&bits, at, sizeof(bits));
  return bits;
}

constexpr bool IsFinite(uint32_t bits) { return (bits & kInfinityBits) != kInfinityBits; }
// Positive finite floats are the bit patterns from 1 up to just below infinity.
constexpr bool IsPositive(uint32_t bits) { return bits - 1u < kInfinityBits - 1u; }

}  // namespace pbert

#endif  // POCKETBERT_MODEL_FLOAT_BITS_H_
