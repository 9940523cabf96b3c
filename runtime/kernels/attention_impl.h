// Softmax, and one head of attention fused around it.
#ifndef POCKETBERT_KERNELS_ATTENTION_IMPL_H_
#define POCKETBERT_KERNELS_ATTENTION_IMPL_H_

#include "kernels/kernels.h"
#include "kernels/math_impl.h"
#include "kernels/tables.h"
#include "kernels/vector_impl.h"

namespace pbert {
namespace {

// x = e^(x - max); returns the sum, by which the caller divides what it makes of x. What a partial vector
// has past the end adds 1e-38.
template <class V>
__attribute__((noinline)) float ExpOfRow(float* x, size_t n) {
  constexpr float kLowest = -3.402823466e38f;
  Lanes<V> max(kLowest);
  Sweep<V>(n, [&](size_t i, auto io, auto lane)
                  PBERT_INLINE_LAMBDA { max.lane[lane] = V::Max(max.lane[lane], io.Load(x + i, kLowest)); });
  const typename V::F shift = V::Set(max.Max());
  Lanes<V> sum(0);
  Sweep<V>(n, [&](size_t i, auto io, auto lane) PBERT_INLINE_LAMBDA {
    const typename V::F e = Exp<V, true>(V::Sub(io.Load(x + i, kLowest), shift));
    io.Store(x + i, e);
    sum.lane[lane] = V::Add(sum.lane[lane], e);
  });
  return sum.Sum();
}

template <class V>
void Softmax(float* x, size_t n) {
  if (n == 0) return;
  const typename V::F scale = V::Set(1.0f / ExpOfRow<V>(x, n));
  Sweep<V>(n, [&](size_t i, auto io, auto) PBERT_INLINE_LAMBDA { io.Store(x + i, V::Mul(io.Load(x + i), scale)); });
}

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
  Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
    const F scale = V::Set(row_scale[r]);
    float* row = out + r * out_stride;
    Repeat<kVectors>([&](auto c) PBERT_INLINE_LAMBDA {
      const F value = V::Mul(sum[r][c], scale);
      const size_t left = columns - c * V::kWidth;
      if (c + 1 < kVectors || left >= V::kWidth) {
        V::Store(row + c * V::kWidth, value);
      } else {
        V::StorePart(row + c * V::kWidth, value, left);
      }
    });
  });
}

// kRows rows of out = row_scale * (a * b), in tiles of nearly equal width.
template <class V, size_t kRows>
PBERT_INLINE void ProductRows(const float* a, size_t a_stride, size_t depth, Panels b, const float* row_scale,
                              float* out, size_t out_stride, size_t columns) {
  constexpr size_t kWidth = V::kWidth, kMost = V::kTileVectors;
  static_assert(kMost <= 3);
  size_t vectors = (columns + kWidth - 1) / kWidth;
  for (size_t tiles = (vectors + kMost - 1) / kMost; tiles > 0; --tiles) {
    const size_t now = (vectors + tiles - 1) / tiles;
    if (now == 1) ProductTile<V, kRows, 1>(a, a_stride, depth, b, row_scale, out, out_stride, columns);
    if (now == 2) ProductTile<V, kRows, 2>(a, a_stride, depth, b, row_scale, out, out_stride, columns);
    if constexpr (kMost >= 3) {
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
  auto run = [&](auto count) PBERT_INLINE_LAMBDA {
    ProductRows<V, count>(a + r * a_stride, a_stride, depth, b, row_scale + r, out + r * out_stride, out_stride,
                          columns);
    r += count;
  };
  if constexpr (V::kTileRows >= 8) {
    while (rows - r >= 8) run(Index<8>());
  }
  while (rows - r >= 4) run(Index<4>());
  if (rows - r >= 2) run(Index<2>());
  if (rows - r >= 1) run(Index<1>());
}

// The keys, transposed: kWidth keys side by side, all of their elements one below the other, then the next
// kWidth keys. Where there are no keys left the last one is repeated: nobody looks at its scores there.
template <class V>
void TransposeKeys(const float* k, size_t stride, size_t key_rows, size_t head_size, float* out) {
  constexpr size_t kWidth = V::kWidth;
  for (size_t key = 0; key < key_rows; key += kWidth, k += kWidth * stride) {
    const size_t last = (key_rows - key < kWidth ? key_rows - key : kWidth) - 1;
    for (size_t i = 0; i < head_size; i += kWidth) {
      const size_t elements = head_size - i;
      typename V::F block[kWidth];
      if (elements >= kWidth) {
        Repeat<kWidth>([&](auto j) PBERT_INLINE_LAMBDA { block[j] = V::Load(k + i + (j < last ? j : last) * stride); });
        V::Transpose(block);
        Repeat<kWidth>([&](auto j) PBERT_INLINE_LAMBDA { V::Store(out + j * kWidth, block[j]); });
        out += kWidth * kWidth;
      } else {
        for (size_t j = 0; j < kWidth; ++j) block[j] = V::LoadPart(k + i + (j < last ? j : last) * stride, elements, 0);
        V::Transpose(block);
        for (size_t j = 0; j < elements; ++j, out += kWidth) V::Store(out, block[j]);
      }
    }
  }
}

// The values, each row filled up to whole vectors. In the caller's matrix, rows of one head lie a multiple
// of 1 KB apart and share a few sets of the cache; here they are next to each other.
template <class V>
void CopyValues(const float* v, size_t stride, size_t key_rows, size_t head_size, size_t padded, float* out) {
  for (size_t key = 0; key < key_rows; ++key, v += stride, out += padded) {
    size_t i = 0;
    for (; i + V::kWidth <= head_size; i += V::kWidth) V::Store(out + i, V::Load(v + i));
    if (i < head_size) V::Store(out + i, V::LoadPart(v + i, head_size - i, 0));
  }
}

// Attention a few rows at a time: their scores against all keys, e to those, and the weighted sum of the
// values, divided by the sum of the weights at the end. The scores of kMaxTileRows rows are all that ever
// exist, and stay in the first-level cache. One matrix product serves both: scores = q * transposed keys,
// out = weights * values.
template <class V>
void Attention(const float* q, size_t q_stride, size_t query_rows, const float* k, const float* v, size_t kv_stride,
               size_t key_rows, size_t head_size, float* scratch, float* out, size_t out_stride) {
  constexpr size_t kWidth = V::kWidth;
  constexpr float kOnes[kMaxTileRows] = {1, 1, 1, 1, 1, 1, 1, 1};
  const size_t padded_keys = (key_rows + kWidth - 1) / kWidth * kWidth;
  const size_t padded_head = (head_size + kWidth - 1) / kWidth * kWidth;
  if (query_rows == 0) return;
  float* const keys = scratch;
  float* const values = keys + padded_keys * head_size;
  float* const scores = values + key_rows * padded_head;
  TransposeKeys<V>(k, kv_stride, key_rows, head_size, keys);
  CopyValues<V>(v, kv_stride, key_rows, head_size, padded_head, values);
  const Panels key_panels{keys, kWidth * head_size, kWidth};
  const Panels value_panels{values, kWidth, padded_head};

  for (size_t r = 0; r < query_rows; r += kMaxTileRows) {
    const size_t rows = query_rows - r < kMaxTileRows ? query_rows - r : kMaxTileRows;
    Product<V>(q + r * q_stride, q_stride, rows, head_size, key_panels, kOnes, scores, padded_keys, padded_keys);
    float scale[kMaxTileRows];
    for (size_t i = 0; i < rows; ++i) scale[i] = 1.0f / ExpOfRow<V>(scores + i * padded_keys, key_rows);
    Product<V>(scores, padded_keys, rows, key_rows, value_panels, scale, out + r * out_stride, out_stride, head_size);
  }
}

}  // namespace
}  // namespace pbert

#endif  // POCKETBERT_KERNELS_ATTENTION_IMPL_H_
