// The matrix product inside attention for instruction sets that multiply a vector by one lane of another (NEON): rows
// of `a` are loaded four floats at a time, and no instruction goes into spreading them.
#ifndef POCKETBERT_KERNELS_LANE_PRODUCT_IMPL_H_
#define POCKETBERT_KERNELS_LANE_PRODUCT_IMPL_H_

#include "kernels/vector_impl.h"

namespace pbert {
namespace {

// Two vectors lie side by side in a panel, so that one instruction loads both.
constexpr size_t kLanePanelVectors = 2;

// Keeps the compiler from moving what makes these vectors past what makes others that stay: see LaneTiles.
template <class V, size_t kVectors>
PBERT_INLINE void StayAll(typename V::F* x) {
  if constexpr (kVectors == 1) {
    V::Stay(x[0]);
  } else {
    Repeat<kVectors / 2>([&](auto c) PBERT_INLINE_LAMBDA { V::Stay(x[2 * c], x[2 * c + 1]); });
  }
}

// kRows x kVectors of out = row_scale * (a * b), and the same for as many columns again, `tiles` times. Each sum takes
// its products in the order of `depth`, so the shape of the tile does not show in the result. Only the last vector of
// the last tile may be partial.
// The next step's vectors of b are loaded in the middle of a step and both halves of a panel at once: processors that
// run instructions in order would wait for them otherwise, and left alone compilers load each vector just before its
// use or all of them so early that sums have to be moved between registers.
template <class V, size_t kRows, size_t kVectors>
__attribute__((noinline)) void LaneTiles(const float* a, size_t a_stride, size_t depth, const float* b, size_t panel,
                                         const float* row_scale, float* out, size_t out_stride, size_t columns,
                                         size_t tiles) {
  using F = typename V::F;
  constexpr size_t kWidth = V::kWidth, kStep = kLanePanelVectors * kWidth;
  static_assert(kWidth == 4 && (kVectors == 1 || kVectors % kLanePanelVectors == 0));
  for (; tiles > 0; --tiles) {
    F sum[kRows][kVectors];
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      Repeat<kVectors>([&](auto c) PBERT_INLINE_LAMBDA { sum[r][c] = V::Set(0.0f); });
    });
    const auto load = [panel](const float* p, F* vector) PBERT_INLINE_LAMBDA {
      Repeat<kVectors>([&](auto c) PBERT_INLINE_LAMBDA {
        vector[c] = V::Load(p + c / kLanePanelVectors * panel + c % kLanePanelVectors * kWidth);
      });
    };
    const float *left = a, *right = b;
    for (const float* const end = a + depth / 4 * 4; left != end; left += 4, right += 4 * kStep) {
      F four[kRows];
      Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA { four[r] = V::Load(left + r * a_stride); });
      F vector[2][kVectors];
      load(right, vector[0]);
      Repeat<4>([&](auto lane) PBERT_INLINE_LAMBDA {
        Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
          if constexpr (lane < 3 && r == kRows / 2) {
            load(right + (lane + 1) * kStep, vector[(lane + 1) % 2]);
            StayAll<V, kVectors>(vector[(lane + 1) % 2]);
          }
          Repeat<kVectors>([&](auto c) PBERT_INLINE_LAMBDA {
            sum[r][c] = V::FmaLane(vector[lane % 2][c], four[r], lane, sum[r][c]);
          });
          StayAll<V, kVectors>(sum[r]);
        });
      });
    }
    for (const float* const end = a + depth; left != end; ++left, right += kStep) {
      F vector[kVectors];
      load(right, vector);
      Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
        const F one = V::Set(left[r * a_stride]);
        Repeat<kVectors>([&](auto c) PBERT_INLINE_LAMBDA { sum[r][c] = V::Fma(one, vector[c], sum[r][c]); });
      });
    }
    StoreScaled<V>(sum, row_scale, out, out_stride, columns);
    b += kVectors / kLanePanelVectors * panel;
    out += kVectors * kWidth;
    columns -= kVectors * kWidth;  // wraps in the last round, which does not matter
  }
}

// kRows rows: as many columns as there are in tiles of kVectors, what is left in narrower ones.
template <class V, size_t kRows, size_t kVectors>
PBERT_INLINE void LaneRows(const float* a, size_t a_stride, size_t depth, const float* b, size_t panel,
                           const float* row_scale, float* out, size_t out_stride, size_t columns, size_t vectors) {
  const size_t tiles = vectors / kVectors, done = tiles * kVectors;
  if (tiles > 0) {
    LaneTiles<V, kRows, kVectors>(a, a_stride, depth, b, panel, row_scale, out, out_stride, columns, tiles);
  }
  if constexpr (kVectors > 1) {
    LaneRows<V, kRows, kVectors / 2>(a, a_stride, depth, b + done / kLanePanelVectors * panel, panel, row_scale,
                                     out + done * V::kWidth, out_stride, columns - done * V::kWidth, vectors - done);
  }
}

// out = row_scale * (a * b). Columns 8 c to 8 c + 7 of row k of b are at b[c * panel + 8 * k].
template <class V>
__attribute__((noinline)) void LaneProduct(const float* a, size_t a_stride, size_t rows, size_t depth, const float* b,
                                           size_t panel, const float* row_scale, float* out, size_t out_stride,
                                           size_t columns) {
  const size_t vectors = (columns + V::kWidth - 1) / V::kWidth;
  size_t r = 0;
  ByRows<V::kTileSums >= 16 ? 8 : 4>(rows, [&](auto count) PBERT_INLINE_LAMBDA {
    // Two vectors of b are held for each column of the tile: with few rows they need the registers, not the sums.
    constexpr size_t kMax = V::kTileSums / count / (count > 2 ? 1 : 2);
    LaneRows<V, count, kMax>(a + r * a_stride, a_stride, depth, b, panel, row_scale + r, out + r * out_stride,
                             out_stride, columns, vectors);
    r += count;
  });
}

}  // namespace
}  // namespace pbert

#endif  // POCKETBERT_KERNELS_LANE_PRODUCT_IMPL_H_
