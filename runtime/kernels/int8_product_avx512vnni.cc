// int8 products with AVX512-VNNI: tiles of up to 8 rows by 48 columns, held in registers.
//
// VPDPBUSD multiplies unsigned by signed bytes. The activations are signed, so the weights are made unsigned as they
// are loaded, w + 128 by flipping a bit: one flip serves all rows of a tile. What that adds, 128 * sum(x), is taken
// off beforehand, together with the zero point: the sums start at zero_point * -sum(w) - 128 * sum(x).
//
// All rows meet a panel of 48 columns before the next panel is touched, so that the weights are read from memory
// once; and while a panel is used the next one is fetched into L2, because with few rows the product waits for
// memory and the processor's own prefetching stops at every page. (Spread over the tiles that is 1 to 4 % faster from
// 32 rows on than all of it in the first one, on Zen 4.)
#include <immintrin.h>

// g++ 12 takes _mm512_undefined_ps for an oversight in its own header (GCC bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "kernels/int8_product.h"
#include "kernels/int8_product_tables.h"
#include "kernels/vnni_product_impl.h"

namespace pbert {
namespace {

constexpr size_t kTileRows = 8;
constexpr size_t kTileBlocks = 3;

// sum += weights * x, in place. By its intrinsic g++ 12 puts the result into another register and spills.
PBERT_INLINE void Accumulate(__m512i* sum, __m512i weights, __m512i x) {
  __asm__("vpdpbusd %2, %1, %0" : "+v"(*sum) : "v"(weights), "v"(x));
}

struct Operands {
  const int8_t* x;
  const RowQuant* params;
  const int32_t* sums;  // of x's rows
  size_t inputs;
  const uint8_t* packed;
  size_t block_bytes;
  const uint8_t* ahead;    // where this tile begins to fetch the next panel
  size_t ahead_step;       // and how far it goes on with each step
  __mmask16 last_columns;  // of the last block
  float* y;
  size_t y_stride;
};

template <size_t kRows, size_t kBlocks>
void Tile(const Operands& o) {
  const size_t inputs = o.inputs, block_bytes = o.block_bytes;
  __m512i sum[kRows][kBlocks];
  Repeat<kBlocks>([&](auto b) PBERT_INLINE_LAMBDA {
    const __m512i minus_weights = _mm512_loadu_si512(o.packed + b * block_bytes);
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      sum[r][b] = _mm512_sub_epi32(_mm512_mullo_epi32(minus_weights, _mm512_set1_epi32(o.params[r].zero_point)),
                                   _mm512_slli_epi32(_mm512_set1_epi32(o.sums[r]), 7));
    });
  });

  const __m512i flip = _mm512_set1_epi8(-128);
  const uint8_t* w = o.packed + kPackedColumns * sizeof(int32_t);
  const uint8_t* ahead = o.ahead;
  const size_t ahead_step = o.ahead_step;
  auto step = [&](auto load) PBERT_INLINE_LAMBDA {
    __m512i weights[kBlocks];
    Repeat<kBlocks>([&](auto b) PBERT_INLINE_LAMBDA {
      weights[b] = _mm512_xor_si512(_mm512_loadu_si512(w + b * block_bytes), flip);
      _mm_prefetch(reinterpret_cast<const char*>(ahead + b * block_bytes), _MM_HINT_T1);
    });
    ahead += ahead_step;
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      const __m512i x = _mm512_set1_epi32(load(r));
      Repeat<kBlocks>([&](auto b) PBERT_INLINE_LAMBDA { Accumulate(&sum[r][b], weights[b], x); });
    });
    w += kStepBytes;
  };
  ForEachStep(o.x, inputs, step);

  Repeat<kBlocks>([&](auto b) PBERT_INLINE_LAMBDA {
    const uint8_t* tail = w + b * block_bytes;
    const __m512 scales = _mm512_loadu_ps(tail);
    const __m512 bias = _mm512_loadu_ps(tail + kPackedColumns * sizeof(float));
    const __mmask16 columns = b + 1 == kBlocks ? o.last_columns : static_cast<__mmask16>(0xFFFF);
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      const __m512 real = _mm512_mul_ps(_mm512_cvtepi32_ps(sum[r][b]), _mm512_set1_ps(o.params[r].scale));
      _mm512_mask_storeu_ps(o.y + r * o.y_stride + b * kPackedColumns, columns,
                            _mm512_add_ps(_mm512_mul_ps(real, scales), bias));
    });
  });
}

using TileFunction = void (*)(const Operands&);

template <size_t kBlocks>
constexpr TileFunction kTiles[kTileRows] = {Tile<1, kBlocks>, Tile<2, kBlocks>, Tile<3, kBlocks>, Tile<4, kBlocks>,
                                            Tile<5, kBlocks>, Tile<6, kBlocks>, Tile<7, kBlocks>, Tile<8, kBlocks>};

int32_t Sum(const int8_t* x, size_t count) {
  const __m512i ones = _mm512_set1_epi8(1);
  __m512i sum = _mm512_setzero_si512();
  for (; count >= 64; count -= 64, x += 64) sum = _mm512_dpbusd_epi32(sum, ones, _mm512_loadu_si512(x));
  const __mmask64 rest = (uint64_t{1} << count) - 1;
  sum = _mm512_dpbusd_epi32(sum, ones, _mm512_maskz_loadu_epi8(rest, x));
  return _mm512_reduce_add_epi32(sum);
}

void Multiply(const int8_t* x, const RowQuant* params, size_t rows, size_t inputs, const uint8_t* packed,
              size_t columns, float* y, size_t y_stride, void*) {
  const size_t block_bytes = PackedBlockBytes(inputs);
  int32_t sums[kRowsAtOnce];
  for (; rows > 0;) {
    const size_t part = rows < kRowsAtOnce ? rows : kRowsAtOnce;
    for (size_t r = 0; r < part; ++r) sums[r] = Sum(x + r * inputs, inputs);
    const size_t tiles = (part + kTileRows - 1) / kTileRows;
    // Many tiles fetch a part of the next panel each; few are in a hurry, and the first one fetches all of it.
    const size_t shares = tiles >= 4 ? tiles : 1;
    size_t blocks;
    for (size_t column = 0; column < columns; column += blocks * kPackedColumns) {
      const size_t left = (columns - column + kPackedColumns - 1) / kPackedColumns;
      blocks = left < kTileBlocks ? left : left == kTileBlocks + 1 ? 2 : kTileBlocks;  // 2 + 2 rather than 3 + 1
      const size_t last = columns - column - (blocks - 1) * kPackedColumns;
      Operands o = {x,
                    params,
                    sums,
                    inputs,
                    packed + column / kPackedColumns * block_bytes,
                    block_bytes,
                    nullptr,
                    kStepBytes / shares,
                    static_cast<__mmask16>(last >= kPackedColumns ? 0xFFFF : (1u << last) - 1),
                    y + column,
                    y_stride};
      const TileFunction* functions = blocks == 3 ? kTiles<3> : blocks == 2 ? kTiles<2> : kTiles<1>;
      ForEachTile(part, tiles, [&](size_t t, size_t first, size_t height) {
        o.x = x + first * inputs;
        o.params = params + first;
        o.sums = sums + first;
        o.y = y + column + first * y_stride;
        o.ahead = o.packed + blocks * block_bytes + block_bytes * (t % shares) / shares;
        functions[height - 1](o);
      });
    }
    rows -= part;
    x += part * inputs;
    params += part;
    y += part * y_stride;
  }
}

}  // namespace

const Int8Product& Avx512VnniInt8Product() {
  static constexpr Int8Product kProduct = {"avx512vnni", SIZE_MAX, false, Multiply};
  return kProduct;
}

}  // namespace pbert
