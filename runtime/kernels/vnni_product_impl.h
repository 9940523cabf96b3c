// What the int8 products by VPDPBUSD share, whatever the width of their vectors.
#ifndef POCKETBERT_KERNELS_VNNI_PRODUCT_IMPL_H_
#define POCKETBERT_KERNELS_VNNI_PRODUCT_IMPL_H_

#include "kernels/int8_product.h"
#include "kernels/vector_impl.h"

namespace pbert {
namespace {

constexpr size_t kStepBytes = kPackedColumns * kPackedInputs;  // weights of one step along the inputs, one block
constexpr size_t kRowsAtOnce = 256;                            // their sums are on the stack

// Calls step(load) for each 4 inputs of a tile's rows, which begin at x; load(r) gives those of row r in an int32,
// filled with zeros behind the last.
template <class Step>
PBERT_INLINE void ForEachStep(const int8_t* x, size_t inputs, Step step) {
  const int8_t* end = x + inputs / kPackedInputs * kPackedInputs;
  for (; x != end; x += kPackedInputs) {
    step([&](size_t r) PBERT_INLINE_LAMBDA {
      int32_t four;
      __builtin_memcpy(&four, x + r * inputs, sizeof(four));
      return four;
    });
  }
  if (const size_t rest = inputs % kPackedInputs; rest != 0) {
    step([&](size_t r) PBERT_INLINE_LAMBDA {
      uint32_t few = 0;
      for (size_t k = 0; k < rest; ++k) few |= uint32_t{static_cast<uint8_t>(x[r * inputs + k])} << (8 * k);
      return static_cast<int32_t>(few);
    });
  }
}

// Calls run(tile, first, height) for tiles of about the same height: with 8 rows at most, 9 are 5 and 4, not 8 and 1.
template <class Run>
PBERT_INLINE void ForEachTile(size_t rows, size_t tiles, Run run) {
  for (size_t t = 0, first = 0; t < tiles; ++t) {
    const size_t end = rows * (t + 1) / tiles;
    run(t, first, end - first);
    first = end;
  }
}

}  // namespace
}  // namespace pbert

#endif  // POCKETBERT_KERNELS_VNNI_PRODUCT_IMPL_H_
