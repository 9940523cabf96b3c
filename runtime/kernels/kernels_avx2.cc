// AVX2 with FMA: 8 floats a vector, 16 registers.
#include <immintrin.h>

#include "kernels/table_impl.h"

namespace pbert {
namespace {

// Eight from kMask + 8 - n have their first n set.
alignas(64) constexpr int32_t kMask[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};

struct V {
  using F = __m256;
  static constexpr size_t kWidth = 8;
  static constexpr size_t kTileRows = 4, kTileVectors = 3;  // 12 sums, 3 vectors, 1 spread float: all 16
  static constexpr bool kByLane = false, kInPairs = false;

  static PBERT_INLINE const float* Again(const float* p, F) { return p; }
  static PBERT_INLINE F Set(float x) { return _mm256_set1_ps(x); }
  static PBERT_INLINE __m256i First(size_t count) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kMask + 8 - count));
  }
  static PBERT_INLINE F Load(const float* p) { return _mm256_loadu_ps(p); }
  static PBERT_INLINE F LoadPart(const float* p, size_t count, float fill) {
    const __m256i mask = First(count);
    return _mm256_blendv_ps(Set(fill), _mm256_maskload_ps(p, mask), _mm256_castsi256_ps(mask));
  }
  static PBERT_INLINE void Store(float* p, F x) { _mm256_storeu_ps(p, x); }
  static PBERT_INLINE void StorePart(float* p, F x, size_t count) { _mm256_maskstore_ps(p, First(count), x); }
  static PBERT_INLINE F LoadInt8(const int8_t* p) {
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
  }

  static PBERT_INLINE F Add(F a, F b) { return _mm256_add_ps(a, b); }
  static PBERT_INLINE F Sub(F a, F b) { return _mm256_sub_ps(a, b); }
  static PBERT_INLINE F Mul(F a, F b) { return _mm256_mul_ps(a, b); }
  static PBERT_INLINE F Div(F a, F b) { return _mm256_div_ps(a, b); }
  static PBERT_INLINE F Min(F a, F b) { return _mm256_min_ps(a, b); }
  static PBERT_INLINE F Max(F a, F b) { return _mm256_max_ps(a, b); }
  static PBERT_INLINE F Abs(F x) { return _mm256_andnot_ps(Set(-0.0f), x); }
  static PBERT_INLINE F CopySign(F magnitude, F sign) {
    return _mm256_or_ps(magnitude, _mm256_and_ps(sign, Set(-0.0f)));
  }
  static PBERT_INLINE F Fma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
  static PBERT_INLINE F NegFma(F a, F b, F c) { return _mm256_fnmadd_ps(a, b, c); }
  // Nothing is read through `next` before `x` is computed. Without that clang 19 loads the floats to spread
  // of all rows at once, and has no registers left for the sums.
  static PBERT_INLINE void Then(F& x, const float*& next) { asm volatile("" : "+x"(x), "+r"(next)); }
  static PBERT_INLINE F PowerOfTwo(F t) { return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(t), 23)); }

  static PBERT_INLINE float ReduceAdd(F x) {
    return Reduce(x, [](__m128 a, __m128 b) PBERT_INLINE_LAMBDA { return _mm_add_ps(a, b); });
  }
  static PBERT_INLINE float ReduceMin(F x) {
    return Reduce(x, [](__m128 a, __m128 b) PBERT_INLINE_LAMBDA { return _mm_min_ps(a, b); });
  }
  static PBERT_INLINE float ReduceMax(F x) {
    return Reduce(x, [](__m128 a, __m128 b) PBERT_INLINE_LAMBDA { return _mm_max_ps(a, b); });
  }
  template <class Both>
  static PBERT_INLINE float Reduce(F x, Both both) {
    __m128 four = both(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    four = both(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(both(four, _mm_movehdup_ps(four)));
  }

  // 4 x 4 blocks are transposed within the 128-bit halves of four rows at a time, then the halves change places.
  static PBERT_INLINE void Transpose(F* rows) {
    F u[2][4];  // [group of four rows][column within a half]
    Repeat<2>([&](auto g) PBERT_INLINE_LAMBDA {
      const F* r = rows + 4 * g;
      const __m256d low01 = _mm256_castps_pd(_mm256_unpacklo_ps(r[0], r[1]));
      const __m256d high01 = _mm256_castps_pd(_mm256_unpackhi_ps(r[0], r[1]));
      const __m256d low23 = _mm256_castps_pd(_mm256_unpacklo_ps(r[2], r[3]));
      const __m256d high23 = _mm256_castps_pd(_mm256_unpackhi_ps(r[2], r[3]));
      u[g][0] = _mm256_castpd_ps(_mm256_unpacklo_pd(low01, low23));
      u[g][1] = _mm256_castpd_ps(_mm256_unpackhi_pd(low01, low23));
      u[g][2] = _mm256_castpd_ps(_mm256_unpacklo_pd(high01, high23));
      u[g][3] = _mm256_castpd_ps(_mm256_unpackhi_pd(high01, high23));
    });
    Repeat<4>([&](auto c) PBERT_INLINE_LAMBDA {
      rows[c] = _mm256_permute2f128_ps(u[0][c], u[1][c], 0x20);
      rows[4 + c] = _mm256_permute2f128_ps(u[0][c], u[1][c], 0x31);
    });
  }

  using I = __m256i;
  static constexpr size_t kDotStep = 16;
  static PBERT_INLINE I NoSum() { return _mm256_setzero_si256(); }
  static PBERT_INLINE I Dot(I sum, const int16_t* x, const int8_t* w) {
    const I words = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(w)));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(x)), words));
  }
  static PBERT_INLINE int32_t Sum(I sum) {
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    four = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
    return _mm_cvtsi128_si32(_mm_add_epi32(four, _mm_shuffle_epi32(four, 1)));
  }

  static PBERT_INLINE void Quantize16(const float* x, float inverse, int32_t zero_point, int8_t* out) {
    const F scale = Set(inverse);
    const __m256i zero = _mm256_set1_epi32(zero_point);
    const __m256i a = _mm256_add_epi32(_mm256_cvtps_epi32(_mm256_mul_ps(Load(x), scale)), zero);
    const __m256i b = _mm256_add_epi32(_mm256_cvtps_epi32(_mm256_mul_ps(Load(x + 8), scale)), zero);
    // Packing works within halves: a0 b0 a1 b1 in quarters of four int16, put in order by the permutation.
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(a, b), 0xD8);
    const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
  }
};

constexpr Kernels kTable = TableOf<V>(Isa::kAvx2, "avx2");

}  // namespace

const Kernels& Avx2Kernels() { return kTable; }

}  // namespace pbert
