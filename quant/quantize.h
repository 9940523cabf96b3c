// Symmetric 8-bit quantization of weights, one scale per row (output channel, or token of an embedding).
#ifndef POCKETBERT_QUANT_QUANTIZE_H_
#define POCKETBERT_QUANT_QUANTIZE_H_

#include <cstdint>
#include <span>

namespace pbert {

// w is represented as scale * q with q in [-127, 127]; -128 is never used, so that negation and
// the pairwise sums of integer kernels cannot overflow.
inline constexpr int kMaxQuantized = 127;

// The scale for a row of finite weights: max|w| / 127, so that the largest weight is exact. A row of zeros
// gets 1. A scale is never subnormal (kernels may flush those to zero): rows that tiny get the smallest
// normal float.
float RowScale(std::span<const float> weights);

// quantized[i] = weights[i] / scale, rounded to the nearest integer, ties to even, clamped to +-127.
// The spans are of equal length.
void QuantizeWithScale(std::span<const float> weights, float scale, std::span<int8_t> quantized);

// Both of the above for one row; returns the scale.
float QuantizeRow(std::span<const float> weights, std::span<int8_t> quantized);

// weights[i] = scale * quantized[i]: what the network sees in place of the original.
void DequantizeRow(std::span<const int8_t> quantized, float scale, std::span<float> weights);

}  // namespace pbert

#endif  // POCKETBERT_QUANT_QUANTIZE_H_
