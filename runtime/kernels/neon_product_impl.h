// What the int8 products of 64-bit ARM share: their operands, loads whose place in the code is fixed, and what becomes
// of a sum.
#ifndef POCKETBERT_KERNELS_NEON_PRODUCT_IMPL_H_
#define POCKETBERT_KERNELS_NEON_PRODUCT_IMPL_H_

#include <arm_neon.h>

#include "kernels/int8_product.h"
#include "kernels/vector_impl.h"

namespace pbert {
namespace {

inline constexpr size_t kPackedStep = kPackedColumns * kPackedInputs;  // bytes of a block's weights for 4 inputs

// One block of columns and the rows that meet it.
struct ProductTileOperands {
  const int8_t* x;
  const RowQuant* params;
  size_t inputs;
  const uint8_t* block;
  size_t block_bytes;  // behind which the next block is
  size_t columns;      // of the block, and behind it
  float* y;
  size_t y_stride;

  PBERT_INLINE void Advance(size_t rows) {
    x += rows * inputs;
    params += rows;
    y += rows * y_stride;
  }
};

// Compilers leave the order of volatile assembly as it is, and choose its registers. A load says that it changes its
// vector ("+w") rather than makes one, so that what a loop carries stays in one register. "memory": the bytes may have
// been written just before.
template <size_t kOffset = 0>
PBERT_INLINE void LoadAt(const void* p, int8x16_t* v) {
  asm volatile("ldr %q0, [%1, %2]" : "+w"(*v) : "r"(p), "i"(kOffset) : "memory");
}
PBERT_INLINE void LoadAt(const void* p, size_t offset, int8x16_t* v) {
  asm volatile("ldr %q0, [%1, %2]" : "+w"(*v) : "r"(p), "r"(offset) : "memory");
}
template <size_t kOffset = 0>
PBERT_INLINE void LoadPairAt(const void* p, int8x16_t* v) {
  asm volatile("ldp %q0, %q1, [%2, %3]" : "+w"(v[0]), "+w"(v[1]) : "r"(p), "i"(kOffset) : "memory");
}
// What a vector holds before its first load.
PBERT_INLINE int8x16_t Anything() {
  int8x16_t v;
  asm volatile("" : "=w"(v));  // volatile, so that two of them are not the same
  return v;
}
template <size_t kOffset>
PBERT_INLINE void Prefetch(const void* p) {
  asm volatile("prfm pldl2keep, [%0, %1]" : : "r"(p), "i"(kOffset));
}

// The next four inputs of each row, or as many as there are, filled with zeros. Rare, so it need not be fast.
__attribute__((noinline, unused)) void LoadFewInputs(const int8_t* x, size_t inputs, size_t k, size_t rows,
                                                     int32_t* fours) {
  for (size_t r = 0; r < rows; ++r) {
    uint32_t few = 0;
    for (size_t i = 0; i < kPackedInputs && k + i < inputs; ++i) {
      few |= uint32_t{static_cast<uint8_t>(x[r * inputs + k + i])} << (8 * i);
    }
    fours[r] = static_cast<int32_t>(few);
  }
}

// float(sum) * row's scale * column's scale + bias, for four columns; tail: behind a block's weights.
struct Scaling {
  float32x4_t scales, bias;

  PBERT_INLINE Scaling(const uint8_t* tail, size_t column)
      : scales(vld1q_f32(reinterpret_cast<const float*>(tail) + column)),
        bias(vld1q_f32(reinterpret_cast<const float*>(tail) + kPackedColumns + column)) {}
  PBERT_INLINE float32x4_t Apply(int32x4_t sum, float row_scale) const {
    return vaddq_f32(vmulq_f32(vmulq_n_f32(vcvtq_f32_s32(sum), row_scale), scales), bias);
  }
};

// A block of fewer than 16 columns is computed whole, and what there is of it copied.
template <typename Compute>
PBERT_INLINE void ComputeColumns(ProductTileOperands o, size_t rows, Compute compute) {
  constexpr size_t kRowsAtOnce = 8;
  if (o.columns >= kPackedColumns) return compute(o, rows);
  alignas(16) float whole[kRowsAtOnce * kPackedColumns];
  float* y = o.y;
  for (size_t left = rows; left > 0;) {
    const size_t now = left < kRowsAtOnce ? left : kRowsAtOnce;
    ProductTileOperands part = o;
    part.y = whole;
    part.y_stride = kPackedColumns;
    compute(part, now);
    for (size_t r = 0; r < now; ++r, y += o.y_stride) {
      for (size_t c = 0; c < o.columns; ++c) y[c] = whole[r * kPackedColumns + c];
    }
    o.Advance(now);
    left -= now;
  }
}

// compute(operands, rows) for one block after the other, with all rows.
template <typename Compute>
PBERT_INLINE void ForEachBlock(ProductTileOperands o, size_t rows, Compute compute) {
  if (rows == 0) return;
  for (size_t left = o.columns; left > 0; left -= left < kPackedColumns ? left : kPackedColumns) {
    o.columns = left;
    ComputeColumns(o, rows, compute);
    o.block += o.block_bytes;
    o.y += kPackedColumns;
  }
}

}  // namespace
}  // namespace pbert

#endif  // POCKETBERT_KERNELS_NEON_PRODUCT_IMPL_H_
