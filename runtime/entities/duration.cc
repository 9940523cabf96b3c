#include "entities/duration.h"

#include "entities/matchers.h"
#include "entities/number_phrase.h"

namespace pbert {
namespace {

struct UnitWord {
  EntityWord word;
  uint32_t unit;
  int64_t factor;
};
constexpr UnitWord kUnitWords[] = {
    {"year"_w, kYears, 1},      {"years"_w, kYears, 1},    {"yr"_w, kYears, 1},        {"yrs"_w, kYears, 1},
    {"decade"_w, kYears, 10},   {"decades"_w, kYears, 10}, {"century"_w, kYears, 100}, {"centuries"_w, kYears, 100},
    {"month"_w, kMonths, 1},    {"months"_w, kMonths, 1},  {"week"_w, kWeeks, 1},      {"weeks"_w, kWeeks, 1},
    {"wk"_w, kWeeks, 1},        {"wks"_w, kWeeks, 1},      {"fortnight"_w, kWeeks, 2}, {"fortnights"_w, kWeeks, 2},
    {"day"_w, kDays, 1},        {"days"_w, kDays, 1},      {"hour"_w, kHours, 1},      {"hours"_w, kHours, 1},
    {"hr"_w, kHours, 1},        {"hrs"_w, kHours, 1},      {"h"_w, kHours, 1},         {"minute"_w, kMinutes, 1},
    {"minutes"_w, kMinutes, 1}, {"min"_w, kMinutes, 1},    {"mins"_w, kMinutes, 1},    {"second"_w, kSeconds, 1},
    {"seconds"_w, kSeconds, 1}, {"sec"_w, kSeconds, 1},    {"secs"_w, kSeconds, 1}};
// How many of the next smaller unit; a month has no number of days.
constexpr int64_t kSmaller[] = {12, 0, 7, 24, 60, 60, 0};
// Before "a day": "twice a day", "20 dollars an hour".
constexpr EntityWord kBeforeRate[] = {"once"_w,   "twice"_w,  "times"_w, "time"_w,  "dollars"_w, "bucks"_w, "euros"_w,
                                      "pounds"_w, "such"_w,   "what"_w,  "miles"_w, "cents"_w,   "meals"_w, "km"_w,
                                      "hours"_w,  "dollar"_w, "days"_w,  "hour"_w,  "minutes"_w};

bool AddPart(DurationPhrase* phrase, uint32_t unit, Decimal value) {
  if (value.units < 0) return false;
  phrase->last_unit = unit;
  if (kSmaller[unit] == 0 || value.IsWhole()) return phrase->parts[unit].Add(value);
  if (!phrase->parts[unit].Add({value.Whole(), 0})) return false;
  Decimal rest = value.Fraction();
  return rest.Multiply(kSmaller[unit]) && AddPart(phrase, unit + 1, rest);
}

bool IsArticle(Tokens& t, size_t at) { return t.IsWord(at, "a"_w) || t.IsWord(at, "an"_w); }

// A value before a unit, and where the unit is: "half an", "three quarters of an", "a couple of", "a", "two-".
bool ReadCount(Tokens& t, size_t at, Decimal* value, size_t* unit) {
  NumberPhrase number;
  const size_t article = IsArticle(t, at) ? 1 : 0;
  if (t.IsWord(at + article, "half"_w)) {
    *value = {5, 1};
    *unit = at + article + 1;
    if (article == 0 && IsArticle(t, *unit)) ++*unit;
    if (t.IsHyphen(*unit)) ++*unit;
    return true;
  }
  const bool quarters = t.IsWord(at, "three"_w) && t.IsWord(at + (t.IsHyphen(at + 1) ? 2 : 1), "quarters"_w);
  if (quarters || t.IsWord(at + article, "quarter"_w)) {
    const size_t of = quarters ? at + (t.IsHyphen(at + 1) ? 3 : 2) : at + article + 1;
    if (!t.IsWord(of, "of"_w) || !IsArticle(t, of + 1)) return false;
    *value = {quarters ? 75 : 25, 2};
    *unit = of + 2;
    return true;
  }
  if (article == 1 && t.IsWord(at + 1, "couple"_w)) {
    *value = {2, 0};
    *unit = at + (t.IsWord(at + 2, "of"_w) ? 3 : 2);
    return true;
  }
  if (ReadNumber(t, at, &number)) {
    *value = number.value;
    *unit = number.next + (t.IsHyphen(number.next) && t.IsGlued(number.next + 1) ? 1 : 0);
    return number.value.units >= 0;
  }
  *value = {1, 0};
  *unit = at + 1;
  return article == 1;
}

// One number and its unit, smaller than `above`, which is kDurationUnits for the first.
bool ReadPart(Tokens& t, size_t at, uint32_t above, DurationPhrase* phrase) {
  const bool first = above == kDurationUnits;
  Decimal value;
  size_t place = 0;
  int64_t factor = 1;
  if (!ReadCount(t, at, &value, &place)) return false;
  uint32_t unit = ReadDurationUnit(t, place, &factor);
  // "m" and "s" are minutes and seconds where hours or minutes are before them.
  if (unit == kDurationUnits && !first && t.IsDigits(at)) {
    if (above == kHours && t.IsWord(place, "m"_w)) unit = kMinutes;
    if ((above == kHours || above == kMinutes) && t.IsWord(place, "s"_w)) unit = kSeconds;
  }
  if (unit == kDurationUnits || (!first && unit <= above) || t.IsHyphen(place)) return false;
  if (IsArticle(t, at) && place == at + 1) {
    int64_t count = 0;
    size_t count_end = 0;
    if (t.IsWord(at - 1, kBeforeRate) || t.IsDigits(at - 1) || ReadBelowHundred(t, at - 1, &count, &count_end)) {
      return false;  // "five a day"
    }
    if (unit == kSeconds && t.IsWord(place + 1)) return false;  // "a second opinion"
  }
  DurationPhrase result = *phrase;
  if (!value.Multiply(factor) || !AddPart(&result, unit, value)) return false;
  result.last_unit = unit;
  result.next = place + 1;
  if (t.IsWord(place + 1, "and"_w) && t.IsWord(place + 2, "a"_w)) {  // "an hour and a half"
    const bool half = t.IsWord(place + 3, "half"_w), quarter = t.IsWord(place + 3, "quarter"_w);
    Decimal fraction = half ? Decimal{5, 1} : Decimal{25, 2};
    if ((half || quarter) && fraction.Multiply(factor) && AddPart(&result, unit, fraction)) result.next = place + 4;
    result.last_unit = unit;
  }
  *phrase = result;
  return true;
}

}  // namespace

uint32_t ReadDurationUnit(Tokens& t, size_t at, int64_t* factor) {
  if (!t.IsWord(at)) return kDurationUnits;
  for (const UnitWord& row : kUnitWords) {
    if (row.word == t[at].word) return *factor = row.factor, row.unit;
  }
  return kDurationUnits;
}

bool ReadDuration(Tokens& t, size_t at, DurationPhrase* phrase) {
  DurationPhrase result;
  if (!ReadPart(t, at, kDurationUnits, &result)) return false;
  for (;;) {
    size_t place = result.next;
    if (result.last_unit == kHours && t.IsGlued(place) && t.IsDigits(place) && t.Length(place) == 2 &&
        t.Digits(place) < 60 && !t.IsGlued(place + 1)) {  // "1h30"
      (void)AddPart(&result, kMinutes, {t.Digits(place), 0});
      result.next = place + 1;
      break;
    }
    if (t.IsSign(place, ',')) ++place;
    if (t.IsWord(place, "and"_w)) ++place;
    if (!ReadPart(t, place, result.last_unit, &result)) break;
  }
  // "5 years old", "a 5-year-old".
  if (t.IsWord(result.next, "old"_w) || (t.IsHyphen(result.next) && t.IsWord(result.next + 1, "old"_w))) return false;
  *phrase = result;
  return true;
}

bool MatchDuration(Tokens& t, size_t at, const EntityOptions&, EntityMatch* match) {
  DurationPhrase phrase;
  if (!t.CanBegin(at) || !ReadDuration(t, at, &phrase) || !t.CanEnd(phrase.next)) return false;
  // ISO 8601 has weeks alone; beside others they are days.
  Decimal(&parts)[kDurationUnits] = phrase.parts;
  uint32_t set = 0;
  for (const Decimal& part : parts) set += part.units != 0;
  if (set > 1 && parts[kWeeks].units != 0) {
    if (!parts[kWeeks].Multiply(7) || !parts[kDays].Add(parts[kWeeks])) return false;
    parts[kWeeks] = {};
  }
  ValueWriter value(&match->entity);
  value.Put("P");
  bool timed = false;
  for (uint32_t unit = 0; unit < kDurationUnits; ++unit) {
    if (parts[unit].units == 0 && !(set == 0 && unit == phrase.last_unit)) continue;
    if (unit >= kHours && !timed) value.Put("T");
    timed = timed || unit >= kHours;
    value.Put(parts[unit]);
    value.Put(std::string_view(&"YMWDHMS"[unit], 1));
  }
  EndMatch(t, EntityKind::kDuration, phrase.next, match);
  return true;
}

}  // namespace pbert
