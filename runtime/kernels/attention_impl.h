// Softmax, and one head of attention fused around it.
#ifndef POCKETBERT_KERNELS_ATTENTION_IMPL_H_
#define POCKETBERT_KERNELS_ATTENTION_IMPL_H_

#include "kernels/attention_product_impl.h"
#include "kernels/kernels.h"
#include "kernels/lane_product_impl.h"
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
  const float* starts = kExpStarts.copies[0];
  SweepTo<V>(x, n, [&](size_t i, auto io, auto lane) PBERT_INLINE_LAMBDA {
    const typename V::F e = Exp<V, true>(V::Sub(io.Load(x + i, kLowest), shift), starts);
    sum.lane[lane] = V::Add(sum.lane[lane], e);
    return e;
  });
  return sum.Sum();
}

template <class V>
void Softmax(float* x, size_t n) {
  if (n == 0) return;
  const typename V::F scale = V::Set(1.0f / ExpOfRow<V>(x, n));
  SweepTo<V>(x, n, [&](size_t i, auto io, auto) PBERT_INLINE_LAMBDA { return V::Mul(io.Load(x + i), scale); });
}

// kWidth vectors make a panel of this many columns: what one load of the product's right-hand side takes.
template <class V>
constexpr size_t kPanelColumns = V::kWidth * (V::kByLane ? kLanePanelVectors : 1);

// The keys, transposed: as many keys side by side as a panel has columns, all of their elements one below the other,
// then the next panel. Where a vector is not full the last key is repeated: nobody looks at its scores there.
template <class V>
void TransposeKeys(const float* k, size_t stride, size_t key_rows, size_t head_size, float* out) {
  constexpr size_t kWidth = V::kWidth, kPanel = kPanelColumns<V>;
  for (size_t key = 0; key < key_rows; key += kWidth, k += kWidth * stride) {
    const size_t last = (key_rows - key < kWidth ? key_rows - key : kWidth) - 1;
    const float* row[kWidth];
    Repeat<kWidth>([&](auto j) PBERT_INLINE_LAMBDA { row[j] = k + (j < last ? j : last) * stride; });
    float* to = out + key / kPanel * kPanel * head_size + key % kPanel;
    size_t i = 0;
    for (; i + kWidth <= head_size; i += kWidth) {
      typename V::F block[kWidth];
      Repeat<kWidth>([&](auto j) PBERT_INLINE_LAMBDA { block[j] = V::Load(row[j] + i); });
      V::Transpose(block);
      Repeat<kWidth>([&](auto j) PBERT_INLINE_LAMBDA { V::Store(to + j * kPanel, block[j]); });
      to += kWidth * kPanel;
    }
    if (i < head_size) {
      typename V::F block[kWidth];
      Repeat<kWidth>([&](auto j) PBERT_INLINE_LAMBDA { block[j] = V::LoadPart(row[j] + i, head_size - i, 0); });
      V::Transpose(block);
      for (size_t j = 0; j < head_size - i; ++j) V::Store(to + j * kPanel, block[j]);
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

// The values in panels of two vectors.
template <class V>
void CopyValuesInPanels(const float* v, size_t stride, size_t key_rows, size_t head_size, float* out) {
  constexpr size_t kWidth = V::kWidth, kPanel = kPanelColumns<V>;
  for (size_t key = 0; key < key_rows; ++key, v += stride, out += kPanel) {
    size_t i = 0;
    float* to = out;
    for (; i + kPanel <= head_size; i += kPanel, to += key_rows * kPanel) {
      const typename V::F left = V::Load(v + i), right = V::Load(v + i + kWidth);
      V::Store(to, left);
      V::Store(to + kWidth, right);
    }
    for (; i < head_size; i += kWidth, to += kWidth) {
      V::Store(to, head_size - i >= kWidth ? V::Load(v + i) : V::LoadPart(v + i, head_size - i, 0));
    }
  }
}

// Attention a few rows at a time: their scores against all keys, e to those, and the weighted sum of the
// values, divided by the sum of the weights at the end. The scores of kMaxTileRows rows are all that ever
// exist, and stay in the first-level cache. One matrix product serves both: scores = q * transposed keys,
// out = weights * values.
template <class V>
void Attention(const float* q, size_t q_stride, size_t query_rows, const float* k, const float* v, size_t kv_stride,
               size_t key_rows, size_t head_size, float* scratch, float* out, size_t out_stride) {
  constexpr size_t kWidth = V::kWidth, kPanel = kPanelColumns<V>;
  constexpr float kOnes[kMaxTileRows] = {1, 1, 1, 1, 1, 1, 1, 1};
  const size_t padded_keys = (key_rows + kPanel - 1) / kPanel * kPanel;
  const size_t padded_head = (head_size + kPanel - 1) / kPanel * kPanel;
  if (query_rows == 0) return;
  float* const keys = scratch;
  float* const values = keys + padded_keys * head_size;
  float* const scores = values + key_rows * padded_head;
  // The scores of the last vector's keys that do not exist are written, but a vector without any key is not.
  const size_t columns = (key_rows + kWidth - 1) / kWidth * kWidth;
  TransposeKeys<V>(k, kv_stride, key_rows, head_size, keys);
  if constexpr (V::kByLane) {
    CopyValuesInPanels<V>(v, kv_stride, key_rows, head_size, values);
  } else {
    CopyValues<V>(v, kv_stride, key_rows, head_size, padded_head, values);
  }

  for (size_t r = 0; r < query_rows; r += kMaxTileRows) {
    const size_t rows = query_rows - r < kMaxTileRows ? query_rows - r : kMaxTileRows;
    const float* const these = q + r * q_stride;
    float* const result = out + r * out_stride;
    const auto exponentials = [&](float* scale) PBERT_INLINE_LAMBDA {
      for (size_t i = 0; i < rows; ++i) scale[i] = 1.0f / ExpOfRow<V>(scores + i * padded_keys, key_rows);
    };
    float scale[kMaxTileRows];
    if constexpr (V::kByLane) {
      LaneProduct<V>(these, q_stride, rows, head_size, keys, kPanel * head_size, kOnes, scores, padded_keys, columns);
      exponentials(scale);
      LaneProduct<V>(scores, padded_keys, rows, key_rows, values, kPanel * key_rows, scale, result, out_stride,
                     head_size);
    } else {
      const Panels key_panels{keys, kWidth * head_size, kWidth}, value_panels{values, kWidth, padded_head};
      Product<V>(these, q_stride, rows, head_size, key_panels, kOnes, scores, padded_keys, columns);
      exponentials(scale);
      Product<V>(scores, padded_keys, rows, key_rows, value_panels, scale, result, out_stride, head_size);
    }
  }
}

}  // namespace
}  // namespace pbert

#endif  // POCKETBERT_KERNELS_ATTENTION_IMPL_H_
