// exp and log from IEEE additions, multiplications and divisions alone: the same bits on every machine, which libraries
// of mathematics do not promise each other.
#ifndef POCKETBERT_CONVERTER_INTENTS_PORTABLE_MATH_H_
#define POCKETBERT_CONVERTER_INTENTS_PORTABLE_MATH_H_

#include <cmath>

namespace pbert::converter {

// Within 1e-13 of the value's size; 0 below -700.
inline double PortableExp(double x) {
  if (!(x > -700)) return 0;
  if (x > 700) x = 700;
  // e^x = 2^n e^r with |r| <= log(2) / 2; log 2 in two parts, so that n times the first is exact (Cody and Waite,
  // 1980).
  const double n = std::nearbyint(x * 1.4426950408889634);
  const double r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10;
  double term = 1, sum = 1;
  for (int i = 1; i <= 13; ++i) {
    term *= r / i;
    sum += term;
  }
  return std::ldexp(sum, static_cast<int>(n));
}

// Of a positive finite number, within 1e-13.
inline double PortableLog(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);  // 0.5 to 1
  if (mantissa < 0.70710678118654752) {
    mantissa *= 2;
    --exponent;
  }
  // log m = 2 artanh((m - 1) / (m + 1)).
  const double y = (mantissa - 1) / (mantissa + 1), square = y * y;
  double term = y, sum = y;
  for (int i = 3; i <= 21; i += 2) {
    term *= square;
    sum += term / i;
  }
  return 2 * sum + exponent * 0.69314718055994531;
}

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_PORTABLE_MATH_H_
