// WebAssembly's 128-bit vectors: 4 floats. No fused multiplication; the products are rounded before they are added.
#include <wasm_simd128.h>

#include "kernels/table_impl.h"
#include "kernels/tables.h"

namespace pbert {
namespace {

struct V {
  using F = v128_t;
  static constexpr size_t kWidth = 4;
  // An engine on x86 without AVX has 16 registers for what is written here: 8 sums, 2 vectors, 1 spread float.
  static constexpr size_t kTileRows = 4, kTileVectors = 2;
  static constexpr bool kByLane = false, kInPairs = false;

  static PBERT_INLINE const float* Again(const float* p, F) { return p; }
  static PBERT_INLINE F Set(float x) { return wasm_f32x4_splat(x); }
  static PBERT_INLINE F Load(const float* p) { return wasm_v128_load(p); }
  static PBERT_INLINE F LoadPart(const float* p, size_t count, float fill) {
    return wasm_f32x4_make(count > 0 ? p[0] : fill, count > 1 ? p[1] : fill, count > 2 ? p[2] : fill,
                           count > 3 ? p[3] : fill);
  }
  static PBERT_INLINE void Store(float* p, F x) { wasm_v128_store(p, x); }
  static PBERT_INLINE void StorePart(float* p, F x, size_t count) {
    if (count > 0) p[0] = wasm_f32x4_extract_lane(x, 0);
    if (count > 1) p[1] = wasm_f32x4_extract_lane(x, 1);
    if (count > 2) p[2] = wasm_f32x4_extract_lane(x, 2);
    if (count > 3) p[3] = wasm_f32x4_extract_lane(x, 3);
  }
  static PBERT_INLINE F LoadInt8(const int8_t* p) {
    const v128_t words = wasm_i16x8_extend_low_i8x16(wasm_v128_load32_zero(p));
    return wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(words));
  }

  static PBERT_INLINE F Add(F a, F b) { return wasm_f32x4_add(a, b); }
  static PBERT_INLINE F Sub(F a, F b) { return wasm_f32x4_sub(a, b); }
  static PBERT_INLINE F Mul(F a, F b) { return wasm_f32x4_mul(a, b); }
  static PBERT_INLINE F Div(F a, F b) { return wasm_f32x4_div(a, b); }
  static PBERT_INLINE F Min(F a, F b) { return wasm_f32x4_min(a, b); }
  static PBERT_INLINE F Max(F a, F b) { return wasm_f32x4_max(a, b); }
  static PBERT_INLINE F Abs(F x) { return wasm_f32x4_abs(x); }
  static PBERT_INLINE F CopySign(F magnitude, F sign) {
    return wasm_v128_bitselect(sign, magnitude, wasm_i32x4_splat(static_cast<int32_t>(0x80000000u)));
  }
  static PBERT_INLINE F Fma(F a, F b, F c) { return wasm_f32x4_add(wasm_f32x4_mul(a, b), c); }
  static PBERT_INLINE F NegFma(F a, F b, F c) { return wasm_f32x4_sub(c, wasm_f32x4_mul(a, b)); }
  static PBERT_INLINE F PowerOfTwo(F t) { return wasm_i32x4_shl(t, 23); }
  // The browser's compiler decides over registers.
  static PBERT_INLINE void Then(F&, const float*&) {}

  static PBERT_INLINE F SwapHalves(F x) { return wasm_i32x4_shuffle(x, x, 2, 3, 0, 1); }
  static PBERT_INLINE F SwapPairs(F x) { return wasm_i32x4_shuffle(x, x, 1, 0, 3, 2); }
  static PBERT_INLINE float ReduceAdd(F x) {
    x = Add(x, SwapHalves(x));
    return wasm_f32x4_extract_lane(Add(x, SwapPairs(x)), 0);
  }
  static PBERT_INLINE float ReduceMin(F x) {
    x = Min(x, SwapHalves(x));
    return wasm_f32x4_extract_lane(Min(x, SwapPairs(x)), 0);
  }
  static PBERT_INLINE float ReduceMax(F x) {
    x = Max(x, SwapHalves(x));
    return wasm_f32x4_extract_lane(Max(x, SwapPairs(x)), 0);
  }

  static PBERT_INLINE void Transpose(F* rows) {
    const F even_low = wasm_i32x4_shuffle(rows[0], rows[2], 0, 4, 1, 5);
    const F even_high = wasm_i32x4_shuffle(rows[0], rows[2], 2, 6, 3, 7);
    const F odd_low = wasm_i32x4_shuffle(rows[1], rows[3], 0, 4, 1, 5);
    const F odd_high = wasm_i32x4_shuffle(rows[1], rows[3], 2, 6, 3, 7);
    rows[0] = wasm_i32x4_shuffle(even_low, odd_low, 0, 4, 1, 5);
    rows[1] = wasm_i32x4_shuffle(even_low, odd_low, 2, 6, 3, 7);
    rows[2] = wasm_i32x4_shuffle(even_high, odd_high, 0, 4, 1, 5);
    rows[3] = wasm_i32x4_shuffle(even_high, odd_high, 2, 6, 3, 7);
  }

  using I = v128_t;
  static constexpr size_t kDotStep = 8;
  static PBERT_INLINE I NoSum() { return wasm_i32x4_splat(0); }
  static PBERT_INLINE I Dot(I sum, const int16_t* x, const int8_t* w) {
    return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(wasm_v128_load(x), wasm_i16x8_load8x8(w)));
  }
  static PBERT_INLINE int32_t Sum(I sum) {
    sum = wasm_i32x4_add(sum, SwapHalves(sum));
    return wasm_i32x4_extract_lane(wasm_i32x4_add(sum, SwapPairs(sum)), 0);
  }

  // round(x * inverse) + zero_point for four values.
  static PBERT_INLINE v128_t Shifted(const float* x, F inverse, v128_t zero_point) {
    const F rounded = wasm_f32x4_nearest(Mul(Load(x), inverse));
    return wasm_i32x4_add(wasm_i32x4_trunc_sat_f32x4(rounded), zero_point);
  }
  static PBERT_INLINE void Quantize16(const float* x, float inverse, int32_t zero_point, int8_t* out) {
    const F scale = Set(inverse);
    const v128_t shift = wasm_i32x4_splat(zero_point);
    const v128_t low = wasm_i16x8_narrow_i32x4(Shifted(x, scale, shift), Shifted(x + 4, scale, shift));
    const v128_t high = wasm_i16x8_narrow_i32x4(Shifted(x + 8, scale, shift), Shifted(x + 12, scale, shift));
    wasm_v128_store(out, wasm_i8x16_narrow_i16x8(low, high));
  }
};

constexpr Kernels kTable = TableOf<V>(Isa::kWasmSimd, "wasm-simd");

}  // namespace

const Kernels& WasmSimdKernels() { return kTable; }

}  // namespace pbert
