// int8 products with VPDPBUSD on 256-bit registers: tiles of up to 6 rows by 16 columns, or of 1 or 2 rows by 48.
//
// The algorithm is that of int8_product_avx512vnni.cc, which explains it, in sixteen registers of half the width. It is
// a header because the tests compile it for a second encoding of the one instruction: processors with AVX-VNNI (VEX)
// are few, and emulators of them fewer, but AVX512VL with AVX512-VNNI (EVEX) computes the same.
//
// Instruction: kName, and Accumulate(sum, unsigned_bytes, signed_bytes), which returns the new sum. (It takes
// no pointer, or g++ 12 stores the sums at every step.)
#ifndef POCKETBERT_KERNELS_INT8_PRODUCT_VNNI256_IMPL_H_
#define POCKETBERT_KERNELS_INT8_PRODUCT_VNNI256_IMPL_H_

#include <immintrin.h>

#include "kernels/vnni_product_impl.h"

namespace pbert {
namespace {
namespace vnni256 {

constexpr size_t kTileRows = 6;
constexpr size_t kWideRows = 2;  // up to so many rows a tile has kWideBlocks blocks, to have enough sums in flight
constexpr size_t kWideBlocks = 3;
constexpr size_t kVectorBytes = 32;

PBERT_INLINE __m256i Load(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }

struct Operands {
  const int8_t* x;
  const RowQuant* params;
  const int32_t* sums;  // of x's rows
  size_t inputs;
  const uint8_t* packed;
  size_t block_bytes;
  size_t columns;  // to be written: some of the last block's may not be there
  float* y;
  size_t y_stride;
};

template <typename Instruction, size_t kRows, size_t kBlocks>
void Tile(const Operands& o) {
  constexpr size_t kVectors = 2 * kBlocks;
  const size_t inputs = o.inputs, block_bytes = o.block_bytes;
  // Where vector v of something that every block has is.
  const auto at = [&](const uint8_t* first, size_t v)
                      PBERT_INLINE_LAMBDA { return first + v / 2 * block_bytes + v % 2 * kVectorBytes; };
  __m256i sum[kRows][kVectors];
  Repeat<kVectors>([&](auto v) PBERT_INLINE_LAMBDA {
    const __m256i minus_weights = Load(at(o.packed, v));
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      sum[r][v] = _mm256_sub_epi32(_mm256_mullo_epi32(minus_weights, _mm256_set1_epi32(o.params[r].zero_point)),
                                   _mm256_slli_epi32(_mm256_set1_epi32(o.sums[r]), 7));
    });
  });

  const __m256i flip = _mm256_set1_epi8(-128);
  const uint8_t* w = o.packed + kPackedColumns * sizeof(int32_t);
  auto step = [&](auto load) PBERT_INLINE_LAMBDA {
    Repeat<kBlocks>([&](auto b) PBERT_INLINE_LAMBDA {
      _mm_prefetch(reinterpret_cast<const char*>(w + (b + kBlocks) * block_bytes), _MM_HINT_T1);
    });
    if constexpr (kRows <= kWideRows) {  // the fewer of the two stay in registers
      __m256i x[kRows];
      Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA { x[r] = _mm256_set1_epi32(load(r)); });
      Repeat<kVectors>([&](auto v) PBERT_INLINE_LAMBDA {
        const __m256i weights = _mm256_xor_si256(Load(at(w, v)), flip);
        Repeat<kRows>([&](auto r)
                          PBERT_INLINE_LAMBDA { sum[r][v] = Instruction::Accumulate(sum[r][v], weights, x[r]); });
      });
    } else {
      __m256i weights[kVectors];
      Repeat<kVectors>([&](auto v) PBERT_INLINE_LAMBDA { weights[v] = _mm256_xor_si256(Load(at(w, v)), flip); });
      Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
        const __m256i x = _mm256_set1_epi32(load(r));
        Repeat<kVectors>([&](auto v)
                             PBERT_INLINE_LAMBDA { sum[r][v] = Instruction::Accumulate(sum[r][v], weights[v], x); });
      });
    }
    w += kStepBytes;
  };
  ForEachStep(o.x, inputs, step);

  const __m256i columns = _mm256_set1_epi32(static_cast<int>(o.columns < 8 * kVectors ? o.columns : 8 * kVectors));
  Repeat<kVectors>([&](auto v) PBERT_INLINE_LAMBDA {
    constexpr int kFirst = v * 8;
    const __m256i places =
        _mm256_setr_epi32(kFirst, kFirst + 1, kFirst + 2, kFirst + 3, kFirst + 4, kFirst + 5, kFirst + 6, kFirst + 7);
    const __m256i mask = _mm256_cmpgt_epi32(columns, places);
    const __m256 scales = _mm256_castsi256_ps(Load(at(w, v)));
    const __m256 bias = _mm256_castsi256_ps(Load(at(w, v) + kPackedColumns * sizeof(float)));
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      const __m256 real = _mm256_mul_ps(_mm256_cvtepi32_ps(sum[r][v]), _mm256_set1_ps(o.params[r].scale));
      _mm256_maskstore_ps(o.y + r * o.y_stride + kFirst, mask, _mm256_add_ps(_mm256_mul_ps(real, scales), bias));
    });
  });
}

template <typename Instruction>
int32_t Sum(const int8_t* x, size_t count) {
  const __m256i ones = _mm256_set1_epi8(1);
  __m256i sums = _mm256_setzero_si256();
  size_t k = 0;
  for (; k + kVectorBytes <= count; k += kVectorBytes) sums = Instruction::Accumulate(sums, ones, Load(x + k));
  alignas(32) int32_t lanes[8];
  _mm256_store_si256(reinterpret_cast<__m256i*>(lanes), sums);
  int32_t sum = 0;
  for (const int32_t lane : lanes) sum += lane;
  for (; k < count; ++k) sum += x[k];
  return sum;
}

using TileFunction = void (*)(const Operands&);

template <typename Instruction>
constexpr TileFunction kTiles[kTileRows] = {Tile<Instruction, 1, 1>, Tile<Instruction, 2, 1>, Tile<Instruction, 3, 1>,
                                            Tile<Instruction, 4, 1>, Tile<Instruction, 5, 1>, Tile<Instruction, 6, 1>};
template <typename Instruction>
constexpr TileFunction kWideTiles[kWideRows] = {Tile<Instruction, 1, kWideBlocks>, Tile<Instruction, 2, kWideBlocks>};

template <typename Instruction>
void Multiply(const int8_t* x, const RowQuant* params, size_t rows, size_t inputs, const uint8_t* packed,
              size_t columns, float* y, size_t y_stride, void*) {
  const size_t block_bytes = PackedBlockBytes(inputs);
  int32_t sums[kRowsAtOnce];
  while (rows > 0) {
    const size_t part = rows < kRowsAtOnce ? rows : kRowsAtOnce;
    for (size_t r = 0; r < part; ++r) sums[r] = Sum<Instruction>(x + r * inputs, inputs);
    const size_t tiles = (part + kTileRows - 1) / kTileRows;
    size_t width;
    for (size_t column = 0; column < columns; column += width) {
      const size_t left = columns - column;
      const bool wide = part <= kWideRows && left > (kWideBlocks - 1) * kPackedColumns;
      width = wide ? kWideBlocks * kPackedColumns : kPackedColumns;
      const TileFunction* functions = wide ? kWideTiles<Instruction> : kTiles<Instruction>;
      Operands o = {x,           params, sums,       inputs,  packed + column / kPackedColumns * block_bytes,
                    block_bytes, left,   y + column, y_stride};
      ForEachTile(part, tiles, [&](size_t, size_t first, size_t height) {
        o.x = x + first * inputs;
        o.params = params + first;
        o.sums = sums + first;
        o.y = y + column + first * y_stride;
        functions[height - 1](o);
      });
    }
    rows -= part;
    x += part * inputs;
    params += part;
    y += part * y_stride;
  }
}

template <typename Instruction>
constexpr Int8Product kProduct = {Instruction::kName, SIZE_MAX, false, Multiply<Instruction>};

}  // namespace vnni256
}  // namespace
}  // namespace pbert

#endif  // POCKETBERT_KERNELS_INT8_PRODUCT_VNNI256_IMPL_H_
