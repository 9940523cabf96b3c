#include "text/normal_form.h"

#include <algorithm>

namespace pbert {

void NormalFormStep::Begin(uint32_t origin) {
  next_ = ready_ = size_ = 0;
  has_starter_ = purging_ = false;
  passed_next_ = passed_size_ = 0;
  places_.Begin(origin);
}

bool NormalFormStep::Next(TextChar* c) {
  Unit unit;
  if (!(compose_ ? NextComposed(&unit) : NextDecomposed(&unit))) return false;
  const Place place = places_.Take(unit.change);
  *c = {unit.code_point, place.begin, place.end};
  return true;
}

// Decomposition: each code point becomes its full decomposition, and every run of combining characters is sorted by
// combining class, stably. The first unit of a decomposition replaces the code point, the others are insertions, and
// these notes travel with the units when they are sorted.
bool NormalFormStep::NextDecomposed(Unit* unit) {
  for (;;) {
    if (next_ < ready_) {
      *unit = units_[next_++];
      return true;
    }
    std::copy(units_ + next_, units_ + size_, units_);
    size_ -= next_;
    next_ = ready_ = 0;
    TextChar c;
    if (size_ < kMaxRun && source_->Next(&c)) {
      places_.Push(c);
      Append(c.code_point);
      continue;
    }
    if (size_ == 0) return false;
    SortRun();
  }
}

void NormalFormStep::Append(char32_t code_point) {
  unicode::Decomposition decomposition;
  unicode::DecomposeFully(code_point, compatible_, &decomposition);
  for (uint32_t i = 0; i < decomposition.size; ++i) {
    const char32_t c = decomposition.units[i];
    const uint8_t rank = unicode::RecordOf(c).rank;
    if (rank == 0) SortRun();
    units_[size_++] = {c, static_cast<int16_t>(i == 0 ? 0 : 1), rank};
    if (rank == 0) ready_ = size_;
  }
}

// What is in the run will not move any more.
void NormalFormStep::SortRun() {
  for (uint32_t i = ready_ + 1; i < size_; ++i) {
    const Unit unit = units_[i];
    uint32_t place = i;
    for (; place > ready_ && units_[place - 1].rank > unit.rank; --place) units_[place] = units_[place - 1];
    units_[place] = unit;
  }
  ready_ = size_;
}

// Composition (UAX #15, D117): a starter takes in what composes with it, unless something of the same class or of a
// higher one, or another starter, stands between them. A composed code point replaces as much as its parts did.
bool NormalFormStep::NextComposed(Unit* unit) {
  for (;;) {
    if (purging_) {
      *unit = passed_[passed_next_++];
      if (passed_next_ == passed_size_) {
        passed_next_ = passed_size_ = 0;
        purging_ = false;
      }
      return true;
    }
    Unit c;
    const bool full = passed_size_ == kMaxUnits;
    if (full || !NextDecomposed(&c)) {
      if (!has_starter_) return false;
      *unit = starter_;
      has_starter_ = false;
      purging_ = passed_size_ > 0;
      return true;
    }
    if (!has_starter_) {
      if (c.rank != 0) {
        *unit = c;
        return true;
      }
      starter_ = c;
      has_starter_ = true;
      continue;
    }
    const bool blocked = passed_size_ > 0 && passed_[passed_size_ - 1].rank >= c.rank;
    const char32_t composed = blocked ? 0 : unicode::Compose(starter_.code_point, c.code_point);
    if (composed != 0) {
      starter_.code_point = composed;
      starter_.change = static_cast<int16_t>(starter_.change + c.change - 1);
    } else if (c.rank != 0) {
      passed_[passed_size_++] = c;
    } else {
      *unit = starter_;
      starter_ = c;
      purging_ = passed_size_ > 0;
      return true;
    }
  }
}

}  // namespace pbert
