// Dates that are relative to today, holidays, and the matcher of all dates.
#include "entities/date_phrase.h"
#include "entities/matchers.h"
#include "entities/number_phrase.h"

namespace pbert {
namespace {

constexpr WordValue kNearDays[] = {{"today"_w, 0},   {"tonight"_w, 0},   {"tomorrow"_w, 1}, {"tommorow"_w, 1},
                                   {"tomorow"_w, 1}, {"tommorrow"_w, 1}, {"tmrw"_w, 1},     {"yesterday"_w, -1}};
constexpr EntityWord kBeforeWeekday[] = {"on"_w, "by"_w, "until"_w, "till"_w, "every"_w, "before"_w, "after"_w};
constexpr WordValue kThis[] = {{"this"_w, 0},  {"next"_w, 1},      {"coming"_w, 1},   {"last"_w, -1},
                               {"past"_w, -1}, {"previous"_w, -1}, {"following"_w, 1}};

struct Holiday {
  EntityWord words[3];
  int32_t month, day;  // day 0: the fourth Thursday
};
constexpr Holiday kHolidays[] = {{{"christmas"_w, "eve"_w, {}}, 12, 24}, {{"christmas"_w, "day"_w, {}}, 12, 25},
                                 {{"christmas"_w, {}, {}}, 12, 25},      {{"xmas"_w, "eve"_w, {}}, 12, 24},
                                 {{"xmas"_w, {}, {}}, 12, 25},           {{"boxing"_w, "day"_w, {}}, 12, 26},
                                 {{"new"_w, "year"_w, "eve"_w}, 12, 31}, {{"new"_w, "years"_w, "eve"_w}, 12, 31},
                                 {{"new"_w, "year"_w, "day"_w}, 1, 1},   {{"new"_w, "years"_w, "day"_w}, 1, 1},
                                 {{"halloween"_w, {}, {}}, 10, 31},      {{"valentine"_w, "day"_w, {}}, 2, 14},
                                 {{"valentines"_w, "day"_w, {}}, 2, 14}, {{"thanksgiving"_w, "day"_w, {}}, 11, 0},
                                 {{"thanksgiving"_w, {}, {}}, 11, 0}};

int64_t Today(const EntityOptions& options) {
  return options.now == nullptr ? 0 : DayNumber({options.now->year, options.now->month, options.now->day});
}

void SetDay(int64_t day, const EntityOptions& options, DatePhrase* phrase) {
  phrase->known = options.now != nullptr;
  phrase->date = DateOfDay(day);
}

// "the day after tomorrow" and the words for days around today.
bool ReadNearDay(Tokens& t, size_t at, const EntityOptions& options, DatePhrase* phrase) {
  const int64_t today = Today(options);
  if (const WordValue* const row = t.IsWord(at) ? FindWord(kNearDays, t[at].word) : nullptr) {
    SetDay(today + row->value, options, phrase);
    if (t.IsWord(at, "tonight"_w)) phrase->part = DayPart::kNight;
    phrase->next = at + 1;
    return true;
  }
  const size_t day = at + (t.IsWord(at, "the"_w) ? 1 : 0);
  if (t.IsWord(day, "day"_w)) {
    const bool after = t.IsWord(day + 1, "after"_w) && t.IsWord(day + 2, "tomorrow"_w);
    if (!after && !(t.IsWord(day + 1, "before"_w) && t.IsWord(day + 2, "yesterday"_w))) return false;
    SetDay(today + (after ? 2 : -2), options, phrase);
    phrase->next = day + 3;
    return true;
  }
  const bool last_night = t.IsWord(at, "last"_w) && t.IsWord(at + 1, "night"_w);
  if (!last_night && !t.IsWord(at, "this"_w)) return false;
  phrase->part = ReadDayPart(t, at + 1, false, &phrase->next);
  if (phrase->part == DayPart::kNone) return false;
  SetDay(today - (last_night ? 1 : 0), options, phrase);
  return true;
}

// "friday", "next friday", "friday next week", "next week", "last month", "this year".
bool ReadThisOrNext(Tokens& t, size_t at, const EntityOptions& options, DatePhrase* phrase) {
  const int64_t today = Today(options);
  const WordValue* const said = t.IsWord(at) ? FindWord(kThis, t[at].word) : nullptr;
  const size_t place = at + (said != nullptr ? 1 : 0);
  bool is_word = false;
  const int32_t weekday = ReadWeekday(t, place, &is_word);
  if (weekday >= 0) {
    if (is_word && said == nullptr && !t.IsWord(at - 1, kBeforeWeekday)) return false;
    const bool last = said != nullptr && said->value < 0;
    const int64_t ahead = (weekday - WeekdayOf(today) + 6) % 7 + 1;  // 1 to 7
    int64_t day = last ? today + (ahead == 7 ? -7 : ahead - 7) : today + ahead;
    phrase->next = place + 1;
    const size_t week = place + (t.IsWord(place + 1, "of"_w) ? 2 : 1);
    const WordValue* const which = t.IsWord(week) ? FindWord(kThis, t[week].word) : nullptr;
    if (said == nullptr && which != nullptr && t.IsWord(week + 1, "week"_w)) {
      day = today - WeekdayOf(today) + which->value * 7 + weekday;
      phrase->next = week + 2;
    }
    SetDay(day, options, phrase);
    return true;
  }
  if (said == nullptr) return false;
  phrase->next = place + 1;
  phrase->known = options.now != nullptr;
  if (t.IsWord(place, "week"_w)) {
    phrase->grain = DateGrain::kWeek;
    SetDay(today + said->value * 7, options, phrase);
    return true;
  }
  const CivilDate date = DateOfDay(today);
  if (t.IsWord(place, "month"_w)) {
    phrase->grain = DateGrain::kMonth;
    phrase->date = AddMonths({date.year, date.month, 1}, said->value);
    return true;
  }
  if (!t.IsWord(place, "year"_w)) return false;
  phrase->grain = DateGrain::kYear;
  phrase->date = {date.year + static_cast<int32_t>(said->value), 1, 1};
  return true;
}

bool ReadHoliday(Tokens& t, size_t at, const EntityOptions& options, DatePhrase* phrase) {
  if (!t.IsWord(at)) return false;
  for (const Holiday& holiday : kHolidays) {
    size_t place = at;
    bool same = true;
    for (size_t i = 0; i < 3 && !(holiday.words[i] == EntityWord()); ++i) {
      same = same && t.IsWord(place, holiday.words[i]);
      ++place;
      const bool more = i < 2 && !(holiday.words[i + 1] == EntityWord());
      if (more && (t.IsSign(place, '\'') || t.IsSign(place, 0x2019)) && t.IsGlued(place)) {
        place += t.IsWord(place + 1, "s"_w) && t.IsGlued(place + 1) ? 2 : 1;
      }
    }
    if (!same) continue;
    const auto date_in = [&holiday](int32_t year) {
      CivilDate date = {year, holiday.month, holiday.day};
      if (date.day == 0) date.day = 22 + (3 - WeekdayOf(DayNumber({year, holiday.month, 22})) + 7) % 7;
      return date;
    };
    phrase->next = place;
    if (t.IsDigits(place) && t.Length(place) == 4 && t.CanEnd(place + 1) && t.Digits(place) >= 1000) {
      phrase->date = date_in(static_cast<int32_t>(t.Digits(place)));
      phrase->next = place + 1;
      return true;
    }
    phrase->known = options.now != nullptr;
    if (!phrase->known) return true;
    phrase->date = date_in(options.now->year);
    if (DayNumber(phrase->date) < Today(options)) phrase->date = date_in(options.now->year + 1);
    return true;
  }
  return false;
}

// Adds days and longer; false where there is anything shorter, or more than a calendar has.
bool Shift(const DurationPhrase& duration, int direction, DatePhrase* phrase) {
  const Decimal* const parts = duration.parts;
  if (duration.last_unit >= kHours) return false;
  for (uint32_t unit = 0; unit < kDurationUnits; ++unit) {
    const bool usable = unit < kHours && parts[unit].IsWhole() && parts[unit].Whole() <= 1'000'000;
    if (parts[unit].units != 0 && !usable) return false;
  }
  const int64_t months = parts[kYears].Whole() * 12 + parts[kMonths].Whole();
  const int64_t days = parts[kWeeks].Whole() * 7 + parts[kDays].Whole();
  phrase->known = phrase->known && months < 120'000 && days < 4'000'000;
  if (phrase->known) {
    phrase->date = DateOfDay(DayNumber(AddMonths(phrase->date, direction * months)) + direction * days);
  }
  return true;
}

// "in two weeks", "three days ago", "a week from tomorrow", "two days before christmas".
bool ReadShiftedDate(Tokens& t, size_t at, const EntityOptions& options, DatePhrase* phrase) {
  DurationPhrase duration;
  int direction = 1;
  if (ReadShift(t, at, &duration, &direction, &phrase->next)) {
    SetDay(Today(options), options, phrase);
    return Shift(duration, direction, phrase);
  }
  if (!ReadDuration(t, at, &duration)) return false;
  const size_t word = duration.next;
  const bool before = t.IsWord(word, "before"_w);
  if (!before && !t.IsWord(word, "after"_w) && !t.IsWord(word, "from"_w)) return false;
  const bool found = ReadCalendarDate(t, word + 1, options, phrase) || ReadNearDay(t, word + 1, options, phrase) ||
                     ReadThisOrNext(t, word + 1, options, phrase) || ReadHoliday(t, word + 1, options, phrase);
  return found && phrase->grain == DateGrain::kDay && Shift(duration, before ? -1 : 1, phrase);
}

}  // namespace

bool ReadRelativeDate(Tokens& t, size_t at, const EntityOptions& options, DatePhrase* phrase) {
  for (const auto reader : {ReadNearDay, ReadThisOrNext, ReadHoliday, ReadShiftedDate}) {
    DatePhrase result;
    if (!reader(t, at, options, &result)) continue;
    *phrase = result;
    return true;
  }
  return false;
}

bool ReadDate(Tokens& t, size_t at, const EntityOptions& options, DatePhrase* phrase) {
  DatePhrase other;
  const bool named = ReadCalendarDate(t, at, options, phrase);
  if (ReadRelativeDate(t, at, options, &other) && (!named || other.next > phrase->next)) {
    *phrase = other;
  } else if (!named) {
    return false;
  }
  if (phrase->grain == DateGrain::kDay && phrase->part == DayPart::kNone) {
    phrase->part = ReadDayPart(t, phrase->next, false, &phrase->next);
    if (phrase->part == DayPart::kNone) phrase->part = ReadDayPart(t, phrase->next, true, &phrase->next);
  }
  return true;
}

bool MatchDate(Tokens& t, size_t at, const EntityOptions& options, EntityMatch* match) {
  DatePhrase phrase;
  if (!t.CanBegin(at) || !ReadDate(t, at, options, &phrase) || !t.CanEnd(phrase.next)) return false;
  ValueWriter value(&match->entity);
  if (phrase.known) (void)PutDate(phrase.date, phrase.grain, &value);
  EndMatch(t, EntityKind::kDate, phrase.next, match);
  return true;
}

}  // namespace pbert
