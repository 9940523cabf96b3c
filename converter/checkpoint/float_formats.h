// The 16-bit floating-point formats of checkpoints, as float.
#ifndef POCKETBERT_CONVERTER_CHECKPOINT_FLOAT_FORMATS_H_
#define POCKETBERT_CONVERTER_CHECKPOINT_FLOAT_FORMATS_H_

#include <bit>
#include <cstdint>

namespace pbert::converter {

// bfloat16 is the upper half of a float.
inline float BFloat16ToFloat(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

// IEEE 754 binary16: 1 sign, 5 exponent (bias 15) and 10 fraction bits. Exact for every value.
inline float HalfToFloat(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  const uint32_t exponent = (bits >> 10) & 0x1f;
  const uint32_t fraction = bits & 0x3ff;
  if (exponent == 0) {
    // Zero or subnormal: fraction * 2^-24, which float holds exactly.
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(magnitude));
  }
  const uint32_t wide = exponent == 0x1f ? 0xff : exponent + (127 - 15);  // infinities and NaNs stay what they are
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_CHECKPOINT_FLOAT_FORMATS_H_
