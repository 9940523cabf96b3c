// NEON: 4 floats a vector. 32 registers and fused multiplication on 64-bit ARM; on 32-bit ARM 16 registers, no
// division and no rounding instruction, and multiplications that are not fused, because the older half of those
// processors has none: vmla instead of vfma runs on all of them, and no algorithm here needs more.
#include "kernels/tables.h"

#ifdef __ARM_NEON
#include <arm_neon.h>

#include "kernels/table_impl.h"

namespace pbert {
namespace {

struct V {
  using F = float32x4_t;
  static constexpr size_t kWidth = 4;
  static constexpr bool kByLane = true;
#ifdef __aarch64__
  static constexpr bool kInPairs = true;
  static constexpr size_t kTileSums = 16;  // and up to 8 vectors of the left side and 4 of the right
#else
  static constexpr bool kInPairs = false;
  static constexpr size_t kTileSums = 8;  // and up to 4 vectors of the left side and 2 of the right
#endif

  // Without this the compiler would keep the constants in registers, and copy each before it is overwritten.
  static PBERT_INLINE const float* Again(const float* p, F x) {
    asm("" : "+r"(p) : "w"(x));
    return p;
  }
  static PBERT_INLINE F Set(float x) { return vdupq_n_f32(x); }
  static PBERT_INLINE F Load(const float* p) { return vld1q_f32(p); }
  static PBERT_INLINE F LoadPart(const float* p, size_t count, float fill) {
    const float copy[4] = {count > 0 ? p[0] : fill, count > 1 ? p[1] : fill, count > 2 ? p[2] : fill,
                           count > 3 ? p[3] : fill};
    return vld1q_f32(copy);
  }
  static PBERT_INLINE void Store(float* p, F x) { vst1q_f32(p, x); }
  static PBERT_INLINE void StorePart(float* p, F x, size_t count) {
    if (count > 0) vst1q_lane_f32(p, x, 0);
    if (count > 1) vst1q_lane_f32(p + 1, x, 1);
    if (count > 2) vst1q_lane_f32(p + 2, x, 2);
    if (count > 3) vst1q_lane_f32(p + 3, x, 3);
  }
  static PBERT_INLINE F LoadInt8(const int8_t* p) {
    int32_t four;
    __builtin_memcpy(&four, p, sizeof(four));
    const int16x8_t words = vmovl_s8(vreinterpret_s8_s32(vdup_n_s32(four)));
    return vcvtq_f32_s32(vmovl_s16(vget_low_s16(words)));
  }

  static PBERT_INLINE F Add(F a, F b) { return vaddq_f32(a, b); }
  static PBERT_INLINE F Sub(F a, F b) { return vsubq_f32(a, b); }
  static PBERT_INLINE F Mul(F a, F b) { return vmulq_f32(a, b); }
  static PBERT_INLINE F Min(F a, F b) { return vminq_f32(a, b); }
  static PBERT_INLINE F Max(F a, F b) { return vmaxq_f32(a, b); }
  static PBERT_INLINE F Abs(F x) { return vabsq_f32(x); }
  static PBERT_INLINE F CopySign(F magnitude, F sign) { return vbslq_f32(vdupq_n_u32(0x80000000u), sign, magnitude); }
  static PBERT_INLINE F PowerOfTwo(F t) { return vreinterpretq_f32_s32(vshlq_n_s32(vreinterpretq_s32_f32(t), 23)); }

  // Nothing else marked like this is computed earlier or later than where it is written.
  static PBERT_INLINE void Stay(F& x) { asm volatile("" : "+w"(x)); }
  static PBERT_INLINE void Stay(F& x, F& y) { asm volatile("" : "+w"(x), "+w"(y)); }

#ifdef __aarch64__
  static PBERT_INLINE F Fma(F a, F b, F c) { return vfmaq_f32(c, a, b); }
  static PBERT_INLINE F NegFma(F a, F b, F c) { return vfmsq_f32(c, a, b); }
  template <size_t kLane>
  static PBERT_INLINE F FmaLane(F a, F lanes, Index<kLane>, F c) {
    return vfmaq_laneq_f32(c, a, lanes, kLane);
  }
  static PBERT_INLINE F Div(F a, F b) { return vdivq_f32(a, b); }
  static PBERT_INLINE float ReduceAdd(F x) { return vaddvq_f32(x); }
  static PBERT_INLINE float ReduceMin(F x) { return vminvq_f32(x); }
  static PBERT_INLINE float ReduceMax(F x) { return vmaxvq_f32(x); }
#else
  static PBERT_INLINE F Fma(F a, F b, F c) { return vmlaq_f32(c, a, b); }
  static PBERT_INLINE F NegFma(F a, F b, F c) { return vmlsq_f32(c, a, b); }
  template <size_t kLane>
  static PBERT_INLINE F FmaLane(F a, F lanes, Index<kLane>, F c) {
    return vmlaq_lane_f32(c, a, kLane < 2 ? vget_low_f32(lanes) : vget_high_f32(lanes), kLane % 2);
  }
  // The estimate of 1 / b is good to 8 bits; each of Newton's steps doubles them. An estimate of 0, which very
  // large b have, stays 0.
  static PBERT_INLINE F Div(F a, F b) {
    F inverse = vrecpeq_f32(b);
    inverse = vmulq_f32(inverse, vrecpsq_f32(b, inverse));
    inverse = vmulq_f32(inverse, vrecpsq_f32(b, inverse));
    return vmulq_f32(a, inverse);
  }
  static PBERT_INLINE float ReduceAdd(F x) {
    const float32x2_t two = vadd_f32(vget_low_f32(x), vget_high_f32(x));
    return vget_lane_f32(vpadd_f32(two, two), 0);
  }
  static PBERT_INLINE float ReduceMin(F x) {
    const float32x2_t two = vmin_f32(vget_low_f32(x), vget_high_f32(x));
    return vget_lane_f32(vpmin_f32(two, two), 0);
  }
  static PBERT_INLINE float ReduceMax(F x) {
    const float32x2_t two = vmax_f32(vget_low_f32(x), vget_high_f32(x));
    return vget_lane_f32(vpmax_f32(two, two), 0);
  }
#endif

  static PBERT_INLINE void Transpose(F* rows) {
    const float32x4x2_t even = vzipq_f32(rows[0], rows[2]), odd = vzipq_f32(rows[1], rows[3]);
    const float32x4x2_t left = vzipq_f32(even.val[0], odd.val[0]), right = vzipq_f32(even.val[1], odd.val[1]);
    rows[0] = left.val[0];
    rows[1] = left.val[1];
    rows[2] = right.val[0];
    rows[3] = right.val[1];
  }

  using I = int32x4_t;
  static constexpr size_t kDotStep = 8;
  static PBERT_INLINE I NoSum() { return vdupq_n_s32(0); }
  static PBERT_INLINE I Dot(I sum, const int16_t* x, const int8_t* w) {
    const int16x8_t factors = vld1q_s16(x), words = vmovl_s8(vld1_s8(w));
    sum = vmlal_s16(sum, vget_low_s16(factors), vget_low_s16(words));
    return vmlal_s16(sum, vget_high_s16(factors), vget_high_s16(words));
  }
  static PBERT_INLINE int32_t Sum(I sum) {
    int32x2_t two = vadd_s32(vget_low_s32(sum), vget_high_s32(sum));
    two = vpadd_s32(two, two);
    return vget_lane_s32(two, 0);
  }

  // 1.5 * 2^23 leaves the nearest integer in the low bits (see Exp): the 16 of them that are kept hold all of it,
  // because |x * inverse| is hardly more than 255 where inverse is that of the row. That is cheaper than an
  // instruction that converts, of which many processors finish one where they finish two additions.
  static PBERT_INLINE int16x8_t Shifted8(const float* x, F inverse, int16x8_t zero_point) {
    const F round = Set(12582912.0f);
    const int32x4_t a = vreinterpretq_s32_f32(vaddq_f32(vmulq_f32(Load(x), inverse), round));
    const int32x4_t b = vreinterpretq_s32_f32(vaddq_f32(vmulq_f32(Load(x + 4), inverse), round));
#ifdef __aarch64__
    const int16x8_t low = vuzp1q_s16(vreinterpretq_s16_s32(a), vreinterpretq_s16_s32(b));
#else
    const int16x8_t low = vcombine_s16(vmovn_s32(a), vmovn_s32(b));
#endif
    return vaddq_s16(low, zero_point);
  }
  static PBERT_INLINE void Quantize16(const float* x, float inverse, int32_t zero_point, int8_t* out) {
    const F scale = Set(inverse);
    const int16x8_t zero = vdupq_n_s16(static_cast<int16_t>(zero_point));
    const int8x8_t low = vqmovn_s16(Shifted8(x, scale, zero)), high = vqmovn_s16(Shifted8(x + 8, scale, zero));
    vst1q_s8(out, vcombine_s8(low, high));
  }
};

constexpr Kernels kTable = TableOf<V>(Isa::kNeon, "neon");

}  // namespace

const Kernels& NeonKernels() { return kTable; }

}  // namespace pbert

#else  // a 32-bit build without -mfpu=neon for this file

const pbert::Kernels& pbert::NeonKernels() { return ScalarKernels(); }

#endif
