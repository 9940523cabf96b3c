// int8 products for 64-bit ARM without dot products (Raspberry Pi 3 and 4, Zero 2 W): tiles of 2 rows by 16 columns.
//
// SMULL gives 8 products of 16 bits, SMLAL adds 8 more to them, SADALP adds neighbours to sums of 32 bits: 3
// instructions for 16 products. Two products fit into 16 bits, because no weight is -128 (else their sum would wrap).
// A block's vector holds 4 inputs of 4 columns, so a row's 4 inputs are spread to all four places, and a sum of 32 bits
// is half of a column's.
//
// 16 vectors of sums, 8 of products, 4 of weights and 4 of inputs take all 32 registers. While a group of products is
// begun the one before it is summed up, and everything is loaded 8 instructions or more before its use, because these
// cores are in order, or nearly, and each of the three takes 4 to 6 cycles. (As in int8_product_neondot.cc the order is
// ours and the registers are the compiler's.)
//
// Disassembled (g++ 12, clang 19), 8 inputs of 2 rows by 16 columns: 16 SMULL, 16 SMLAL, 16 SADALP, 4 LDP of weights, 2
// LDP and 4 DUP for the inputs, 3 for the loop, and 2 PRFM and an ADD where the next block is fetched; no spills.
#include "kernels/int8_product.h"
#include "kernels/int8_product_tables.h"

#ifdef __aarch64__
#include "kernels/neon_product_impl.h"

namespace pbert {
namespace {

constexpr size_t kTileRows = 2;
constexpr size_t kChunk = 8;                     // inputs a step: two of a block
constexpr size_t kVectors = kPackedColumns / 4;  // of a block, for 4 inputs

// The next 8 inputs of a row. (By integer registers, because LD1R can only move its pointer on, for which the next one
// waits.)
struct Inputs {
  uint32_t fours[2];

  PBERT_INLINE void Load(const int8_t** x) {
    asm volatile("ldp %w0, %w1, [%2], #8" : "=r"(fours[0]), "=r"(fours[1]), "+r"(*x) : : "memory");
  }
};
// Four inputs, four times over.
PBERT_INLINE void Spread(uint32_t four, int8x16_t* v) { asm volatile("dup %0.4s, %w1" : "+w"(*v) : "r"(four)); }

template <size_t kHigh>
PBERT_INLINE void Product(int8x16_t w, int8x16_t x, int16x8_t* products) {
  if constexpr (kHigh == 0) asm volatile("smull %0.8h, %1.8b, %2.8b" : "+w"(*products) : "w"(w), "w"(x));
  if constexpr (kHigh == 1) asm volatile("smull2 %0.8h, %1.16b, %2.16b" : "+w"(*products) : "w"(w), "w"(x));
}
template <size_t kHigh>
PBERT_INLINE void AddProduct(int8x16_t w, int8x16_t x, int16x8_t* products) {
  if constexpr (kHigh == 0) asm volatile("smlal %0.8h, %1.8b, %2.8b" : "+w"(*products) : "w"(w), "w"(x));
  if constexpr (kHigh == 1) asm volatile("smlal2 %0.8h, %1.16b, %2.16b" : "+w"(*products) : "w"(w), "w"(x));
}
PBERT_INLINE void AddPairs(int16x8_t products, int32x4_t* sum) {
  asm volatile("sadalp %0.4s, %1.8h" : "+w"(*sum) : "w"(products));
}

// Whole columns' sums from those of their halves, over the first.
PBERT_INLINE void JoinHalves(int32x4_t* sum, int32x4_t second) {
  asm volatile("addp %0.4s, %0.4s, %1.4s" : "+w"(*sum) : "w"(second));
}

template <size_t kRows>
struct MlalTile {
  int32x4_t sum[kRows][2 * kVectors];  // [.][2 * c + h]: columns 4 * c + 2 * h and the next, in halves
  int8x16_t x[kRows][2];               // 4 inputs each
  int8x16_t weights[2][2];             // of 4 inputs each: of two groups of 4 columns
  int16x8_t products[2][kRows][2];     // of a group and the one before
};

// A step: a group of products for each 4 columns. They are summed up in the next group, the last ones in the next step.
// kFirst: there is nothing to add to yet. kMore: there is a next step.
template <bool kFirst, bool kMore, bool kPrefetch, size_t kRows>
PBERT_INLINE void Step(MlalTile<kRows>* t, const int8_t** rows, const uint8_t* w, const uint8_t* ahead) {
  Inputs next[kRows];
  Repeat<kVectors>([&](auto c) PBERT_INLINE_LAMBDA {
    constexpr size_t kNow = c % 2, kBefore = 1 - kNow, kColumnsBefore = (c + kVectors - 1) % kVectors;
    constexpr size_t kNextWeights = c + 1 < kVectors ? 16 * (c + 1) : 2 * kPackedStep;
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      Product<0>(t->weights[0][kNow], t->x[r][0], &t->products[kNow][r][0]);
      Product<1>(t->weights[0][kNow], t->x[r][0], &t->products[kNow][r][1]);
    });
    if constexpr (kNow == 1 && (kMore || c + 1 < kVectors)) LoadPairAt<kNextWeights>(w, t->weights[0]);
    if constexpr (kMore && c < kRows) next[c].Load(&rows[c]);
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      if constexpr (kMore && c + 1 == kVectors) Spread(next[r].fours[0], &t->x[r][0]);
      if constexpr (!kFirst) {
        AddPairs(t->products[kBefore][r][0], &t->sum[r][2 * kColumnsBefore]);
        AddPairs(t->products[kBefore][r][1], &t->sum[r][2 * kColumnsBefore + 1]);
      } else if constexpr (c > 0) {
        t->sum[r][2 * kColumnsBefore] = vpaddlq_s16(t->products[kBefore][r][0]);
        t->sum[r][2 * kColumnsBefore + 1] = vpaddlq_s16(t->products[kBefore][r][1]);
      }
    });
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      AddProduct<0>(t->weights[1][kNow], t->x[r][1], &t->products[kNow][r][0]);
      AddProduct<1>(t->weights[1][kNow], t->x[r][1], &t->products[kNow][r][1]);
    });
    if constexpr (kPrefetch && kNow == 0) Prefetch<c / 2 * kPackedStep>(ahead);
    if constexpr (kNow == 1 && (kMore || c + 1 < kVectors)) LoadPairAt<kNextWeights + kPackedStep>(w, t->weights[1]);
    if constexpr (kMore && c + 1 == kVectors) {
      Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA { Spread(next[r].fours[1], &t->x[r][1]); });
    }
  });
}

template <size_t kRows>
PBERT_INLINE void LoadWeights(MlalTile<kRows>* t, const uint8_t* w) {
  LoadPairAt<0>(w, t->weights[0]);
  LoadPairAt<kPackedStep>(w, t->weights[1]);
}

template <size_t kRows, bool kPrefetch>
PBERT_INLINE void ComputeTile(const ProductTileOperands& o) {
  const size_t inputs = o.inputs;
  MlalTile<kRows> t;
  Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
    Repeat<2 * kVectors>([&](auto c) PBERT_INLINE_LAMBDA { t.sum[r][c] = vdupq_n_s32(0); });
    Repeat<2>([&](auto h) PBERT_INLINE_LAMBDA {
      t.products[0][r][h] = vreinterpretq_s16_s8(Anything()), t.products[1][r][h] = vreinterpretq_s16_s8(Anything());
      t.x[r][h] = Anything();
    });
  });
  Repeat<2>([&](auto i) PBERT_INLINE_LAMBDA { t.weights[i][0] = Anything(), t.weights[i][1] = Anything(); });

  const uint8_t* w = o.block + kPackedColumns * sizeof(int32_t);
  size_t k = 0;
  if (inputs >= 2 * kChunk) {
    const uint8_t* ahead = w + o.block_bytes;
    const int8_t* rows[kRows];
    LoadWeights(&t, w);
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      rows[r] = o.x + r * inputs;
      Inputs first;
      first.Load(&rows[r]);
      Spread(first.fours[0], &t.x[r][0]);
      Spread(first.fours[1], &t.x[r][1]);
    });
    Step<true, true, kPrefetch>(&t, rows, w, ahead);
    for (size_t left = inputs / kChunk - 2; left > 0; --left) {
      w += 2 * kPackedStep;
      ahead += 2 * kPackedStep;
      Step<false, true, kPrefetch>(&t, rows, w, ahead);
    }
    w += 2 * kPackedStep;
    Step<false, false, false>(&t, rows, w, w);
    w += 2 * kPackedStep;
    k = inputs / kChunk * kChunk;
  } else {
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA { t.products[1][r][0] = t.products[1][r][1] = vdupq_n_s16(0); });
  }
  // What is left, filled up with zeros; behind the weights of a block its scales are there to be read.
  for (; k < inputs; k += kChunk, w += 2 * kPackedStep) {
    int32_t fours[2][kRows];
    LoadWeights(&t, w);
    LoadFewInputs(o.x, inputs, k, kRows, fours[0]);
    LoadFewInputs(o.x, inputs, k + kPackedInputs, kRows, fours[1]);
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      t.x[r][0] = vreinterpretq_s8_s32(vld1q_dup_s32(&fours[0][r]));
      t.x[r][1] = vreinterpretq_s8_s32(vld1q_dup_s32(&fours[1][r]));
    });
    Step<false, false, false>(&t, static_cast<const int8_t**>(nullptr), w, w);
  }
  Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
    AddPairs(t.products[1][r][0], &t.sum[r][2 * kVectors - 2]);
    AddPairs(t.products[1][r][1], &t.sum[r][2 * kVectors - 1]);
  });

  const int32_t* minus_weights = reinterpret_cast<const int32_t*>(o.block);
  const uint8_t* tail = o.block + kPackedColumns * (sizeof(int32_t) + PackedRow(inputs));
  Repeat<kVectors>([&](auto c) PBERT_INLINE_LAMBDA {
    const int32x4_t minus = vld1q_s32(minus_weights + 4 * c);
    const Scaling scaling(tail, 4 * c);
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      int32x4_t& sum = t.sum[r][2 * c];
      JoinHalves(&sum, t.sum[r][2 * c + 1]);
      vst1q_f32(o.y + r * o.y_stride + 4 * c,
                scaling.Apply(vmlaq_n_s32(sum, minus, o.params[r].zero_point), o.params[r].scale));
    });
  });
}

// Aligned so that the loop of Steps does not straddle a page: an emulator that counts instructions would see two
// halves.
template <size_t kRows, bool kPrefetch>
__attribute__((noinline, aligned(1024))) void MlalTiles(ProductTileOperands o, size_t count) {
  for (; count > 0; --count, o.Advance(kRows)) ComputeTile<kRows, kPrefetch>(o);
}

// The last tile fetches what comes behind the block.
void MlalRows(ProductTileOperands o, size_t rows) {
  const size_t before = (rows - 1) / kTileRows;
  MlalTiles<kTileRows, false>(o, before);
  o.Advance(before * kTileRows);
  const auto last = rows % kTileRows == 0 ? MlalTiles<kTileRows, true> : MlalTiles<1, true>;
  last(o, 1);
}

void Multiply(const int8_t* x, const RowQuant* params, size_t rows, size_t inputs, const uint8_t* packed,
              size_t columns, float* y, size_t y_stride, void*) {
  ForEachBlock({x, params, inputs, packed, PackedBlockBytes(inputs), columns, y, y_stride}, rows, MlalRows);
}

}  // namespace

const Int8Product& NeonInt8Product() {
  static constexpr Int8Product kProduct = {"neon", SIZE_MAX, false, Multiply};
  return kProduct;
}

}  // namespace pbert

#endif  // __aarch64__
