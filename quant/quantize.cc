#include "quant/quantize.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace pbert {

float RowScale(std::span<const float> weights) {
  float largest = 0;
  for (float weight : weights) largest = std::max(largest, std::fabs(weight));
  if (largest == 0) return 1;
  return std::max(largest / kMaxQuantized, std::numeric_limits<float>::min());
}

void QuantizeWithScale(std::span<const float> weights, float scale, std::span<int8_t> quantized) {
  assert(weights.size() == quantized.size());
  constexpr float kLimit = kMaxQuantized;
  for (size_t i = 0; i < weights.size(); ++i) {
    // The process's rounding mode is the default one: to nearest, ties to even.
    const float rounded = std::nearbyint(weights[i] / scale);
    quantized[i] = static_cast<int8_t>(std::clamp(rounded, -kLimit, kLimit));
  }
}

float QuantizeRow(std::span<const float> weights, std::span<int8_t> quantized) {
  const float scale = RowScale(weights);
  QuantizeWithScale(weights, scale, quantized);
  return scale;
}

void DequantizeRow(std::span<const int8_t> quantized, float scale, std::span<float> weights) {
  assert(weights.size() == quantized.size());
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = scale * static_cast<float>(quantized[i]);
}

}  // namespace pbert
