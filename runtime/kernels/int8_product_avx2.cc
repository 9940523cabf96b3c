// int8 products with AVX2: tiles of 4 rows by 16 columns, held in registers.
//
// VPMADDUBSW would saturate, so everything is widened to 16 bits and VPMADDWD multiplies exactly. The inputs of a tile
// of rows are widened once, without their zero point, into a buffer on the stack: in each group of 4 as 0, 2, 1, 3,
// because that is how a block's bytes fall apart into the lower and the upper halves of 16-bit lanes.
//
// Several tiles of rows meet a block before the next one is touched, and each fetches its share of that one: so memory
// is read all the time, and not by the first tile alone, which would wait for it.
//
// With 4 rows, 32 multiplications take 2 VPMADDWD, 2 VPADDD, three quarters of a shift and 1.25 loads.
#include <immintrin.h>

#include "kernels/int8_product.h"
#include "kernels/int8_product_tables.h"

namespace pbert {
namespace {

constexpr size_t kTileRows = 4;
constexpr size_t kMaxInputs = 8192;
constexpr size_t kBufferInputs = kTileRows * kMaxInputs;  // of all rows that are widened at once: 64 KB of stack
constexpr size_t kRowsAtOnce = 32;
constexpr size_t kHalf = 32;  // bytes of weights: 8 columns by 4 inputs
constexpr size_t kStepBytes = 2 * kHalf;
// A single tile fetches weights so far ahead, more than a page, because the processor's own prefetching stops at the
// end of each: a step takes some 10 cycles, and memory several hundred.
constexpr size_t kAheadBytes = 96 * kStepBytes;

// 8 columns of a step: the weights of inputs 0 and 2, and of 1 and 3, as 16-bit numbers.
struct Weights {
  __m256i even, odd;
};

inline Weights Widen(const uint8_t* bytes) {
  const __m256i w = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
  return {_mm256_srai_epi16(_mm256_slli_epi16(w, 8), 8), _mm256_srai_epi16(w, 8)};
}

inline __m256i Broadcast(const int16_t* two) {
  int32_t both;
  __builtin_memcpy(&both, two, sizeof(both));
  return _mm256_set1_epi32(both);
}

inline __m256i Accumulate(__m256i sum, Weights w, __m256i even, __m256i odd) {
  sum = _mm256_add_epi32(sum, _mm256_madd_epi16(w.even, even));
  return _mm256_add_epi32(sum, _mm256_madd_epi16(w.odd, odd));
}

// x: kRows rows of `padded` widened inputs. Columns below 16 are written if they are below `columns`. Fetches what is
// at `ahead`, and with every step what is `ahead_step` bytes further.
template <size_t kRows>
void Tile(const int16_t* x, size_t padded, const RowQuant* params, const uint8_t* block, size_t columns, float* y,
          size_t y_stride, const uint8_t* ahead, size_t ahead_step) {
  static_assert(kRows <= 4);
  const uint8_t* w = block + kPackedColumns * sizeof(int32_t);
  const uint8_t* tail = w + kPackedColumns * padded;
  const int16_t *x1 = x + padded, *x2 = x1 + padded, *x3 = x2 + padded;
  __m256i a0 = _mm256_setzero_si256(), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  for (size_t k = 0; k < padded; k += kPackedInputs, w += kStepBytes) {
    const Weights a = Widen(w), b = Widen(w + kHalf);
    _mm_prefetch(reinterpret_cast<const char*>(ahead), _MM_HINT_T0);
    ahead += ahead_step;
    __m256i even = Broadcast(x + k), odd = Broadcast(x + k + 2);
    a0 = Accumulate(a0, a, even, odd);
    b0 = Accumulate(b0, b, even, odd);
    if constexpr (kRows > 1) {
      even = Broadcast(x1 + k), odd = Broadcast(x1 + k + 2);
      a1 = Accumulate(a1, a, even, odd);
      b1 = Accumulate(b1, b, even, odd);
    }
    if constexpr (kRows > 2) {
      even = Broadcast(x2 + k), odd = Broadcast(x2 + k + 2);
      a2 = Accumulate(a2, a, even, odd);
      b2 = Accumulate(b2, b, even, odd);
    }
    if constexpr (kRows > 3) {
      even = Broadcast(x3 + k), odd = Broadcast(x3 + k + 2);
      a3 = Accumulate(a3, a, even, odd);
      b3 = Accumulate(b3, b, even, odd);
    }
  }

  const __m256i sums[4][2] = {{a0, b0}, {a1, b1}, {a2, b2}, {a3, b3}};
  for (size_t half = 0; half < 2; ++half) {
    const float* scale = reinterpret_cast<const float*>(tail + half * kHalf);
    const __m256 scales = _mm256_loadu_ps(scale), bias = _mm256_loadu_ps(scale + kPackedColumns);
    if (columns <= half * 8) break;
    const size_t left = columns - half * 8;
    for (size_t r = 0; r < kRows; ++r) {
      const __m256 real = _mm256_mul_ps(_mm256_cvtepi32_ps(sums[r][half]), _mm256_set1_ps(params[r].scale));
      const __m256 result = _mm256_add_ps(_mm256_mul_ps(real, scales), bias);
      float* out = y + r * y_stride + half * 8;
      if (left >= 8) {
        _mm256_storeu_ps(out, result);
      } else {
        const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        _mm256_maskstore_ps(out, _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(left)), lanes), result);
      }
    }
  }
}

// One row, from behind the last input on filled with zeros.
void WidenRow(const int8_t* x, size_t inputs, int32_t zero_point, int16_t* to) {
  // Per 4 inputs: 0, 2, 1, 3.
  const __m128i order = _mm_setr_epi8(0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15);
  const __m256i zero = _mm256_set1_epi16(static_cast<int16_t>(zero_point));
  size_t k = 0;
  for (; k + 16 <= inputs; k += 16) {
    const __m128i bytes = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(x + k)), order);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + k), _mm256_sub_epi16(_mm256_cvtepi8_epi16(bytes), zero));
  }
  for (; k < inputs; k += kPackedInputs) {
    for (size_t i = 0; i < kPackedInputs; ++i) {
      const size_t place = i == 1 ? 2 : i == 2 ? 1 : i;
      to[k + place] = k + i < inputs ? static_cast<int16_t>(x[k + i] - zero_point) : int16_t{0};
    }
  }
}

void Multiply(const int8_t* x, const RowQuant* params, size_t rows, size_t inputs, const uint8_t* packed,
              size_t columns, float* y, size_t y_stride, void*) {
  constexpr decltype(&Tile<1>) kTiles[kTileRows] = {Tile<1>, Tile<2>, Tile<3>, Tile<4>};
  alignas(32) int16_t wide[kBufferInputs];
  const size_t padded = PackedRow(inputs), block_bytes = PackedBlockBytes(inputs);
  const size_t most = kBufferInputs / padded < kRowsAtOnce ? kBufferInputs / padded : kRowsAtOnce;
  // Parts, and tiles, of about the same height: 5 rows are 3 and 2, not 4 and 1.
  const size_t parts = (rows + most - 1) / most;
  for (size_t p = 0, done = 0; p < parts; ++p) {
    const size_t part = rows * (p + 1) / parts - done;
    for (size_t r = 0; r < part; ++r) {
      WidenRow(x + (done + r) * inputs, inputs, params[done + r].zero_point, wide + r * padded);
    }
    const size_t tiles = (part + kTileRows - 1) / kTileRows;
    const size_t ahead_step = (kStepBytes + tiles - 1) / tiles;
    const uint8_t* block = packed;
    for (size_t column = 0; column < columns; column += kPackedColumns, block += block_bytes) {
      const uint8_t* ahead = block + (tiles == 1 ? kAheadBytes : block_bytes);
      for (size_t t = 0, first = 0; t < tiles; ++t) {
        const size_t end = part * (t + 1) / tiles;
        kTiles[end - first - 1](wide + first * padded, padded, params + done + first, block, columns - column,
                                y + (done + first) * y_stride + column, y_stride, ahead, ahead_step);
        ahead += padded / kPackedInputs * ahead_step;
        first = end;
      }
    }
    done += part;
  }
}

}  // namespace

const Int8Product& Avx2Int8Product() {
  static constexpr Int8Product kProduct = {"avx2", kMaxInputs, true, Multiply};
  return kProduct;
}

}  // namespace pbert
