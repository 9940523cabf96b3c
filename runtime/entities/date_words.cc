// The words of dates, and lengths of time that lead from now to another.
#include "entities/date_phrase.h"

namespace pbert {
namespace {

struct NamedDay {
  EntityWord word;
  int32_t number;
  bool is_word;  // also another word, which must not stand alone
};
constexpr NamedDay kWeekdays[] = {{"monday"_w, 0, false},   {"tuesday"_w, 1, false}, {"wednesday"_w, 2, false},
                                  {"thursday"_w, 3, false}, {"friday"_w, 4, false},  {"saturday"_w, 5, false},
                                  {"sunday"_w, 6, false},   {"mon"_w, 0, true},      {"tue"_w, 1, false},
                                  {"tues"_w, 1, false},     {"wed"_w, 2, true},      {"weds"_w, 2, true},
                                  {"thu"_w, 3, false},      {"thur"_w, 3, false},    {"thurs"_w, 3, false},
                                  {"fri"_w, 4, false},      {"sat"_w, 5, true},      {"sun"_w, 6, true}};
constexpr NamedDay kMonthNames[] = {
    {"january"_w, 1, false},  {"february"_w, 2, false},  {"march"_w, 3, true},      {"april"_w, 4, false},
    {"may"_w, 5, true},       {"june"_w, 6, false},      {"july"_w, 7, false},      {"august"_w, 8, false},
    {"october"_w, 10, false}, {"september"_w, 9, false}, {"november"_w, 11, false}, {"december"_w, 12, false},
    {"jan"_w, 1, true},       {"feb"_w, 2, true},        {"mar"_w, 3, true},        {"apr"_w, 4, true},
    {"jun"_w, 6, true},       {"jul"_w, 7, true},        {"aug"_w, 8, true},        {"sep"_w, 9, true},
    {"sept"_w, 9, true},      {"oct"_w, 10, true},       {"nov"_w, 11, true},       {"dec"_w, 12, true}};
constexpr WordValue kDayParts[] = {{"morning"_w, static_cast<int64_t>(DayPart::kMorning)},
                                   {"afternoon"_w, static_cast<int64_t>(DayPart::kAfternoon)},
                                   {"evening"_w, static_cast<int64_t>(DayPart::kEvening)},
                                   {"night"_w, static_cast<int64_t>(DayPart::kNight)}};

template <size_t n>
int32_t FindNamed(Tokens& t, size_t at, const NamedDay (&table)[n], bool* is_word) {
  if (!t.IsWord(at)) return -1;
  for (const NamedDay& row : table) {
    if (row.word == t[at].word) return *is_word = row.is_word, row.number;
  }
  return -1;
}

}  // namespace

int32_t ReadWeekday(Tokens& t, size_t at, bool* is_word) { return FindNamed(t, at, kWeekdays, is_word); }

int32_t ReadMonth(Tokens& t, size_t at, bool* is_word) { return FindNamed(t, at, kMonthNames, is_word); }

DayPart ReadDayPart(Tokens& t, size_t at, bool preposition, size_t* next) {
  if (preposition) {
    if (t.IsWord(at, "at"_w) && t.IsWord(at + 1, "night"_w)) return *next = at + 2, DayPart::kNight;
    if (!t.IsWord(at, "in"_w) || !t.IsWord(at + 1, "the"_w)) return DayPart::kNone;
    at += 2;
  }
  const WordValue* const row = t.IsWord(at) ? FindWord(kDayParts, t[at].word) : nullptr;
  if (row == nullptr) return DayPart::kNone;
  *next = at + 1;
  return static_cast<DayPart>(row->value);
}

bool ReadShift(Tokens& t, size_t at, DurationPhrase* duration, int* direction, size_t* next) {
  if (t.IsWord(at, "in"_w) || t.IsWord(at, "within"_w)) {
    *direction = 1;
    if (t.IsWord(at, "within"_w) || !ReadDuration(t, at + 1, duration) || t.IsWord(duration->next, "ago"_w))
      return false;
    *next = duration->next;
    if (t.IsWord(*next, "from"_w) && t.IsWord(*next + 1, "now"_w)) *next += 2;
    return !t.IsHyphen(*next);
  }
  if (!ReadDuration(t, at, duration)) {
    // "a second ago" is a length of time there.
    const bool second = (t.IsWord(at, "a"_w) || t.IsWord(at, "one"_w)) && t.IsWord(at + 1, "second"_w);
    if (!second) return false;
    *duration = {};
    duration->parts[kSeconds] = {1, 0};
    duration->last_unit = kSeconds;
    duration->next = at + 2;
  }
  *next = duration->next;
  if (t.IsWord(*next, "ago"_w)) return *direction = -1, *next += 1, true;
  *direction = 1;
  const bool from = t.IsWord(*next, "from"_w) && (t.IsWord(*next + 1, "now"_w) || t.IsWord(*next + 1, "today"_w));
  *next += 2;
  return from;
}

void ApplyDayPart(DayPart part, TimePhrase* time) {
  if (time->definite || part == DayPart::kNone) return;
  time->definite = true;
  if (time->hour > 12) return;
  const bool twelve = time->hour == 12;
  switch (part) {
    case DayPart::kMorning:
      if (twelve) time->hour = 0;
      break;
    case DayPart::kNight:  // which begins in the evening and ends in the morning
      if (twelve) time->hour = 0;
      if (time->hour >= 5 && !twelve) time->hour += 12;
      break;
    default:
      if (!twelve) time->hour += 12;
  }
}

}  // namespace pbert
