// int8 products with WebAssembly's 128-bit vectors: tiles of up to 4 rows by 4 columns.
//
// i32x4.dot_i16x8 multiplies exactly. A vector of weights, widened as it is loaded, is 4 inputs of 2 columns; what it
// meets is a row's 4 inputs, twice, which were widened once, without their zero point, in scratch memory. So there is
// no shuffle in the loop; a sum is half of a column's.
//
// V8 gives out 15 registers on x86, and within an iteration it does all loads first: 8 vectors of sums, 2 of weights
// and 4 of inputs fit. It unrolls a short loop itself, each copy for itself. A loop that is unrolled here, or a tile of
// more than 4 rows, is one iteration of too many loads, spills, and was up to a quarter slower. The loop has no counter
// beside its addresses, because each copy would count again.
//
// Some rows meet all columns before the next ones are widened.
#include <wasm_simd128.h>

#include "kernels/int8_product.h"
#include "kernels/int8_product_tables.h"
#include "kernels/vector_impl.h"

namespace pbert {
namespace {

constexpr size_t kTileRows = 4;
constexpr size_t kRowsAtOnce = 4 * kTileRows;
// 4 columns take a quarter of each cache line of a block, so the lines have to stay in L1 for the other three: 16 KB.
constexpr size_t kStepsAtOnce = 256;
constexpr size_t kStepBytes = kPackedColumns * kPackedInputs;

size_t AtOnce(size_t rows) { return rows < kRowsAtOnce ? rows : kRowsAtOnce; }

size_t ScratchBytes(size_t rows, size_t inputs) { return AtOnce(rows) * PackedRow(inputs) * sizeof(int16_t); }

struct Operands {
  const int16_t* x;  // rows of `padded` inputs
  size_t padded;
  const RowQuant* params;
  const uint8_t* block;
  size_t columns;  // of the block, and behind it
  float* y;
  size_t y_stride;
};

PBERT_INLINE v128_t AddProducts(v128_t sum, v128_t x, v128_t weights) {
  return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(x, weights));
}

// Sums of a tile's products, in halves: of the first and of the last 2 of 4 columns.
template <size_t kRows>
struct Sums {
  v128_t first[kRows], second[kRows];
};

// Adds what `steps` times 4 inputs give for 4 columns.
template <size_t kRows>
PBERT_INLINE void AddSteps(const int16_t* x, const uint8_t* w, size_t steps, Sums<kRows>* sums) {
  Sums<kRows> s = *sums;
  for (const int16_t* const end = x + steps * kRows * kPackedInputs; x != end;
       x += kRows * kPackedInputs, w += kStepBytes) {
    const v128_t a = wasm_i16x8_load8x8(w), b = wasm_i16x8_load8x8(w + 8);
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      const v128_t four = wasm_v128_load64_splat(x + r * kPackedInputs);
      s.first[r] = AddProducts(s.first[r], four, a);
      s.second[r] = AddProducts(s.second[r], four, b);
    });
  }
  *sums = s;
}

template <size_t kRows>
void Tile(const Operands& o) {
  constexpr size_t kGroups = kPackedColumns / 4;
  const size_t steps = o.padded / kPackedInputs;
  const uint8_t* const weights = o.block + kPackedColumns * sizeof(int32_t);
  const float* tail = reinterpret_cast<const float*>(weights + steps * kStepBytes);
  Sums<kRows> sums[kGroups];
  for (Sums<kRows>& s : sums) {
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA { s.first[r] = s.second[r] = wasm_i32x4_splat(0); });
  }
  for (size_t begin = 0; begin < steps; begin += kStepsAtOnce) {
    const size_t now = steps - begin < kStepsAtOnce ? steps - begin : kStepsAtOnce;
    for (size_t g = 0; g < kGroups && 4 * g < o.columns; ++g) {
      AddSteps<kRows>(o.x + begin * kRows * kPackedInputs, weights + begin * kStepBytes + 16 * g, now, &sums[g]);
    }
  }
  for (size_t g = 0; g < kGroups && 4 * g < o.columns; ++g) {
    const size_t column = 4 * g, left = o.columns - column;
    const v128_t scales = wasm_v128_load(tail + column), bias = wasm_v128_load(tail + kPackedColumns + column);
    Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
      const v128_t first = sums[g].first[r], second = sums[g].second[r];
      const v128_t sum =
          wasm_i32x4_add(wasm_i32x4_shuffle(first, second, 0, 2, 4, 6), wasm_i32x4_shuffle(first, second, 1, 3, 5, 7));
      const v128_t real = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sum), wasm_f32x4_splat(o.params[r].scale));
      const v128_t result = wasm_f32x4_add(wasm_f32x4_mul(real, scales), bias);
      float* y = o.y + r * o.y_stride + column;
      if (left >= 4) {
        wasm_v128_store(y, result);
      } else {
        float four[4];
        wasm_v128_store(four, result);
        for (size_t i = 0; i < left; ++i) y[i] = four[i];
      }
    });
  }
}

PBERT_INLINE v128_t Widen(const int8_t* eight, v128_t zero) { return wasm_i16x8_sub(wasm_i16x8_load8x8(eight), zero); }

// A row without its zero point, 4 inputs every `step` numbers. What fills the last 4 up meets weights of zero.
void WidenRow(const int8_t* x, size_t inputs, int32_t zero_point, int16_t* to, size_t step) {
  const v128_t zero = wasm_i16x8_splat(static_cast<int16_t>(zero_point));
  size_t k = 0;
  for (; k + 8 <= inputs; k += 8, to += 2 * step) {
    const v128_t wide = Widen(x + k, zero);
    wasm_v128_store64_lane(to, wide, 0);
    wasm_v128_store64_lane(to + step, wide, 1);
  }
  if (k < inputs) {
    int8_t last[8] = {};
    __builtin_memcpy(last, x + k, inputs - k);
    const v128_t wide = Widen(last, zero);
    wasm_v128_store64_lane(to, wide, 0);
    if (inputs - k > kPackedInputs) wasm_v128_store64_lane(to + step, wide, 1);
  }
}

void Multiply(const int8_t* x, const RowQuant* params, size_t rows, size_t inputs, const uint8_t* packed,
              size_t columns, float* y, size_t y_stride, void* scratch) {
  using Function = void (*)(const Operands&);
  constexpr Function kTiles[kTileRows] = {Tile<1>, Tile<2>, Tile<3>, Tile<4>};
  int16_t* const wide = static_cast<int16_t*>(scratch);
  const size_t padded = PackedRow(inputs), block_bytes = PackedBlockBytes(inputs);
  const size_t parts = (rows + kRowsAtOnce - 1) / kRowsAtOnce;
  for (size_t part = 0, first = 0; part < parts; ++part) {
    const size_t end = rows * (part + 1) / parts, height = end - first;
    const size_t tiles = (height + kTileRows - 1) / kTileRows;
    for (size_t t = 0, r = 0; t < tiles; ++t) {
      const size_t next = height * (t + 1) / tiles, tile_rows = next - r;
      for (size_t i = 0; i < tile_rows; ++i) {
        WidenRow(x + (first + r + i) * inputs, inputs, params[first + r + i].zero_point,
                 wide + r * padded + i * kPackedInputs, tile_rows * kPackedInputs);
      }
      r = next;
    }
    const uint8_t* block = packed;
    for (size_t column = 0; column < columns; column += kPackedColumns, block += block_bytes) {
      for (size_t t = 0, r = 0; t < tiles; ++t) {
        const size_t next = height * (t + 1) / tiles;
        kTiles[next - r - 1]({wide + r * padded, padded, params + first + r, block, columns - column,
                              y + (first + r) * y_stride + column, y_stride});
        r = next;
      }
    }
    first = end;
  }
}

}  // namespace

const Int8Product& WasmSimdInt8Product() {
  static constexpr Int8Product kProduct = {"wasmsimd", SIZE_MAX, true, Multiply, ScratchBytes};
  return kProduct;
}

}  // namespace pbert
