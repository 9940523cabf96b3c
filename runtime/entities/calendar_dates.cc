// Dates that name their day and month.
#include <utility>

#include "entities/date_phrase.h"
#include "entities/number_phrase.h"

namespace pbert {
namespace {

// Before "3/4", "the 15th" and a month alone, which are dates only there.
constexpr EntityWord kBeforeDate[] = {"on"_w,    "by"_w,   "until"_w, "till"_w, "before"_w,  "after"_w,
                                      "since"_w, "from"_w, "due"_w,   "for"_w,  "starting"_w};
constexpr EntityWord kBeforeMonth[] = {"in"_w,   "this"_w, "next"_w,   "last"_w,  "of"_w,   "since"_w, "until"_w,
                                       "till"_w, "by"_w,   "during"_w, "early"_w, "late"_w, "mid"_w};
constexpr EntityWord kAfterDay[] = {"at"_w, "and"_w, "or"_w, "for"_w,  "please"_w,
                                    "in"_w, "if"_w,  "to"_w, "from"_w, "until"_w};
// Behind "may 5", where it is no date.
constexpr EntityWord kCounted[] = {"people"_w, "of"_w,    "times"_w, "miles"_w,   "days"_w, "weeks"_w,   "hours"_w,
                                   "steps"_w,  "years"_w, "more"_w,  "minutes"_w, "km"_w,   "abreast"_w, "percent"_w};
constexpr EntityWord kAmbiguousMonths[] = {"may"_w, "march"_w};

// What date a day and a month without a year are: the first from today on.
void SetNextDate(int32_t month, int32_t day, const CivilTime* now, DatePhrase* phrase) {
  phrase->known = now != nullptr;
  if (now == nullptr) return;
  CivilDate date = {now->year, month, day};
  const CivilDate today = {now->year, now->month, now->day};
  // February 29th may be eight years away.
  while (date.year < now->year + 9 && (!IsCivilDate(date) || DayNumber(date) < DayNumber(today))) ++date.year;
  phrase->date = date;
}

int32_t FullYear(int64_t year, size_t digits) {
  return static_cast<int32_t>(digits > 2 ? year : year + (year < 70 ? 2000 : 1900));
}

// "2026-11-28", "3/4/2025", "25.4.25": all with one sign between.
bool ReadNumericDate(Tokens& t, size_t at, const EntityOptions& options, DatePhrase* phrase) {
  if (!t.IsDigits(at) || t[at + 1].kind != TokenKind::kSign || !t.IsGlued(at + 1)) return false;
  const char32_t sign = t[at + 1].sign;
  if ((sign != '-' && sign != '/' && sign != '.') || !t.IsDigits(at + 2) || !t.IsGlued(at + 2)) return false;
  const auto number = [&t](size_t index, size_t most) { return static_cast<int32_t>(t.Digits(index, most)); };
  const bool three = t.IsSign(at + 3, sign) && t.IsGlued(at + 3) && t.IsDigits(at + 4) && t.IsGlued(at + 4);
  const bool day_first = options.day_first || sign == '.';
  if (!three) {
    if (sign != '/' || !t.IsWord(at - 1, kBeforeDate)) return false;
    int32_t month = number(at, 2), day = number(at + 2, 2);
    if (day_first ? day <= 12 : month > 12) std::swap(month, day);
    if (!IsCivilDate({2024, month, day})) return false;
    SetNextDate(month, day, options.now, phrase);
    phrase->next = at + 3;
    return true;
  }
  phrase->next = at + 5;
  if (t.Length(at) == 4) {
    phrase->date = {number(at, 4), number(at + 2, 2), number(at + 4, 2)};
    return IsCivilDate(phrase->date);
  }
  const size_t year_digits = t.Length(at + 4);
  if (year_digits != 4 && (year_digits != 2 || sign == '-')) return false;
  const int32_t year = FullYear(t.Digits(at + 4), year_digits), a = number(at, 2), b = number(at + 2, 2);
  const CivilDate first = {year, day_first ? b : a, day_first ? a : b}, second = {year, first.day, first.month};
  phrase->date = IsCivilDate(first) || sign == '.' ? first : second;
  return a > 0 && b > 0 && IsCivilDate(phrase->date);
}

// A day of the month: "3rd", "3", "third", "the twenty-first"; as words that count ("three") only if `words`. *plain:
// it is no ordinal.
bool ReadDay(Tokens& t, size_t at, bool words, int32_t* day, size_t* next, bool* plain) {
  if (t.IsWord(at, "the"_w)) ++at;
  int64_t value = 0;
  *plain = !ReadOrdinal(t, at, &value, next);
  if (*plain) {
    value = t.Digits(at, 2);
    *next = at + 1;
    if (value < 0 && (!words || !ReadBelowHundred(t, at, &value, next))) return false;
  }
  *day = static_cast<int32_t>(value);
  return value >= 1 && value <= 31 && t.CanEnd(*next);
}

// "2025", maybe behind a comma.
bool ReadYear(Tokens& t, size_t at, int32_t* year, size_t* next) {
  if (t.IsSign(at, ',')) ++at;
  if (!t.IsDigits(at) || t.Length(at) != 4 || !t.CanEnd(at + 1)) return false;
  *year = static_cast<int32_t>(t.Digits(at));
  *next = at + 1;
  return *year >= 1000 && *year < 3000;
}

bool FinishDate(Tokens& t, int32_t month, int32_t day, size_t next, const EntityOptions& options, DatePhrase* phrase) {
  if (!IsCivilDate({2024, month, day})) return false;
  int32_t year = 0;
  if (ReadYear(t, next, &year, &phrase->next)) {
    phrase->date = {year, month, day};
    return IsCivilDate(phrase->date);
  }
  phrase->next = next;
  SetNextDate(month, day, options.now, phrase);
  return true;
}

size_t SkipAbbreviation(Tokens& t, size_t next) {
  const bool dot = t.IsSign(next, '.') && t.IsGlued(next) && t.Length(next - 1) <= 4;
  return dot && (t.IsDigits(next + 1) || t.IsWord(next + 1) || t.IsSign(next + 1, ',')) ? next + 1 : next;
}

// "March 3rd 2025", "March 2025", "in March".
bool ReadMonthFirst(Tokens& t, size_t at, const EntityOptions& options, DatePhrase* phrase) {
  bool is_word = false;
  const int32_t month = ReadMonth(t, at, &is_word);
  if (month < 0) return false;
  const size_t day_at = SkipAbbreviation(t, at + 1);
  int32_t day = 0, year = 0;
  size_t next = 0;
  bool plain = false;
  const bool ambiguous = t.IsWord(at, kAmbiguousMonths);
  if (ReadDay(t, day_at, !ambiguous, &day, &next, &plain)) {
    if (!(ambiguous && plain && t.IsWord(next, kCounted))) return FinishDate(t, month, day, next, options, phrase);
  }
  phrase->grain = DateGrain::kMonth;
  const bool of = t.IsWord(day_at, "of"_w);
  if (ReadYear(t, day_at + (of ? 1 : 0), &year, &phrase->next)) {
    phrase->date = {year, month, 1};
    return true;
  }
  phrase->next = at + 1;
  if (is_word && !t.IsWord(at - 1, kBeforeMonth)) return false;
  if (t.Length(at) <= 3 && !t.IsWord(at, "may"_w)) return false;
  SetNextDate(month, options.now != nullptr && options.now->month == month ? options.now->day : 1, options.now, phrase);
  phrase->date.day = 1;
  return true;
}

// "3 March 2025", "the 3rd of March", "third of march".
bool ReadDayFirst(Tokens& t, size_t at, const EntityOptions& options, DatePhrase* phrase) {
  int32_t day = 0;
  size_t next = 0;
  bool plain = false;
  if (!ReadDay(t, at, false, &day, &next, &plain)) return false;
  const bool of = t.IsWord(next, "of"_w);
  if (of || (t.IsHyphen(next) && t.IsGlued(next))) ++next;
  bool is_word = false;
  const int32_t month = ReadMonth(t, next, &is_word);
  if (month > 0) {
    // "The first may come", "room 5 may do": a date only with a capital or a word like "on".
    const bool capital = t.Text(next)[0] < 'a';
    if (!of && !capital && t.IsWord(next, kAmbiguousMonths) && (plain || !t.IsDigits(next - 2)) &&
        !t.IsWord(at - 1, kBeforeDate)) {
      return false;
    }
    size_t year_at = SkipAbbreviation(t, next + 1);
    if (t.IsHyphen(year_at) && t.IsGlued(year_at + 1) && t.IsDigits(year_at + 1)) ++year_at;
    return FinishDate(t, month, day, year_at, options, phrase);
  }
  // "on the 15th"
  if (of || !t.IsWord(at, "the"_w) || !t.IsWord(at - 1, kBeforeDate) || !t.IsDigits(at + 1)) return false;
  if (next != at + 3 || (t.IsWord(next) && !t.IsWord(next, kAfterDay))) return false;
  phrase->next = next;
  phrase->known = options.now != nullptr;
  if (!phrase->known) return true;
  CivilDate date = {options.now->year, options.now->month, day};
  const int32_t today = options.now->day;
  for (int i = 0; i < 3 && (!IsCivilDate(date) || (i == 0 && day < today)); ++i) {
    date = AddMonths({date.year, date.month, 1}, 1);
    date.day = day;
  }
  phrase->date = date;
  return true;
}

}  // namespace

bool ReadCalendarDate(Tokens& t, size_t at, const EntityOptions& options, DatePhrase* phrase) {
  // The weekday before a date is not compared with it.
  bool is_word = false;
  size_t place = at;
  if (ReadWeekday(t, at, &is_word) >= 0) {
    place = SkipAbbreviation(t, at + 1);
    if (t.IsSign(place, ',')) ++place;
  }
  const auto read = [&](auto reader) {
    DatePhrase result;
    if (!reader(t, place, options, &result) || (place > at && result.grain != DateGrain::kDay)) return false;
    *phrase = result;
    return true;
  };
  return read(ReadNumericDate) || read(ReadMonthFirst) || read(ReadDayFirst);
}

}  // namespace pbert
