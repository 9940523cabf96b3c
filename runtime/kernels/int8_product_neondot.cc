// int8 products with SDOT (ARMv8.2: phones since 2018, Raspberry Pi 5): tiles of up to 5 rows by 16 columns.
//
// All rows meet a block of 16 columns before the next block is touched, and the last tile fetches what comes behind the
// block, so that the weights are read from memory once.
//
// A tile of 5 rows by 16 columns: 20 vectors of sums, 5 with 16 inputs of each row, and 2 pairs with weights of 4
// inputs by 8 columns: 29 of 32 registers. Each SDOT takes its 4 inputs from a lane, so nothing is spread. Loads stand
// where an in-order core wants them: a pair of weights is loaded a group of SDOTs ahead of its use, a row's inputs
// right behind their last one. (6 rows leave no registers for that.) The instructions are written one by one, because a
// compiler would move the loads together and run out of registers; it still chooses the registers.
//
// Disassembled (g++ 12, clang 19): for 16 inputs of 5 rows 80 SDOT, 8 LDP, 5 LDR, 4 PRFM where the next block is
// fetched, and 5 to 7 for the loop; no spills.
#include "kernels/int8_product.h"
#include "kernels/int8_product_tables.h"
#include "kernels/neon_product_impl.h"

namespace pbert {
namespace {

template <size_t kLane>
PBERT_INLINE void Dot(int32x4_t* sum, int8x16_t weights, int8x16_t x) {
  asm volatile("sdot %0.4s, %1.16b, %2.4b[%3]" : "+w"(*sum) : "w"(weights), "w"(x), "i"(kLane));
}

inline constexpr size_t kDotTileRows = 5;

template <size_t kRows, bool kPrefetch>
PBERT_INLINE void DotTile(const ProductTileOperands& o) {
  constexpr size_t kVectors = kPackedColumns / 4, kChunk = 16;       // inputs a step
  constexpr size_t kGroups = kChunk / kPackedInputs * kVectors / 2;  // of two vectors of weights
  constexpr size_t kAhead = kRows > 2 ? 1 : 3;                       // groups whose weights are being loaded
  const size_t inputs = o.inputs;
  RowQuant quant[kRows];  // read before anything is written: a compiler cannot know that y is elsewhere
  Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA { quant[r] = o.params[r]; });
  int32x4_t sum[kRows][kVectors];
  Repeat<kVectors>([&](auto c) PBERT_INLINE_LAMBDA {
    const int32x4_t minus_weights = vld1q_s32(reinterpret_cast<const int32_t*>(o.block) + 4 * c);
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA { sum[r][c] = vmulq_n_s32(minus_weights, quant[r].zero_point); });
  });

  const uint8_t* w = o.block + kPackedColumns * sizeof(int32_t);
  size_t k = 0;
  if (inputs >= kChunk) {
    const size_t last = inputs / kChunk * kChunk - kChunk;
    const uint8_t* ahead = w + o.block_bytes;
    const int8_t* rows[kRows];
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA { rows[r] = o.x + r * inputs; });
    int8x16_t x[kRows], weights[kAhead + 1][2];
    Repeat<kAhead + 1>([&](auto g) PBERT_INLINE_LAMBDA {
      weights[g][0] = Anything(), weights[g][1] = Anything();
      if constexpr (g < kAhead) LoadPairAt<32 * g>(w, weights[g]);
    });
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      x[r] = Anything();
      LoadAt(rows[r], &x[r]);
    });
    for (bool more = true; more;) {
      more = k != last;
      // The next step's inputs; in the last one the same again, which nobody uses. The weights that are loaded last
      // belong to the next step as well: behind a block's weights its scales are still there to be read.
      const size_t next = more ? k + kChunk : k;
      Repeat<kGroups>([&](auto g) PBERT_INLINE_LAMBDA {
        constexpr size_t kLane = g / 2, kFirst = g % 2 * 2;
        LoadPairAt<32 * (g + kAhead)>(w, weights[(g + kAhead) % (kAhead + 1)]);
        Repeat<2 * kRows>([&](auto i) PBERT_INLINE_LAMBDA {
          constexpr size_t kRow = i % kRows, kColumn = i / kRows;
          if constexpr (kPrefetch && g % 2 == 0 && i == 2 * kRows - 1) Prefetch<32 * g>(ahead);
          Dot<kLane>(&sum[kRow][kFirst + kColumn], weights[g % (kAhead + 1)][kColumn], x[kRow]);
          if constexpr (g + 1 == kGroups && kColumn == 1) LoadAt(rows[kRow], next, &x[kRow]);
        });
      });
      w += kGroups * 32;
      ahead += kGroups * 32;
      k = next;
    }
    k = last + kChunk;
  }
  for (; k < inputs; k += kPackedInputs, w += kPackedStep) {
    int32_t fours[kRows];
    LoadFewInputs(o.x, inputs, k, kRows, fours);
    Repeat<kVectors>([&](auto c) PBERT_INLINE_LAMBDA {
      int8x16_t weights = Anything();
      LoadAt<16 * c>(w, &weights);
      Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
        Dot<0>(&sum[r][c], weights, vreinterpretq_s8_s32(vld1q_dup_s32(fours + r)));
      });
    });
  }
  Repeat<kVectors>([&](auto c) PBERT_INLINE_LAMBDA {
    const Scaling scaling(w, 4 * c);
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      vst1q_f32(o.y + r * o.y_stride + 4 * c, scaling.Apply(sum[r][c], quant[r].scale));
    });
  });
}

template <size_t kRows, bool kPrefetch>
void DotTiles(ProductTileOperands o, size_t count) {
  for (; count > 0; --count, o.Advance(kRows)) DotTile<kRows, kPrefetch>(o);
}

// Rows of a whole block, in tiles of about the same height: 8 rows are 4 and 4, not 5 and 3. The last tile fetches what
// comes behind the block.
void DotRows(ProductTileOperands o, size_t rows) {
  using Function = void (*)(ProductTileOperands, size_t);
  static constexpr Function kLast[] = {nullptr,           DotTiles<1, true>, DotTiles<2, true>,
                                       DotTiles<3, true>, DotTiles<4, true>, DotTiles<5, true>};
  // Of several tiles none has less than 3 rows.
  static constexpr Function kOthers[] = {nullptr,           nullptr, nullptr, DotTiles<3, false>, DotTiles<4, false>,
                                         DotTiles<5, false>};
  const size_t tiles = (rows + kDotTileRows - 1) / kDotTileRows;
  const size_t height = rows / tiles, higher = rows % tiles, others = tiles - higher - 1;
  if (higher > 0) kOthers[height + 1](o, higher);
  o.Advance(higher * (height + 1));
  if (others > 0) kOthers[height](o, others);
  o.Advance(others * height);
  kLast[height](o, 1);
}

void Multiply(const int8_t* x, const RowQuant* params, size_t rows, size_t inputs, const uint8_t* packed,
              size_t columns, float* y, size_t y_stride, void*) {
  ForEachBlock({x, params, inputs, packed, PackedBlockBytes(inputs), columns, y, y_stride}, rows, DotRows);
}

}  // namespace

const Int8Product& NeonDotInt8Product() {
  static constexpr Int8Product kProduct = {"neondot", SIZE_MAX, false, Multiply};
  return kProduct;
}

}  // namespace pbert
