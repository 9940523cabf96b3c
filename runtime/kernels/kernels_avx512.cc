// AVX-512 F, BW, VL, DQ: 16 floats a vector, 32 registers, masks for what is not a multiple of 16.
// The intrinsics of g++ 12 begin from a register declared as `x = x`, and it warns of them (GCC bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include "kernels/table_impl.h"

namespace pbert {
namespace {

struct V {
  using F = __m512;
  static constexpr size_t kWidth = 16;
  static constexpr size_t kTileRows = 8, kTileVectors = 3;  // 24 sums, 3 vectors, 1 spread float
  static constexpr bool kByLane = false, kInPairs = false;

  static PBERT_INLINE const float* Again(const float* p, F) { return p; }
  static PBERT_INLINE F Set(float x) { return _mm512_set1_ps(x); }
  static PBERT_INLINE __mmask16 First(size_t count) { return static_cast<__mmask16>((1u << count) - 1); }
  static PBERT_INLINE F Load(const float* p) { return _mm512_loadu_ps(p); }
  static PBERT_INLINE F LoadPart(const float* p, size_t count, float fill) {
    return _mm512_mask_loadu_ps(_mm512_set1_ps(fill), First(count), p);
  }
  static PBERT_INLINE void Store(float* p, F x) { _mm512_storeu_ps(p, x); }
  static PBERT_INLINE void StorePart(float* p, F x, size_t count) { _mm512_mask_storeu_ps(p, First(count), x); }
  static PBERT_INLINE F LoadInt8(const int8_t* p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
  }

  static PBERT_INLINE F Add(F a, F b) { return _mm512_add_ps(a, b); }
  static PBERT_INLINE F Sub(F a, F b) { return _mm512_sub_ps(a, b); }
  static PBERT_INLINE F Mul(F a, F b) { return _mm512_mul_ps(a, b); }
  static PBERT_INLINE F Div(F a, F b) { return _mm512_div_ps(a, b); }
  static PBERT_INLINE F Min(F a, F b) { return _mm512_min_ps(a, b); }
  static PBERT_INLINE F Max(F a, F b) { return _mm512_max_ps(a, b); }
  static PBERT_INLINE F Abs(F x) { return _mm512_abs_ps(x); }
  static PBERT_INLINE F CopySign(F magnitude, F sign) {
    return _mm512_or_ps(magnitude, _mm512_and_ps(sign, Set(-0.0f)));
  }
  static PBERT_INLINE F Fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
  static PBERT_INLINE F NegFma(F a, F b, F c) { return _mm512_fnmadd_ps(a, b, c); }
  static PBERT_INLINE void Then(F&, const float*&) {}
  static PBERT_INLINE F PowerOfTwo(F t) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(t), 23)); }

  static PBERT_INLINE float ReduceAdd(F x) { return _mm512_reduce_add_ps(x); }
  static PBERT_INLINE float ReduceMin(F x) { return _mm512_reduce_min_ps(x); }
  static PBERT_INLINE float ReduceMax(F x) { return _mm512_reduce_max_ps(x); }

  // 4 x 4 blocks are transposed within the 128-bit quarters of four rows at a time, then the quarters are.
  static PBERT_INLINE void Transpose(F* rows) {
    F t[16];
    Repeat<8>([&](auto i) PBERT_INLINE_LAMBDA {
      t[2 * i] = _mm512_unpacklo_ps(rows[2 * i], rows[2 * i + 1]);
      t[2 * i + 1] = _mm512_unpackhi_ps(rows[2 * i], rows[2 * i + 1]);
    });
    auto pair = [](F a, F b, auto high) PBERT_INLINE_LAMBDA {
      const __m512d x = _mm512_castps_pd(a), y = _mm512_castps_pd(b);
      return _mm512_castpd_ps(high ? _mm512_unpackhi_pd(x, y) : _mm512_unpacklo_pd(x, y));
    };
    F u[4][4];  // [column within a quarter][group of four rows]
    Repeat<4>([&](auto g) PBERT_INLINE_LAMBDA {
      u[0][g] = pair(t[4 * g], t[4 * g + 2], Index<0>());
      u[1][g] = pair(t[4 * g], t[4 * g + 2], Index<1>());
      u[2][g] = pair(t[4 * g + 1], t[4 * g + 3], Index<0>());
      u[3][g] = pair(t[4 * g + 1], t[4 * g + 3], Index<1>());
    });
    Repeat<4>([&](auto c) PBERT_INLINE_LAMBDA {
      const F low01 = _mm512_shuffle_f32x4(u[c][0], u[c][1], 0x44),
              high01 = _mm512_shuffle_f32x4(u[c][0], u[c][1], 0xEE);
      const F low23 = _mm512_shuffle_f32x4(u[c][2], u[c][3], 0x44),
              high23 = _mm512_shuffle_f32x4(u[c][2], u[c][3], 0xEE);
      rows[c] = _mm512_shuffle_f32x4(low01, low23, 0x88);
      rows[4 + c] = _mm512_shuffle_f32x4(low01, low23, 0xDD);
      rows[8 + c] = _mm512_shuffle_f32x4(high01, high23, 0x88);
      rows[12 + c] = _mm512_shuffle_f32x4(high01, high23, 0xDD);
    });
  }

  using I = __m512i;
  static constexpr size_t kDotStep = 32;
  static PBERT_INLINE I NoSum() { return _mm512_setzero_si512(); }
  static PBERT_INLINE I Dot(I sum, const int16_t* x, const int8_t* w) {
    const I words = _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(w)));
    return _mm512_add_epi32(sum, _mm512_madd_epi16(_mm512_loadu_si512(x), words));
  }
  static PBERT_INLINE int32_t Sum(I sum) { return _mm512_reduce_add_epi32(sum); }

  static PBERT_INLINE void Quantize16(const float* x, float inverse, int32_t zero_point, int8_t* out) {
    const __m512i rounded = _mm512_cvtps_epi32(_mm512_mul_ps(Load(x), Set(inverse)));
    const __m512i shifted = _mm512_add_epi32(rounded, _mm512_set1_epi32(zero_point));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm512_cvtsepi32_epi8(shifted));
  }
};

constexpr Kernels kTable = TableOf<V>(Isa::kAvx512, "avx512");

}  // namespace

const Kernels& Avx512Kernels() { return kTable; }

}  // namespace pbert
