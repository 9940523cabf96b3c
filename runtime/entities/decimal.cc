#include "entities/decimal.h"

#include <cstring>

namespace pbert {
namespace {

int64_t PowerOfTen(uint32_t exponent) {
  int64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

}  // namespace

bool Decimal::Multiply(int64_t factor) {
  for (; scale > 0 && factor % 10 == 0 && factor != 0; --scale) factor /= 10;
  return !__builtin_mul_overflow(units, factor, &units);
}

bool Decimal::Add(Decimal other) {
  while (scale < other.scale) {
    if (__builtin_mul_overflow(units, int64_t{10}, &units)) return false;
    ++scale;
  }
  if (__builtin_mul_overflow(other.units, PowerOfTen(scale - other.scale), &other.units)) return false;
  return !__builtin_add_overflow(units, other.units, &units);
}

Decimal Decimal::Shortest() const {
  Decimal result = *this;
  for (; result.scale > 0 && result.units % 10 == 0; --result.scale) result.units /= 10;
  return result;
}

int64_t Decimal::Whole() const { return units / PowerOfTen(scale); }

Decimal Decimal::Fraction() const { return Decimal{units % PowerOfTen(scale), scale}.Shortest(); }

void ValueWriter::Put(std::string_view text) {
  if (overflowed_ || text.size() >= kEntityValueSize - size_) {
    overflowed_ = true;
    value_[0] = 0;
    return;
  }
  memcpy(value_ + size_, text.data(), text.size());
  size_ += text.size();
  value_[size_] = 0;
}

void ValueWriter::Put(int64_t number, uint32_t least_digits) {
  char digits[24];
  size_t at = sizeof(digits);
  uint64_t rest = number < 0 ? 0 - static_cast<uint64_t>(number) : static_cast<uint64_t>(number);
  for (; rest > 0 || sizeof(digits) - at < least_digits; rest /= 10) digits[--at] = static_cast<char>('0' + rest % 10);
  if (number < 0) digits[--at] = '-';
  Put({digits + at, sizeof(digits) - at});
}

void ValueWriter::Put(Decimal number, uint32_t least_fraction) {
  number = number.Shortest();
  if (number.units < 0) {
    Put("-");
    if (number.units == INT64_MIN) ++number.units;  // cannot be read from text
    number.units = -number.units;
  }
  Put(number.Whole());
  if (number.scale == 0) return;
  Put(".");
  Put(number.units % PowerOfTen(number.scale), number.scale);
  for (uint32_t i = number.scale; i < least_fraction; ++i) Put("0");
}

}  // namespace pbert
