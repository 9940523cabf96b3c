// exp, tanh and the two GELUs over vectors. Polynomials are from tests/kernels/fit_polynomials.py.
#ifndef POCKETBERT_KERNELS_MATH_IMPL_H_
#define POCKETBERT_KERNELS_MATH_IMPL_H_

#include "kernels/kernels.h"
#include "kernels/vector_impl.h"

namespace pbert {
namespace {

// The polynomial with these coefficients, that of the lowest power first, at x. By Estrin's scheme: halves
// joined by powers of x, so that few operations wait for each other; a processor runs out of places to keep
// waiting ones long before it runs out of multipliers. powers[i] is x^(2^i).
//
// `starts` holds four copies of every second coefficient, from which sums begin on NEON. There a fused multiplication
// overwrites the sum, so a constant kept in a register would be copied first, and a copy takes the place of an
// arithmetic instruction, which a load does not.
template <class V, const auto& kCoefficients, size_t kFirst, size_t kCount>
PBERT_INLINE typename V::F PartOfPolynomial(const typename V::F* powers, const float* starts) {
  if constexpr (kCount == 1) {
    return V::Set(kCoefficients[kFirst]);
  } else if constexpr (kCount == 2 && kCoefficients[kFirst + 1] == 1) {
    return V::Add(powers[0], V::Set(kCoefficients[kFirst]));
  } else if constexpr (kCount == 2 && V::kInPairs) {
    return V::Fma(V::Set(kCoefficients[kFirst + 1]), powers[0], V::Load(starts + kFirst / 2 * V::kWidth));
  } else {
    constexpr size_t kLog = kCount > 8 ? 3 : kCount > 4 ? 2 : kCount > 2 ? 1 : 0;
    constexpr size_t kHalf = size_t{1} << kLog;
    return V::Fma(PartOfPolynomial<V, kCoefficients, kFirst + kHalf, kCount - kHalf>(powers, starts), powers[kLog],
                  PartOfPolynomial<V, kCoefficients, kFirst, kHalf>(powers, starts));
  }
}

template <class V, const auto& kCoefficients>
PBERT_INLINE typename V::F Polynomial(typename V::F x, const float* starts) {
  constexpr size_t kCount = sizeof(kCoefficients) / sizeof(float);
  static_assert(kCount <= 16);
  typename V::F powers[4] = {x, V::Mul(x, x)};
  if constexpr (kCount > 4) powers[2] = V::Mul(powers[1], powers[1]);
  if constexpr (kCount > 8) powers[3] = V::Mul(powers[2], powers[2]);
  return PartOfPolynomial<V, kCoefficients, 0, kCount>(powers, starts);
}

// Four copies of every second coefficient, and of one more constant. Functions over vectors take a pointer to the
// copies by reference, so that all vectors of a loop share one register for it (see V::Again).
template <size_t kCount>
struct Starts {
  alignas(16) float copies[(kCount + 1) / 2 + 1][4];

  constexpr Starts(const float (&coefficients)[kCount], float more) : copies{} {
    for (size_t i = 0; i < (kCount + 1) / 2 + 1; ++i) {
      for (float& copy : copies[i]) copy = 2 * i < kCount ? coefficients[2 * i] : more;
    }
  }
};

// e^x = 2^n * e^r with n = round(x / log 2) and r = x - n * log 2, |r| <= log(2) / 2, where a polynomial of
// degree 5 is exact to 2e-7. Adding 1.5 * 2^23 rounds to an integer without an instruction for it and leaves
// n in the low bits, where 127 more makes it the exponent of 2^n. log 2 is subtracted in two parts, of which
// the first has so few bits that its product with n is exact (Cody and Waite, 1980).
// Below -87.3 the result is the smallest power of two that a float has, 1.2e-38, and above 88 it is e^88.
// kNegative: x <= 0 is known.
constexpr float kExpPolynomial[] = {0x1p+0f, 0x1p+0f, 0x1.fffe5ap-2f, 0x1.5554dep-3f, 0x1.570b98p-5f, 0x1.120b62p-7f};
constexpr float kExpRound = 12582912.0f + 127.0f;
constexpr Starts<6> kExpStarts(kExpPolynomial, kExpRound);

template <class V, bool kNegative = false>
PBERT_INLINE typename V::F Exp(typename V::F x, const float*& starts) {
  starts = V::Again(starts, x);
  x = V::Max(x, V::Set(-87.3f));
  if constexpr (!kNegative) x = V::Min(x, V::Set(88.0f));
  const typename V::F t = V::Fma(x, V::Set(1.44269504f), V::kInPairs ? V::Load(starts + 12) : V::Set(kExpRound));
  const typename V::F n = V::Sub(t, V::Set(kExpRound));
  typename V::F r = V::Fma(n, V::Set(-0.693359375f), x);
  r = V::Fma(n, V::Set(2.12194440e-4f), r);
  return V::Mul(Polynomial<V, kExpPolynomial>(r, starts), V::PowerOfTwo(t));
}

// tanh x = (1 - e) / (1 + e) with e = e^(-2|x|), and the sign of x.
template <class V>
PBERT_INLINE typename V::F Tanh(typename V::F x, const float*& starts) {
  const typename V::F e = Exp<V, true>(V::Mul(V::Abs(x), V::Set(-2.0f)), starts);
  return V::CopySign(V::Div(V::Sub(V::Set(1.0f), e), V::Add(V::Set(1.0f), e)), x);
}

// GELU(x) = x * P(X <= x) for a normal X = max(x, 0) - |x| * Q(|x|), where Q is the upper tail of the normal
// distribution: a function that falls from 1/2 to nothing, flat enough for one polynomial without division
// or exponential. It is taken in u = -1..1 for |x| = 0..4.9, which keeps its coefficients small and rounding
// harmless; past 4.9 the tail is 0 to within 5e-7.
constexpr float kTail[] = {0x1.d41c7ap-8f,  -0x1.8e21dp-5f,  0x1.2ab438p-3f, -0x1.f2345p-3f,  0x1.c173dp-3f,
                           -0x1.673eaap-5f, -0x1.13627cp-3f, 0x1.27bb24p-3f, -0x1.9a35d8p-7f, -0x1.265712p-4f,
                           0x1.182accp-5f,  0x1.afd272p-7f,  -0x1.3ce19ap-7f};
constexpr Starts<13> kTailStarts(kTail, -1.0f);

template <class V>
PBERT_INLINE typename V::F GeluErf(typename V::F x, const float*& starts) {
  constexpr float kEnd = 4.9f;
  starts = V::Again(starts, x);
  const typename V::F a = V::Abs(x), minus_one = V::kInPairs ? V::Load(starts + 28) : V::Set(-1.0f);
  const typename V::F u = V::Fma(V::Min(a, V::Set(kEnd)), V::Set(2 / kEnd), minus_one);
  return V::NegFma(a, Polynomial<V, kTail>(u, starts), V::Max(x, V::Set(0.0f)));
}

// x * (1 + tanh s) / 2 = x / (1 + e^(-2s)), s = sqrt(2 / pi) * (x + 0.044715 x^3).
template <class V>
PBERT_INLINE typename V::F GeluTanh(typename V::F x, const float*& starts) {
  const typename V::F cubic = V::Fma(V::Mul(x, x), V::Set(0.044715f), V::Set(1.0f));
  const typename V::F e = Exp<V>(V::Mul(V::Mul(x, V::Set(-1.59576912f)), cubic), starts);
  return V::Div(x, V::Add(V::Set(1.0f), e));
}

// x * sigmoid(factor * x).
template <class V>
PBERT_INLINE typename V::F Gated(typename V::F x, float factor, const float*& starts) {
  return V::Div(x, V::Add(V::Set(1.0f), Exp<V>(V::Mul(x, V::Set(-factor)), starts)));
}

template <class V, ActivationKind kKind>
PBERT_INLINE typename V::F Activation(typename V::F x, const float*& starts) {
  if constexpr (kKind == ActivationKind::kGeluErf) return GeluErf<V>(x, starts);
  if constexpr (kKind == ActivationKind::kGeluTanh) return GeluTanh<V>(x, starts);
  if constexpr (kKind == ActivationKind::kRelu) return V::Max(x, V::Set(0.0f));
  if constexpr (kKind == ActivationKind::kTanh) return Tanh<V>(x, starts);
  if constexpr (kKind == ActivationKind::kSilu) return Gated<V>(x, 1.0f, starts);
  if constexpr (kKind == ActivationKind::kQuickGelu) return Gated<V>(x, 1.702f, starts);
  return x;
}

}  // namespace
}  // namespace pbert

#endif  // POCKETBERT_KERNELS_MATH_IMPL_H_
