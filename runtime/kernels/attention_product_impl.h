// The matrix product inside attention: out = row_scale * (a * b), with b laid out in panels.
#ifndef POCKETBERT_KERNELS_ATTENTION_PRODUCT_IMPL_H_
#define POCKETBERT_KERNELS_ATTENTION_PRODUCT_IMPL_H_

#include "kernels/vector_impl.h"

namespace pbert {
namespace {

// Where the matrix product below finds its right-hand side: element (k, j) of vector c, that is column
// c * kWidth + j, is at data[c * panel + k * step + j]. Both layouts of attention have this form.
struct Panels {
  const float* data;
  size_t panel, step;
};

// kRows x kVectors of out = a * b: the sums stay in registers, each step along `depth` loads kVectors of b
// and one float of each row of a, spread over a vector. The shape is chosen per instruction set so that sums,
// vectors of b and the spread float fit its registers.
template <class V, size_t kRows, size_t kVectors>
__attribute__((noinline)) void ProductTile(const float* a, size_t a_stride, size_t depth, const Panels& b,
                                           const float* row_scale, float* out, size_t out_stride, size_t columns) {
  using F = typename V::F;
  F sum[kRows][kVectors];
  Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
    Repeat<kVectors>([&](auto c) PBERT_INLINE_LAMBDA { sum[r][c] = V::Set(0.0f); });
  });
  const float* right = b.data;
  const size_t panel = b.panel, step = b.step;
  for (const float* const end = a + depth; a != end; ++a, right += step) {
    F vector[kVectors];
    Repeat<kVectors>([&](auto c) PBERT_INLINE_LAMBDA { vector[c] = V::Load(right + c * panel); });
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      const F left = V::Set(a[r * a_stride]);
      Repeat<kVectors>([&](auto c) PBERT_INLINE_LAMBDA { sum[r][c] = V::Fma(left, vector[c], sum[r][c]); });
      Repeat<kVectors>([&](auto c) PBERT_INLINE_LAMBDA { V::Then(sum[r][c], a); });
    });
  }
  StoreScaled<V>(sum, row_scale, out, out_stride, columns);
}

// kRows rows of out = row_scale * (a * b), in tiles of nearly equal width.
template <class V, size_t kRows>
PBERT_INLINE void ProductRows(const float* a, size_t a_stride, size_t depth, Panels b, const float* row_scale,
                              float* out, size_t out_stride, size_t columns) {
  constexpr size_t kWidth = V::kWidth, kMax = V::kTileVectors;
  static_assert(kMax <= 3);
  size_t vectors = (columns + kWidth - 1) / kWidth;
  for (size_t tiles = (vectors + kMax - 1) / kMax; tiles > 0; --tiles) {
    const size_t now = (vectors + tiles - 1) / tiles;
    if (now == 1) ProductTile<V, kRows, 1>(a, a_stride, depth, b, row_scale, out, out_stride, columns);
    if (now == 2) ProductTile<V, kRows, 2>(a, a_stride, depth, b, row_scale, out, out_stride, columns);
    if constexpr (kMax >= 3) {
      if (now == 3) ProductTile<V, kRows, 3>(a, a_stride, depth, b, row_scale, out, out_stride, columns);
    }
    vectors -= now;
    columns -= now * kWidth;  // wraps in the last round, which does not matter
    b.data += now * b.panel;
    out += now * kWidth;
  }
}

template <class V>
PBERT_INLINE void Product(const float* a, size_t a_stride, size_t rows, size_t depth, const Panels& b,
                          const float* row_scale, float* out, size_t out_stride, size_t columns) {
  size_t r = 0;
  ByRows<V::kTileRows>(rows, [&](auto count) PBERT_INLINE_LAMBDA {
    ProductRows<V, count>(a + r * a_stride, a_stride, depth, b, row_scale + r, out + r * out_stride, out_stride,
                          columns);
    r += count;
  });
}

}  // namespace
}  // namespace pbert

#endif  // POCKETBERT_KERNELS_ATTENTION_PRODUCT_IMPL_H_
