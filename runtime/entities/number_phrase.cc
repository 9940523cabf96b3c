#include "entities/number_phrase.h"

namespace pbert {
namespace {

constexpr WordValue kUnits[] = {{"one"_w, 1}, {"two"_w, 2},   {"three"_w, 3}, {"four"_w, 4}, {"five"_w, 5},
                                {"six"_w, 6}, {"seven"_w, 7}, {"eight"_w, 8}, {"nine"_w, 9}};
constexpr WordValue kTeens[] = {{"zero"_w, 0},       {"ten"_w, 10},      {"eleven"_w, 11},  {"twelve"_w, 12},
                                {"thirteen"_w, 13},  {"fourteen"_w, 14}, {"fifteen"_w, 15}, {"sixteen"_w, 16},
                                {"seventeen"_w, 17}, {"eighteen"_w, 18}, {"nineteen"_w, 19}};
constexpr WordValue kTens[] = {{"twenty"_w, 20}, {"thirty"_w, 30},  {"forty"_w, 40},  {"fourty"_w, 40}, {"fifty"_w, 50},
                               {"sixty"_w, 60},  {"seventy"_w, 70}, {"eighty"_w, 80}, {"ninety"_w, 90}};
constexpr WordValue kScales[] = {
    {"thousand"_w, 1000}, {"million"_w, 1'000'000}, {"billion"_w, 1'000'000'000}, {"trillion"_w, 1'000'000'000'000}};
constexpr WordValue kUnitOrdinals[] = {{"first"_w, 1},   {"second"_w, 2}, {"third"_w, 3},
                                       {"fourth"_w, 4},  {"fifth"_w, 5},  {"sixth"_w, 6},
                                       {"seventh"_w, 7}, {"eighth"_w, 8}, {"ninth"_w, 9}};
constexpr WordValue kOtherOrdinals[] = {
    {"tenth"_w, 10},         {"eleventh"_w, 11},  {"twelfth"_w, 12},     {"thirteenth"_w, 13}, {"fourteenth"_w, 14},
    {"fifteenth"_w, 15},     {"sixteenth"_w, 16}, {"seventeenth"_w, 17}, {"eighteenth"_w, 18}, {"nineteenth"_w, 19},
    {"twentieth"_w, 20},     {"thirtieth"_w, 30}, {"fortieth"_w, 40},    {"fiftieth"_w, 50},   {"sixtieth"_w, 60},
    {"seventieth"_w, 70},    {"eightieth"_w, 80}, {"ninetieth"_w, 90},   {"hundredth"_w, 100}, {"thousandth"_w, 1000},
    {"millionth"_w, 1000000}};

template <size_t n>
bool Read(Tokens& t, size_t at, const WordValue (&table)[n], int64_t* value) {
  const WordValue* const row = t.IsWord(at) ? FindWord(table, t[at].word) : nullptr;
  if (row != nullptr) *value = row->value;
  return row != nullptr;
}

// "hundred", "thousand" and so on, and "dozen".
bool ReadScale(Tokens& t, size_t at, int64_t* value) {
  if (t.IsWord(at, "hundred"_w)) return *value = 100, true;
  if (t.IsWord(at, "dozen"_w)) return *value = 12, true;
  return Read(t, at, kScales, value);
}

// "three hundred and one", "twelve hundred", "a hundred". What follows "and" is below a hundred.
bool ReadBelowThousand(Tokens& t, size_t at, int64_t* value, size_t* next) {
  int64_t scale = 0;
  if (t.IsWord(at, "a"_w) && ReadScale(t, at + 1, &scale)) {
    *value = 1;
    *next = at + 1;
  } else if (!ReadBelowHundred(t, at, value, next)) {
    return false;
  }
  if (*value == 0 || !t.IsWord(*next, "hundred"_w)) return true;
  *value *= 100;
  ++*next;
  int64_t rest = 0;
  size_t end = 0;
  if (ReadBelowHundred(t, *next + (t.IsWord(*next, "and"_w) ? 1 : 0), &rest, &end) && rest > 0) {
    *value += rest;
    *next = end;
  }
  return true;
}

// Groups with falling scales: "two million three thousand and five". *last_scale is the scale that it ends with, or 1.
bool ReadWholeWords(Tokens& t, size_t at, int64_t* value, size_t* next, int64_t* last_scale) {
  int64_t total = 0, above = INT64_MAX;
  bool any = false;
  for (size_t place = at;;) {
    int64_t group = 0, scale = 1;
    size_t end = 0;
    const bool after_and = any && t.IsWord(place, "and"_w);
    if (after_and) ++place;
    if (after_and ? !ReadBelowHundred(t, place, &group, &end) : !ReadBelowThousand(t, place, &group, &end)) break;
    const bool scaled = Read(t, end, kScales, &scale);
    if (any && (group == 0 || scale >= above || (after_and && (scaled || t.IsWord(end, "hundred"_w))))) break;
    total += group * scale;
    place = *next = scaled ? end + 1 : end;
    *last_scale = scale;
    above = scale;
    any = true;
    if (!scaled) break;
  }
  *value = total;
  return any;
}

// "point five", behind words.
void ReadPointWords(Tokens& t, NumberPhrase* phrase) {
  if (!t.IsWord(phrase->next, "point"_w)) return;
  Decimal value = phrase->value;
  size_t at = phrase->next + 1;
  for (int64_t digit = 0; value.scale < 6; ++at) {
    if (t.IsWord(at, "zero"_w) || t.IsWord(at, "oh"_w)) {
      digit = 0;
    } else if (!Read(t, at, kUnits, &digit)) {
      break;
    }
    if (__builtin_mul_overflow(value.units, int64_t{10}, &value.units)) return;
    value.units += digit;
    ++value.scale;
  }
  if (value.scale == 0) return;
  phrase->value = value;
  phrase->next = at;
}

// "and a half", "and three quarters".
bool ReadAndFraction(Tokens& t, size_t at, Decimal* fraction, size_t* next) {
  if (!t.IsWord(at, "and"_w)) return false;
  const bool one = t.IsWord(at + 1, "a"_w) || t.IsWord(at + 1, "one"_w);
  const bool half = one && t.IsWord(at + 2, "half"_w), quarter = one && t.IsWord(at + 2, "quarter"_w);
  if (!half && !quarter && !(t.IsWord(at + 1, "three"_w) && t.IsWord(at + 2, "quarters"_w))) return false;
  *fraction = {half ? 50 : quarter ? 25 : 75, 2};
  *next = at + 3;
  return true;
}

// "half a million", "half a dozen".
bool ReadHalfOfScale(Tokens& t, size_t at, NumberPhrase* phrase) {
  int64_t scale = 0;
  size_t end = at + 1;
  if (!t.IsWord(at, "half"_w)) return false;
  if (t.IsWord(end, "a"_w)) ++end;
  if (!ReadScale(t, end, &scale) || scale == 100) return false;
  phrase->value = {scale / 2, 0};
  phrase->next = end + 1;
  phrase->in_words = true;
  return true;
}

}  // namespace

bool ReadDigits(Tokens& t, size_t at, NumberPhrase* phrase) {
  size_t end = at;
  Decimal value;
  if (t.IsDigits(at)) {
    if (t.Length(at) > 15) return false;
    value.units = t.Digits(at);
    end = at + 1;
    // Groups of thousands: all of three digits, the first of one to three.
    while (t.Length(at) <= 3 && t.IsSign(end, ',') && t.IsGlued(end) && t.IsDigits(end + 1) && t.IsGlued(end + 1) &&
           t.Length(end + 1) == 3 && value.units < 1'000'000'000'000) {
      value.units = value.units * 1000 + t.Digits(end + 1);
      end += 2;
    }
  } else if (!t.IsSign(at, '.') || (t.IsGlued(at) && (t.IsDigits(at - 1) || t.IsWord(at - 1)))) {
    return false;
  }
  if (t.IsSign(end, '.') && (end == at || t.IsGlued(end)) && t.IsDigits(end + 1) && t.IsGlued(end + 1)) {
    const uint32_t places = static_cast<uint32_t>(t.Length(end + 1));
    if (t.Length(end + 1) > 9) return false;
    int64_t power = 1;
    for (uint32_t i = 0; i < places; ++i) power *= 10;
    if (__builtin_mul_overflow(value.units, power, &value.units) ||
        __builtin_add_overflow(value.units, t.Digits(end + 1), &value.units)) {
      return false;
    }
    value.scale = places;
    end += 2;
  }
  if (end == at) return false;
  *phrase = {.value = value, .next = end, .in_words = false};
  return true;
}

bool ReadBelowHundred(Tokens& t, size_t at, int64_t* value, size_t* next) {
  *next = at + 1;
  if (Read(t, at, kUnits, value) || Read(t, at, kTeens, value)) return true;
  if (!Read(t, at, kTens, value)) return false;
  const size_t unit = at + (t.IsHyphen(at + 1) && t.IsGlued(at + 1) && t.IsGlued(at + 2) ? 2 : 1);
  int64_t ones = 0;
  if (Read(t, unit, kUnits, &ones)) {
    *value += ones;
    *next = unit + 1;
  }
  return true;
}

bool ReadNumber(Tokens& t, size_t at, NumberPhrase* phrase) {
  if (ReadHalfOfScale(t, at, phrase)) return true;
  const bool sign = t.IsSign(at, '-') || t.IsSign(at, 0x2212);
  const bool minus = t.IsWord(at, "minus"_w) || t.IsWord(at, "negative"_w);
  const size_t first = at + (sign || minus ? 1 : 0);
  int64_t scale = 1, whole = 0;
  size_t next = 0;
  NumberPhrase found;
  if (ReadDigits(t, first, &found)) {
    if (sign && (!t.IsGlued(first) || t.IsGlued(at))) return false;
    if (t.IsWord(found.next, "k"_w) && t.IsGlued(found.next)) {
      if (!found.value.Multiply(1000)) return false;
      *phrase = {.value = found.value, .next = found.next + 1};
      if (sign || minus) phrase->value.units = -phrase->value.units;
      return true;
    }
  } else if (!sign && ReadWholeWords(t, first, &whole, &next, &scale)) {
    found = {.value = {whole, 0}, .next = next, .in_words = true};
    ReadPointWords(t, &found);
  } else {
    return false;
  }
  Decimal fraction;
  if (ReadAndFraction(t, found.next, &fraction, &next) && fraction.Multiply(scale) && found.value.Add(fraction)) {
    found.next = next;
  }
  // "2.5 million", "two and a half thousand", "three dozen"; "two hundred" has been read.
  if (scale == 1 && ReadScale(t, found.next, &scale) && found.value.Multiply(scale)) {
    ++found.next;
    if (ReadAndFraction(t, found.next, &fraction, &next) && fraction.Multiply(scale) && found.value.Add(fraction)) {
      found.next = next;
    }
  }
  if (sign || minus) found.value.units = -found.value.units;
  *phrase = found;
  return true;
}

bool ReadOrdinal(Tokens& t, size_t at, int64_t* value, size_t* next) {
  if (t.IsDigits(at)) {
    *value = t.Digits(at, 9);
    if (*value < 0 || !t.IsGlued(at + 1)) return false;
    const int64_t last = *value % 100 / 10 == 1 ? 0 : *value % 10;
    *next = at + 2;
    return t.IsWord(at + 1, last == 1 ? "st"_w : last == 2 ? "nd"_w : last == 3 ? "rd"_w : "th"_w);
  }
  int64_t whole = 0, scale = 1;
  size_t place = at;
  // "two hundred and" before "first", "one" before "hundredth".
  if (ReadWholeWords(t, at, &whole, &place, &scale) && t.IsWord(place, "and"_w)) ++place;
  int64_t tens = 0, last = 0;
  if (place > at && Read(t, place - 1, kTens, &tens)) {
    const size_t unit = place + (t.IsHyphen(place) && t.IsGlued(place) && t.IsGlued(place + 1) ? 1 : 0);
    *value = whole;
    *next = unit + 1;
    if (!Read(t, unit, kUnitOrdinals, &last)) return false;
  } else if (Read(t, place, kUnitOrdinals, &last) || Read(t, place, kOtherOrdinals, &last)) {
    *next = place + 1;
    *value = whole;
    if (last >= 100 && whole > 0) return *value = whole * last, whole < 1'000'000;
    if (whole > 0 && whole % 100 != 0) return false;
  } else {
    return false;
  }
  *value += last;
  return true;
}

}  // namespace pbert
