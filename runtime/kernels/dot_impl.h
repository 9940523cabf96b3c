// One row times a matrix whose rows lie in a file: a head's output layer over a vocabulary, whose weight is also the
// token embedding and so stays row-major. Each weight is read once and used once, so memory sets the pace; rows of
// weights are taken four at a time to have four sums under way and to read x once for all of them.
#ifndef POCKETBERT_KERNELS_DOT_IMPL_H_
#define POCKETBERT_KERNELS_DOT_IMPL_H_

#include "kernels/kernels.h"
#include "kernels/vector_impl.h"

namespace pbert {
namespace {

constexpr size_t kDotRows = 4;

// Products of int8 and 9 bits, in sums of 32 bits: exact, in any order. What does not fill a vector goes through a
// copy, so that nothing behind the rows is read.
template <class V, size_t kRows>
PBERT_INLINE void DotInt8Some(const int16_t* x, float x_scale, const int8_t* weights, const float* scales,
                              const float* bias, size_t inputs, float* y) {
  constexpr size_t kStep = V::kDotStep;
  typename V::I sum[kRows];
  Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA { sum[r] = V::NoSum(); });
  size_t i = 0;
  for (; i + kStep <= inputs; i += kStep) {
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA { sum[r] = V::Dot(sum[r], x + i, weights + r * inputs + i); });
  }
  if (i < inputs) {
    int16_t last_x[kStep] = {};
    for (size_t j = 0; j < inputs - i; ++j) last_x[j] = x[i + j];
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      int8_t last[kStep] = {};
      for (size_t j = 0; j < inputs - i; ++j) last[j] = weights[r * inputs + i + j];
      sum[r] = V::Dot(sum[r], last_x, last);
    });
  }
  Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
    const float product = static_cast<float>(V::Sum(sum[r])) * x_scale * scales[r];
    y[r] = product + (bias != nullptr ? bias[r] : 0.0f);
  });
}

template <class V>
void DotInt8Rows(const int16_t* x, float x_scale, const int8_t* weights, const float* scales, const float* bias,
                 size_t inputs, size_t outputs, float* y) {
  size_t r = 0;
  for (; r + kDotRows <= outputs; r += kDotRows) {
    DotInt8Some<V, kDotRows>(x, x_scale, weights + r * inputs, scales + r, bias != nullptr ? bias + r : nullptr, inputs,
                             y + r);
  }
  for (; r < outputs; ++r) {
    DotInt8Some<V, 1>(x, x_scale, weights + r * inputs, scales + r, bias != nullptr ? bias + r : nullptr, inputs,
                      y + r);
  }
}

template <class V>
void DotRows(const float* x, const float* weights, const float* bias, size_t inputs, size_t outputs, float* y) {
  for (size_t r = 0; r < outputs; ++r, weights += inputs) {
    Lanes<V> sum(0);
    Sweep<V>(inputs, [&](size_t i, auto io, auto lane) PBERT_INLINE_LAMBDA {
      sum.lane[lane] = V::Fma(io.Load(x + i), io.Load(weights + i), sum.lane[lane]);
    });
    y[r] = sum.Sum() + (bias != nullptr ? bias[r] : 0.0f);
  }
}

}  // namespace
}  // namespace pbert

#endif  // POCKETBERT_KERNELS_DOT_IMPL_H_
