// What is done to one row after another: quantization, layer norm, activation, sums of embeddings. A row of
// 768 to 3072 floats stays in the first-level cache, so a row is finished, quantization included, before the
// next one is begun.
#ifndef POCKETBERT_KERNELS_ROWS_IMPL_H_
#define POCKETBERT_KERNELS_ROWS_IMPL_H_

#include "kernels/kernels.h"
#include "kernels/math_impl.h"
#include "kernels/row_quant.h"
#include "kernels/vector_impl.h"

namespace pbert {
namespace {

// The last, incomplete group of 16 goes through a copy, so that one piece of code rounds all values.
template <class V>
__attribute__((noinline)) void QuantizeScaled(const float* x, size_t columns, const RowScaling& scaling,
                                              int8_t* quantized) {
  const int32_t zero_point = scaling.params.zero_point;
  const float inverse = scaling.inverse;
  size_t i = 0;
  if constexpr (V::kInPairs) {
    for (; i + 32 <= columns; i += 32) {
      V::Quantize16(x + i, inverse, zero_point, quantized + i);
      V::Quantize16(x + i + 16, inverse, zero_point, quantized + i + 16);
    }
  }
  for (; i + 16 <= columns; i += 16) V::Quantize16(x + i, inverse, zero_point, quantized + i);
  if (i < columns) {
    float copy[16] = {};
    int8_t result[16];
    for (size_t j = 0; j < columns - i; ++j) copy[j] = x[i + j];
    V::Quantize16(copy, inverse, zero_point, result);
    for (size_t j = 0; j < columns - i; ++j) quantized[i + j] = result[j];
  }
}

template <class V>
void Quantize(const float* x, size_t rows, size_t columns, int8_t* quantized, RowQuant* params) {
  for (size_t r = 0; r < rows; ++r, x += columns, quantized += columns) {
    Range<V> range;
    Sweep<V>(columns, [&](size_t i, auto io, auto lane) PBERT_INLINE_LAMBDA { range.Add(io.Load(x + i), lane); });
    const RowScaling scaling = ScalingOf(range.min.Min(), range.max.Max());
    QuantizeScaled<V>(x, columns, scaling, quantized);
    params[r] = scaling.params;
  }
}

// (x - mean) / sqrt(variance + epsilon) * gamma + beta in three passes over a row in the cache: one adds the
// residual, keeps the sum and takes the mean, one takes the variance, one normalizes. Then the row is quantized.
template <class V>
void LayerNorm(const float* x, const float* residual, size_t rows, size_t columns, const float* gamma,
               const float* beta, float epsilon, const RowOutput& y) {
  using F = typename V::F;
  for (size_t r = 0; r < rows; ++r, x += columns) {
    float* const values = y.values + r * columns;
    const float* input = x;
    Lanes<V> sum(0);
    if (residual == nullptr) {
      Sweep<V>(columns, [&](size_t i, auto io, auto lane)
                            PBERT_INLINE_LAMBDA { sum.lane[lane] = V::Add(sum.lane[lane], io.Load(x + i)); });
    } else {
      const float* added = residual + r * columns;
      SweepTo<V>(values, columns, [&](size_t i, auto io, auto lane) PBERT_INLINE_LAMBDA {
        const F both = V::Add(io.Load(x + i), io.Load(added + i));
        sum.lane[lane] = V::Add(sum.lane[lane], both);
        return both;
      });
      input = values;
    }

    const float mean = sum.Sum() / static_cast<float>(columns);
    const F means = V::Set(mean);
    Lanes<V> squares(0);
    Sweep<V>(columns, [&](size_t i, auto io, auto lane) PBERT_INLINE_LAMBDA {
      const F centred = V::Sub(io.Load(input + i, mean), means);
      squares.lane[lane] = V::Fma(centred, centred, squares.lane[lane]);
    });
    const float variance = squares.Sum() / static_cast<float>(columns);
    const F inverse = V::Set(1.0f / __builtin_sqrtf(variance + epsilon));

    // Past the end of the row gamma and beta read as 0, which leaves the range alone.
    Range<V> range;
    SweepTo<V>(values, columns, [&](size_t i, auto io, auto lane) PBERT_INLINE_LAMBDA {
      const F centred = V::Sub(io.Load(input + i), means);
      const F value = V::Fma(V::Mul(centred, inverse), io.Load(gamma + i), io.Load(beta + i));
      range.Add(value, lane);
      return value;
    });
    if (y.quantized == nullptr) continue;
    const RowScaling scaling = ScalingOf(range.min.Min(), range.max.Max());
    QuantizeScaled<V>(values, columns, scaling, y.quantized + r * columns);
    y.params[r] = scaling.params;
  }
}

// Every activation maps 0 to 0, so what a partial vector has past the end leaves the range alone.
template <class V, ActivationKind kKind>
void ActivateAs(float* x, size_t rows, size_t columns, const RowOutput& y) {
  for (size_t r = 0; r < rows; ++r) {
    const float* row = x + r * columns;
    float* values = (y.values != nullptr ? y.values : x) + r * columns;
    Range<V> range;
    const float* starts = kKind == ActivationKind::kGeluErf ? kTailStarts.copies[0] : kExpStarts.copies[0];
    SweepTo<V, 2>(values, columns, [&](size_t i, auto io, auto lane) PBERT_INLINE_LAMBDA {
      const typename V::F value = Activation<V, kKind>(io.Load(row + i), starts);
      range.Add(value, lane);
      return value;
    });
    if (y.quantized == nullptr) continue;
    const RowScaling scaling = ScalingOf(range.min.Min(), range.max.Max());
    QuantizeScaled<V>(values, columns, scaling, y.quantized + r * columns);
    y.params[r] = scaling.params;
  }
}

template <class V>
void Activate(ActivationKind kind, float* x, size_t rows, size_t columns, const RowOutput& y) {
  switch (kind) {
    case ActivationKind::kNone:
      return ActivateAs<V, ActivationKind::kNone>(x, rows, columns, y);
    case ActivationKind::kGeluErf:
      return ActivateAs<V, ActivationKind::kGeluErf>(x, rows, columns, y);
    case ActivationKind::kGeluTanh:
      return ActivateAs<V, ActivationKind::kGeluTanh>(x, rows, columns, y);
    case ActivationKind::kRelu:
      return ActivateAs<V, ActivationKind::kRelu>(x, rows, columns, y);
    case ActivationKind::kTanh:
      return ActivateAs<V, ActivationKind::kTanh>(x, rows, columns, y);
    case ActivationKind::kSilu:
      return ActivateAs<V, ActivationKind::kSilu>(x, rows, columns, y);
    case ActivationKind::kQuickGelu:
      return ActivateAs<V, ActivationKind::kQuickGelu>(x, rows, columns, y);
  }
}

template <class V>
void AddInt8Row(const int8_t* row, float scale, size_t columns, float* sum) {
  const typename V::F scales = V::Set(scale);
  SweepTo<V>(sum, columns, [&](size_t i, auto io, auto) PBERT_INLINE_LAMBDA {
    return V::Fma(io.LoadInt8(row + i), scales, io.Load(sum + i));
  });
}

template <class V>
void AddRow(const float* row, size_t columns, float* sum) {
  SweepTo<V>(sum, columns,
             [&](size_t i, auto io, auto) PBERT_INLINE_LAMBDA { return V::Add(io.Load(sum + i), io.Load(row + i)); });
}

}  // namespace
}  // namespace pbert

#endif  // POCKETBERT_KERNELS_ROWS_IMPL_H_
