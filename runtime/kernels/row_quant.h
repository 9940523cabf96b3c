// The one place where the parameters of a quantized row are computed: in plain float arithmetic, so that
// every instruction set gets the same bits. Included by each file of vector code, hence the unnamed
// namespace and nothing from the standard library that would be an inline function.
#ifndef POCKETBERT_KERNELS_ROW_QUANT_H_
#define POCKETBERT_KERNELS_ROW_QUANT_H_

#include "kernels/kernels.h"

namespace pbert {
namespace {

struct RowScaling {
  RowQuant params;
  float inverse;
};

// Nearest integer, ties to even: where 2^23 is added nothing is left below the point. |x| < 2^22.
[[maybe_unused]] inline float RoundSmall(float x) {
  return x + 12582912.0f - 12582912.0f;  // 1.5 * 2^23
}

// min <= 0 <= max. The formula is kernels.h's; NaN gives -128.
[[maybe_unused]] inline RowScaling ScalingOf(float min, float max) {
  const float range = max - min;
  if (!(range >= 1e-36f)) return {{-128, 1.0f}, 0.0f};
  const float inverse = 255.0f / range;
  const float zero = RoundSmall(-128.0f - min * inverse);
  const float clamped = zero >= -128.0f ? (zero <= 127.0f ? zero : 127.0f) : -128.0f;
  return {{static_cast<int32_t>(clamped), range / 255.0f}, inverse};
}

}  // namespace
}  // namespace pbert

#endif  // POCKETBERT_KERNELS_ROW_QUANT_H_
