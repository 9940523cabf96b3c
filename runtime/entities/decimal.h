// Exact decimal numbers, and the text of values.
#ifndef POCKETBERT_ENTITIES_DECIMAL_H_
#define POCKETBERT_ENTITIES_DECIMAL_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "entities/entities.h"

namespace pbert {

// units / 10^scale.
struct Decimal {
  static constexpr uint32_t kMostScale = 12;

  int64_t units = 0;
  uint32_t scale = 0;

  // These return false when the result has no room.
  bool Multiply(int64_t factor);
  bool Add(Decimal other);
  // Without zeros at the fraction's end.
  Decimal Shortest() const;
  bool IsWhole() const { return Shortest().scale == 0; }
  int64_t Whole() const;     // towards zero
  Decimal Fraction() const;  // the rest
};

// Writes to TextEntity::value; what does not fit makes the value empty, never half of it.
class ValueWriter {
 public:
  explicit ValueWriter(TextEntity* entity) : value_(entity->value) { value_[0] = 0; }

  void Put(std::string_view text);
  void Put(int64_t number, uint32_t least_digits = 1);
  // With at least so many digits behind the point, if there is a fraction.
  void Put(Decimal number, uint32_t least_fraction = 0);

 private:
  char* const value_;
  size_t size_ = 0;
  bool overflowed_ = false;
};

}  // namespace pbert

#endif  // POCKETBERT_ENTITIES_DECIMAL_H_
