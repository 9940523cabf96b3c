#include "converter/checkpoint/float_formats.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace pbert::converter {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// The definition of binary16, spelled out: (-1)^sign * 2^(exponent - 15) * 1.fraction.
double HalfByDefinition(uint16_t bits) {
  const double sign = bits & 0x8000 ? -1 : 1;
  const int exponent = (bits >> 10) & 31;
  const int fraction = bits & 1023;
  if (exponent == 31) return fraction == 0 ? sign * kInfinity : std::nan("");
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

TEST_CASE("float formats: every half is what the standard says") {
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    const float value = HalfToFloat(static_cast<uint16_t>(bits));
    const double expected = HalfByDefinition(static_cast<uint16_t>(bits));
    if (std::isnan(expected)) {
      REQUIRE(std::isnan(value));
    } else {
      REQUIRE(value == expected);
      REQUIRE(std::signbit(value) == std::signbit(expected));
    }
  }
}

TEST_CASE("float formats: halves that are known by heart") {
  CHECK(HalfToFloat(0x3c00) == 1.0f);
  CHECK(HalfToFloat(0xc000) == -2.0f);
  CHECK(HalfToFloat(0x7bff) == 65504.0f);
  CHECK(HalfToFloat(0x0400) == 0x1p-14f);         // smallest normal
  CHECK(HalfToFloat(0x03ff) == 1023 * 0x1p-24f);  // largest subnormal
  CHECK(HalfToFloat(0x0001) == 0x1p-24f);
  CHECK(HalfToFloat(0x7c00) == kInfinity);
  CHECK(HalfToFloat(0xfc00) == -kInfinity);
  CHECK(std::signbit(HalfToFloat(0x8000)));
}

TEST_CASE("float formats: bfloat16 is half of a float") {
  CHECK(BFloat16ToFloat(0x3f80) == 1.0f);
  CHECK(BFloat16ToFloat(0xc049) == -3.140625f);
  CHECK(BFloat16ToFloat(0x7f80) == kInfinity);
  CHECK(BFloat16ToFloat(0x0001) == std::bit_cast<float>(0x00010000u));  // subnormal
  CHECK(std::isnan(BFloat16ToFloat(0x7fc0)));
  CHECK(std::signbit(BFloat16ToFloat(0x8000)));
}

}  // namespace
}  // namespace pbert::converter
