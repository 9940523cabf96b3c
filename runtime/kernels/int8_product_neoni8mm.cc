// int8 products with SMMLA (i8mm: phones since 2022): tiles of up to 8 rows by 8 columns, in 16 vectors of sums.
//
// SMMLA multiplies 2 rows by 2 columns over 8 inputs, and wants the 8 inputs of both rows, and of both columns, side by
// side. The rows are paired so once, for all columns, in scratch memory. Two 16x4 steps of a block hold what it wants
// of the weights, but for a ZIP: the first tile of rows zips them as it goes and, if more tiles follow, leaves them in
// a panel of 8 columns, from which the others read. All rows meet a block before the next one is touched, and the first
// tile fetches what comes behind the block, so that the weights are read from memory once; only where the paired rows
// would not stay in L2 (64 of 3,072 inputs) they come in several lots, and the weights again for each.
//
// A few rows, and an odd one, are left to SDOT (int8_product_neondot.cc): half of an SMMLA would be wasted on one row,
// and with three rows there is nothing to gain.
//
// Out of a block 16 vectors of sums, 8 of rows, 4 of zipped weights and 4 of a block's take all 32 registers.
// Disassembled (g++ 12, clang 19), 8 inputs of 8 rows by 8 columns: from a panel 16 SMMLA, 4 LDP and 2 for the loop;
// out of a block 4 ZIP, a PRFM and 3 that stop at the matrix's end more, and into a panel 2 STP and an ADD; no spills.
// As in int8_product_neondot.cc the instructions stand where an in-order core wants them: rows are loaded a step ahead
// of their use and a panel half a step, a block's weights a quarter of one.
#include "kernels/int8_product.h"
#include "kernels/int8_product_tables.h"
#include "kernels/neon_product_impl.h"

namespace pbert {
namespace {

constexpr size_t kTilePairs = 4, kTileRows = 2 * kTilePairs;
constexpr size_t kTileColumns = 8;
constexpr size_t kMmlaInputs = 8;
constexpr size_t kPairBytes = 2 * kMmlaInputs;             // of two rows, or columns, a step
constexpr size_t kPanelStep = kTileColumns * kMmlaInputs;  // bytes of a panel, a step
constexpr size_t kReadAhead = 2 * kPanelStep;              // a step is loaded, or left in the panel, that is not used
constexpr size_t kPairedBytes = 192 * 1024;                // of rows that meet a block: they have to stay in L2
constexpr size_t kFewestRows = 4;

constexpr size_t Steps(size_t inputs) { return (inputs + kMmlaInputs - 1) / kMmlaInputs; }

// A multiple of a tile's, or all of them.
constexpr size_t RowsAtOnce(size_t rows, size_t inputs) {
  const size_t tiles = kPairedBytes / (Steps(inputs) * kMmlaInputs * kTileRows);
  const size_t most = (tiles == 0 ? 1 : tiles) * kTileRows;
  return rows < most ? rows : most;
}

size_t ScratchBytes(size_t rows, size_t inputs) {
  if (rows < kFewestRows) return 0;
  return Steps(inputs) * (RowsAtOnce(rows, inputs) * kMmlaInputs + kPanelStep) + 2 * kReadAhead;
}

PBERT_INLINE void Mmla(int32x4_t* sum, int8x16_t rows, int8x16_t columns) {
  asm volatile("smmla %0.4s, %1.16b, %2.16b" : "+w"(*sum) : "w"(rows), "w"(columns));
}
// Columns 0 and 1, or 2 and 3, of two steps of four inputs.
template <size_t kHigh>
PBERT_INLINE void Zip(int8x16_t first, int8x16_t second, int8x16_t* zipped) {
  if constexpr (kHigh == 0) asm volatile("zip1 %0.4s, %1.4s, %2.4s" : "+w"(*zipped) : "w"(first), "w"(second));
  if constexpr (kHigh == 1) asm volatile("zip2 %0.4s, %1.4s, %2.4s" : "+w"(*zipped) : "w"(first), "w"(second));
}
template <size_t kOffset>
PBERT_INLINE void StorePair(void* p, const int8x16_t* v) {
  asm volatile("stp %q0, %q1, [%2, %3]" : : "w"(v[0]), "w"(v[1]), "r"(p), "i"(kOffset) : "memory");
}

struct MmlaOperands {
  ProductTileOperands o;
  const int8_t* paired;  // o.x: [steps, pairs, 16]
  size_t half;           // the first of 8 columns: 0 or 8
  int8_t* panel;         // [steps, 8 columns, 8]

  PBERT_INLINE void Advance(size_t rows) {
    o.Advance(rows);
    paired += rows * Steps(o.inputs) * kMmlaInputs;
  }
};

// Where a tile's sums begin: at zero point times minus the sum of a column's weights. As SMMLA has them: 2 columns of a
// row, then the same of the next row.
template <size_t kPairs>
PBERT_INLINE void StartSums(const MmlaOperands& m, int32x4_t (*sum)[4]) {
  const int32_t* minus_weights = reinterpret_cast<const int32_t*>(m.o.block) + m.half;
  Repeat<kPairs>([&](auto r) PBERT_INLINE_LAMBDA {
    const RowQuant* params = m.o.params + 2 * r;
    const int32x4_t zero_points = vcombine_s32(vdup_n_s32(params[0].zero_point), vdup_n_s32(params[1].zero_point));
    Repeat<4>([&](auto c) PBERT_INLINE_LAMBDA {
      const int32x2_t two = vld1_s32(minus_weights + 2 * c);
      sum[r][c] = vmulq_s32(vcombine_s32(two, two), zero_points);
    });
  });
}

template <size_t kPairs>
PBERT_INLINE void StoreSums(const MmlaOperands& m, const int32x4_t (*sum)[4]) {
  const uint8_t* tail = m.o.block + kPackedColumns * (sizeof(int32_t) + PackedRow(m.o.inputs));
  float scales[2 * kPairs];  // read before anything is written: a compiler cannot know that y is elsewhere
  Repeat<2 * kPairs>([&](auto r) PBERT_INLINE_LAMBDA { scales[r] = m.o.params[r].scale; });
  Repeat<2>([&](auto q) PBERT_INLINE_LAMBDA {
    const Scaling scaling(tail, m.half + 4 * q);
    Repeat<kPairs>([&](auto r) PBERT_INLINE_LAMBDA {
      const int64x2_t a = vreinterpretq_s64_s32(sum[r][2 * q]), b = vreinterpretq_s64_s32(sum[r][2 * q + 1]);
      float* y = m.o.y + 2 * r * m.o.y_stride + m.half + 4 * q;
      vst1q_f32(y, scaling.Apply(vreinterpretq_s32_s64(vtrn1q_s64(a, b)), scales[2 * r]));
      vst1q_f32(y + m.o.y_stride, scaling.Apply(vreinterpretq_s32_s64(vtrn2q_s64(a, b)), scales[2 * r + 1]));
    });
  });
}

// A tile in registers: pairs of rows by 4 pairs of columns.
template <size_t kPairs>
struct MmlaTile {
  int32x4_t sum[kPairs][4];
  int8x16_t x[2][kPairs];  // of this step and of the next
  int8x16_t weights[4];

  PBERT_INLINE explicit MmlaTile(const MmlaOperands& m) {
    StartSums<kPairs>(m, sum);
    Repeat<kPairs>([&](auto r) PBERT_INLINE_LAMBDA { x[0][r] = Anything(), x[1][r] = Anything(); });
    Repeat<4>([&](auto c) PBERT_INLINE_LAMBDA { weights[c] = Anything(); });
    LoadRows<0, 0, 0>(m.paired);
    LoadRows<0, 1, 0>(m.paired);
  }

  // Of a step some steps ahead, pairs 2 * kHalf and 2 * kHalf + 1.
  template <size_t kInto, size_t kHalf, size_t kStep>
  PBERT_INLINE void LoadRows(const int8_t* rows) {
    constexpr size_t kOffset = (kStep * kPairs + 2 * kHalf) * kPairBytes;
    if constexpr (2 * kHalf + 1 < kPairs) {
      LoadPairAt<kOffset>(rows, x[kInto] + 2 * kHalf);
    } else if constexpr (2 * kHalf < kPairs) {
      LoadAt<kOffset>(rows, x[kInto] + 2 * kHalf);
    }
  }
};

// The products of a pair of columns.
template <size_t kNow, size_t kColumn, size_t kPairs>
PBERT_INLINE void Multiply(MmlaTile<kPairs>* t) {
  Repeat<kPairs>([&](auto r) PBERT_INLINE_LAMBDA { Mmla(&t->sum[r][kColumn], t->x[kNow][r], t->weights[kColumn]); });
}

// One step, and meanwhile what the next one needs.
template <size_t kNow, size_t kPairs>
PBERT_INLINE void PanelStep(MmlaTile<kPairs>* t, const int8_t* rows, const int8_t* panel) {
  constexpr size_t kNext = (kNow + 1) * kPanelStep;
  t->template LoadRows<1 - kNow, 0, kNow + 1>(rows);
  Multiply<kNow, 0>(t);
  t->template LoadRows<1 - kNow, 1, kNow + 1>(rows);
  Multiply<kNow, 1>(t);
  LoadPairAt<kNext>(panel, t->weights);
  Multiply<kNow, 2>(t);
  Multiply<kNow, 3>(t);
  LoadPairAt<kNext + 32>(panel, t->weights + 2);
}

template <size_t kPairs>
PBERT_INLINE void PanelTile(const MmlaOperands& m) {
  MmlaTile<kPairs> t(m);
  const int8_t *rows = m.paired, *panel = m.panel;
  LoadPairAt<0>(panel, t.weights);
  LoadPairAt<32>(panel, t.weights + 2);
  const size_t steps = Steps(m.o.inputs);
  for (size_t left = steps / 2; left > 0; --left) {
    PanelStep<0>(&t, rows, panel);
    PanelStep<1>(&t, rows, panel);
    rows += 2 * kPairs * kPairBytes;
    panel += 2 * kPanelStep;
  }
  if (steps % 2 != 0) PanelStep<0>(&t, rows, panel);
  StoreSums<kPairs>(m, t.sum);
}

// Tiles whose rows follow each other.
template <size_t kPairs>
void PanelTiles(MmlaOperands m, size_t count) {
  for (; count > 0; --count, m.Advance(2 * kPairs)) PanelTile<kPairs>(m);
}

// Weights as a block has them: of each 4 inputs 8 columns, two vectors.
struct BlockWeights {
  int8x16_t first[2] = {Anything(), Anything()}, second[2] = {Anything(), Anything()};

  PBERT_INLINE void Load(const uint8_t* w) {
    LoadPairAt<0>(w, first);
    LoadPairAt<kPackedStep>(w, second);
  }
};

template <size_t kColumn, bool kKeep, size_t kPairs>
PBERT_INLINE void ZipColumns(MmlaTile<kPairs>* t, const BlockWeights& w, int8_t* panel) {
  Zip<kColumn % 2>(w.first[kColumn / 2], w.second[kColumn / 2], &t->weights[kColumn]);
  if constexpr (kKeep && kColumn % 2 == 1) StorePair<kColumn / 2 * 32>(panel, t->weights + kColumn - 1);
}

// The same with the next step's weights out of a block, behind which `next` are loaded.
template <size_t kNow, bool kKeep, size_t kPairs>
PBERT_INLINE void BlockStep(MmlaTile<kPairs>* t, const int8_t* rows, BlockWeights* w, const uint8_t* next,
                            const uint8_t* ahead, int8_t* panel) {
  t->template LoadRows<1 - kNow, 0, kNow + 1>(rows);
  Multiply<kNow, 0>(t);
  ZipColumns<0, kKeep>(t, *w, panel);
  t->template LoadRows<1 - kNow, 1, kNow + 1>(rows);
  Multiply<kNow, 1>(t);
  ZipColumns<1, kKeep>(t, *w, panel);
  Prefetch<kNow * kPackedStep>(ahead);
  Multiply<kNow, 2>(t);
  ZipColumns<2, kKeep>(t, *w, panel);
  Multiply<kNow, 3>(t);
  ZipColumns<3, kKeep>(t, *w, panel);
  w->Load(next);
}

// Out of a block's weights. What is behind those of the last inputs meets zeros; it can be read, as a block ends with
// scales.
template <size_t kPairs, bool kKeep>
void BlockTile(const MmlaOperands& m) {
  MmlaTile<kPairs> t(m);
  const size_t steps = Steps(m.o.inputs);
  const int8_t* rows = m.paired;
  const uint8_t* w = m.o.block + kPackedColumns * sizeof(int32_t) + m.half * kPackedInputs;
  // The last step's weights are loaded again and again: the next ones may be outside of the matrix.
  const uint8_t* const last = w + (steps - 1) * 2 * kPackedStep;
  auto next = [&]() PBERT_INLINE_LAMBDA {
    w += 2 * kPackedStep;
    w = w < last ? w : last;
    return w;
  };
  // Both halves of a block fetch half of the next.
  const uint8_t* ahead = w + m.o.block_bytes + m.half / kTileColumns * steps * kPackedStep;
  int8_t* panel = m.panel;
  BlockWeights block;
  block.Load(w);
  Repeat<4>([&](auto c) PBERT_INLINE_LAMBDA { ZipColumns<c, kKeep>(&t, block, panel); });
  block.Load(next());
  for (size_t left = steps / 2; left > 0; --left) {
    BlockStep<0, kKeep>(&t, rows, &block, next(), ahead, panel + kPanelStep);
    panel += 2 * kPanelStep;
    BlockStep<1, kKeep>(&t, rows, &block, next(), ahead, panel);
    rows += 2 * kPairs * kPairBytes;
    ahead += 2 * kPackedStep;
  }
  if (steps % 2 != 0) BlockStep<0, kKeep>(&t, rows, &block, w, ahead, panel + kPanelStep);
  StoreSums<kPairs>(m, t.sum);
}

// The rows of a tile in pairs, filled up with zeros to whole steps.
void PairRows(const int8_t* x, size_t inputs, size_t pairs, int8_t* paired) {
  for (size_t r = 0; r < pairs; ++r) {
    const int8_t *first = x + 2 * r * inputs, *second = first + inputs;
    int8_t* to = paired + r * kPairBytes;
    size_t k = 0;
    for (; k + 16 <= inputs; k += 16, to += 2 * pairs * kPairBytes) {
      const int64x2_t a = vreinterpretq_s64_s8(vld1q_s8(first + k)), b = vreinterpretq_s64_s8(vld1q_s8(second + k));
      vst1q_s8(to, vreinterpretq_s8_s64(vzip1q_s64(a, b)));
      vst1q_s8(to + pairs * kPairBytes, vreinterpretq_s8_s64(vzip2q_s64(a, b)));
    }
    for (; k < inputs; k += kMmlaInputs, to += pairs * kPairBytes) {
      for (size_t i = 0; i < kMmlaInputs; ++i) {
        to[i] = k + i < inputs ? first[k + i] : int8_t{0};
        to[kMmlaInputs + i] = k + i < inputs ? second[k + i] : int8_t{0};
      }
    }
  }
}

// An even number of rows times a whole block.
PBERT_INLINE void MmlaRows(const ProductTileOperands& o, size_t rows, const int8_t* paired, int8_t* panel) {
  using Function = void (*)(const MmlaOperands&);
  static constexpr Function kBlockTiles[] = {BlockTile<1, false>, BlockTile<2, false>, BlockTile<3, false>,
                                             BlockTile<4, false>};
  static constexpr void (*kPanelTiles[])(MmlaOperands, size_t) = {nullptr, PanelTiles<1>, PanelTiles<2>, PanelTiles<3>};
  const size_t whole = rows / kTileRows, rest = rows % kTileRows;
  for (size_t half = 0; half < kPackedColumns; half += kTileColumns) {
    MmlaOperands m{o, paired, half, panel};
    if (rows <= kTileRows) {
      if (rows > 0) kBlockTiles[rows / 2 - 1](m);
      continue;
    }
    BlockTile<kTilePairs, true>(m);
    m.Advance(kTileRows);
    PanelTiles<kTilePairs>(m, whole - 1);
    m.Advance((whole - 1) * kTileRows);
    if (rest > 0) kPanelTiles[rest / 2](m, 1);
  }
}

void DotProduct(const ProductTileOperands& o, size_t rows) {
  NeonDotInt8Product().multiply(o.x, o.params, rows, o.inputs, o.block, o.columns, o.y, o.y_stride, nullptr);
}

void MultiplyAtOnce(const ProductTileOperands& all, size_t rows, void* scratch) {
  const size_t even = rows / 2 * 2, row_bytes = Steps(all.inputs) * kMmlaInputs;
  int8_t* paired = static_cast<int8_t*>(scratch);
  int8_t* panel = paired + even * row_bytes + kReadAhead;
  for (size_t r = 0; r < even; r += kTileRows) {
    const size_t height = even - r < kTileRows ? even - r : kTileRows;
    PairRows(all.x + r * all.inputs, all.inputs, height / 2, paired + r * row_bytes);
  }
  auto rows_of_block = [&](const ProductTileOperands& o, size_t now) PBERT_INLINE_LAMBDA {
    const size_t first = static_cast<size_t>(o.x - all.x) / all.inputs;
    MmlaRows(o, now / 2 * 2, paired + first * row_bytes, panel);
    if (now % 2 == 0) return;
    ProductTileOperands last = o;
    last.Advance(now - 1);
    if (last.columns > kPackedColumns) last.columns = kPackedColumns;
    DotProduct(last, 1);
  };
  ForEachBlock(all, rows, rows_of_block);
}

void Multiply(const int8_t* x, const RowQuant* params, size_t rows, size_t inputs, const uint8_t* packed,
              size_t columns, float* y, size_t y_stride, void* scratch) {
  ProductTileOperands o{x, params, inputs, packed, PackedBlockBytes(inputs), columns, y, y_stride};
  if (rows < kFewestRows) {
    DotProduct(o, rows);
    return;
  }
  const size_t most = RowsAtOnce(rows, inputs);
  for (size_t left = rows; left > 0;) {
    const size_t now = left < most ? left : most;
    MultiplyAtOnce(o, now, scratch);
    o.Advance(now);
    left -= now;
  }
}

}  // namespace

const Int8Product& NeonI8mmInt8Product() {
  static constexpr Int8Product kProduct = {"neoni8mm", SIZE_MAX, false, Multiply, ScratchBytes};
  return kProduct;
}

}  // namespace pbert
