// The same bits on every machine with IEEE floats, whatever compiles it: for what has to come out byte by byte as it
// does elsewhere, like a head that `pocketbert build` trains on embeddings. It is chosen by name only.
//
// A sum's bits depend on the order in which it is taken, so on the width of vectors: this is 4 floats, by the
// compilers' own vectors, which are lowered to whatever the target has (SSE2, NEON, one float after another). Every
// operation is rounded on its own, and none is the C library's. What is left are + - * / and the square root, of
// which IEEE 754 says each bit.
//
// toolchains/targets.cmake keeps NEON off on 32-bit ARM, where it flushes small numbers to 0.
#include <cfloat>

#include "kernels/table_impl.h"
#include "kernels/tables.h"

#if defined(__FAST_MATH__) || FLT_EVAL_METHOD != 0
#error "kernels_portable.cc needs floats that are rounded after each operation: no -ffast-math, -mfpmath=sse on x86"
#endif

namespace pbert {
namespace {

struct V {
  typedef float F __attribute__((vector_size(16)));
  typedef uint32_t Bits __attribute__((vector_size(16)));
  static constexpr size_t kWidth = 4;
  // x86 has 16 registers: 8 sums, 2 vectors, 1 spread float, and products before they are added.
  static constexpr size_t kTileRows = 4, kTileVectors = 2;
  static constexpr bool kByLane = false, kInPairs = false;

  static PBERT_INLINE const float* Again(const float* p, F) { return p; }
  static PBERT_INLINE F Set(float x) { return F{x, x, x, x}; }
  static PBERT_INLINE F Load(const float* p) {
    F x;
    __builtin_memcpy(&x, p, sizeof(x));
    return x;
  }
  static PBERT_INLINE F LoadPart(const float* p, size_t count, float fill) {
    return F{count > 0 ? p[0] : fill, count > 1 ? p[1] : fill, count > 2 ? p[2] : fill, count > 3 ? p[3] : fill};
  }
  static PBERT_INLINE void Store(float* p, F x) { __builtin_memcpy(p, &x, sizeof(x)); }
  static PBERT_INLINE void StorePart(float* p, F x, size_t count) {
    if (count > 0) p[0] = x[0];
    if (count > 1) p[1] = x[1];
    if (count > 2) p[2] = x[2];
    if (count > 3) p[3] = x[3];
  }
  static PBERT_INLINE F LoadInt8(const int8_t* p) { return __builtin_convertvector((I{p[0], p[1], p[2], p[3]}), F); }

  static PBERT_INLINE F Add(F a, F b) { return a + b; }
  static PBERT_INLINE F Sub(F a, F b) { return a - b; }
  static PBERT_INLINE F Mul(F a, F b) { return a * b; }
  static PBERT_INLINE F Div(F a, F b) { return a / b; }
  // Of two zeros they return b, whatever the signs.
  static PBERT_INLINE F Min(F a, F b) { return a < b ? a : b; }
  static PBERT_INLINE F Max(F a, F b) { return a > b ? a : b; }
  static PBERT_INLINE F Abs(F x) { return FromBits(ToBits(x) & 0x7FFFFFFFu); }
  static PBERT_INLINE F CopySign(F magnitude, F sign) {
    return FromBits((ToBits(magnitude) & 0x7FFFFFFFu) | (ToBits(sign) & 0x80000000u));
  }
  // Rounded twice: -ffp-contract=off keeps compilers from making one instruction of it.
  static PBERT_INLINE F Fma(F a, F b, F c) { return a * b + c; }
  static PBERT_INLINE F NegFma(F a, F b, F c) { return c - a * b; }
  static PBERT_INLINE F PowerOfTwo(F t) { return FromBits(ToBits(t) << 23); }
  // The compiler decides over registers.
  static PBERT_INLINE void Then(F&, const float*&) {}

  static PBERT_INLINE float ReduceAdd(F x) { return (x[0] + x[2]) + (x[1] + x[3]); }
  static PBERT_INLINE float ReduceMin(F x) {
    const float a = x[0] < x[2] ? x[0] : x[2], b = x[1] < x[3] ? x[1] : x[3];
    return a < b ? a : b;
  }
  static PBERT_INLINE float ReduceMax(F x) {
    const float a = x[0] > x[2] ? x[0] : x[2], b = x[1] > x[3] ? x[1] : x[3];
    return a > b ? a : b;
  }

  static PBERT_INLINE void Transpose(F* rows) {
    const F even_low = __builtin_shufflevector(rows[0], rows[2], 0, 4, 1, 5);
    const F even_high = __builtin_shufflevector(rows[0], rows[2], 2, 6, 3, 7);
    const F odd_low = __builtin_shufflevector(rows[1], rows[3], 0, 4, 1, 5);
    const F odd_high = __builtin_shufflevector(rows[1], rows[3], 2, 6, 3, 7);
    rows[0] = __builtin_shufflevector(even_low, odd_low, 0, 4, 1, 5);
    rows[1] = __builtin_shufflevector(even_low, odd_low, 2, 6, 3, 7);
    rows[2] = __builtin_shufflevector(even_high, odd_high, 0, 4, 1, 5);
    rows[3] = __builtin_shufflevector(even_high, odd_high, 2, 6, 3, 7);
  }

  typedef int32_t I __attribute__((vector_size(16)));
  static constexpr size_t kDotStep = 4;
  static PBERT_INLINE I NoSum() { return I{}; }
  static PBERT_INLINE I Dot(I sum, const int16_t* x, const int8_t* w) {
    return sum + I{x[0] * w[0], x[1] * w[1], x[2] * w[2], x[3] * w[3]};
  }
  static PBERT_INLINE int32_t Sum(I sum) { return sum[0] + sum[1] + sum[2] + sum[3]; }

  // No instruction that all targets have packs bytes. So the four vectors of small integers are transposed, and then
  // each word is put together of one byte of each: those that lie in this order in memory.
  static PBERT_INLINE void Quantize16(const float* x, float inverse, int32_t zero_point, int8_t* out) {
    constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: see RoundSmall
    const F scale = Set(inverse), round = Set(kRound), zero = Set(static_cast<float>(zero_point));
    F q[4];
    Repeat<4>([&](auto i) PBERT_INLINE_LAMBDA {
      const F rounded = Sub(Add(Mul(Load(x + 4 * i), scale), round), round);
      // The low byte of the sum is the integer's.
      q[i] = Add(Min(Max(Add(rounded, zero), Set(-128.0f)), Set(127.0f)), round);
    });
    Transpose(q);
    const Bits words =
        (ToBits(q[0]) & 0xFFu) | (ToBits(q[1]) & 0xFFu) << 8 | (ToBits(q[2]) & 0xFFu) << 16 | ToBits(q[3]) << 24;
    __builtin_memcpy(out, &words, sizeof(words));
  }

  static PBERT_INLINE Bits ToBits(F x) { return reinterpret_cast<Bits>(x); }
  static PBERT_INLINE F FromBits(Bits x) { return reinterpret_cast<F>(x); }
};

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "Quantize16 stores words");

constexpr Kernels kTable = TableOf<V>(Isa::kPortable, "portable");

}  // namespace

const Kernels& PortableKernels() { return kTable; }

}  // namespace pbert
