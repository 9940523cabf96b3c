// Times of day.
#include "entities/date_phrase.h"
#include "entities/matchers.h"
#include "entities/number_phrase.h"

namespace pbert {
namespace {

constexpr EntityWord kBeforeSpokenTime[] = {"at"_w,     "by"_w,    "until"_w,  "till"_w,
                                            "before"_w, "after"_w, "around"_w, "for"_w};
constexpr EntityWord kPast[] = {"past"_w, "after"_w};
constexpr EntityWord kTo[] = {"to"_w, "before"_w, "til"_w, "till"_w};

// "am", "p.m.": 0, or 1 for the afternoon; -1 for anything else.
int ReadMeridiem(Tokens& t, size_t at, size_t* next) {
  *next = at + 1;
  if (t.IsWord(at, "am"_w)) return 0;
  if (t.IsWord(at, "pm"_w)) return 1;
  const bool a = t.IsWord(at, "a"_w);
  if (!a && !t.IsWord(at, "p"_w)) return -1;
  if (!t.IsSign(at + 1, '.') || !t.IsGlued(at + 1) || !t.IsWord(at + 2, "m"_w) || !t.IsGlued(at + 2)) return -1;
  *next = at + (t.IsSign(at + 3, '.') && t.IsGlued(at + 3) ? 4 : 3);
  return a ? 0 : 1;
}

// Reads "pm" or "in the evening" behind a time, where there is one. False where "13 pm" makes no sense.
bool ReadHalfOfDay(Tokens& t, TimePhrase* time) {
  size_t next = 0;
  const int half = ReadMeridiem(t, time->next, &next);
  if (half >= 0) {
    if (time->hour == 0 || time->hour > (half == 1 ? 23 : 12)) return false;
    if (time->hour <= 12) time->hour = time->hour % 12 + 12 * half;
    time->definite = true;
    time->next = next;
    return true;
  }
  const bool noon = t.IsWord(time->next, "noon"_w);
  if (time->hour == 12 && (noon || t.IsWord(time->next, "midnight"_w))) {
    time->hour = noon ? 12 : 0;
    time->definite = true;
    ++time->next;
    return true;
  }
  const DayPart part = ReadDayPart(t, time->next, true, &next);
  if (part == DayPart::kNone) return true;
  ApplyDayPart(part, time);
  time->next = next;
  return true;
}

bool ReadSixty(Tokens& t, size_t at, int32_t* value, size_t* next) {
  int64_t number = t.Digits(at, 2);
  *next = at + 1;
  if (number < 0 && !ReadBelowHundred(t, at, &number, next)) return false;
  *value = static_cast<int32_t>(number);
  return number < 60;
}

// "noon", "12 midnight".
bool ReadNoon(Tokens& t, size_t at, TimePhrase* time) {
  if ((t.Digits(at) == 12 || t.IsWord(at, "twelve"_w)) && !t.IsGlued(at + 1)) ++at;
  const bool noon = t.IsWord(at, "noon"_w) || t.IsWord(at, "midday"_w);
  if (!noon && !t.IsWord(at, "midnight"_w)) return false;
  *time = {.hour = noon ? 12 : 0, .definite = true, .next = at + 1};
  return true;
}

// "17:30", "5:30:15 pm", "5.30pm".
bool ReadClock(Tokens& t, size_t at, TimePhrase* time) {
  const auto two = [&t](size_t place, char32_t sign) {
    return t.IsSign(place, sign) && t.IsGlued(place) && t.IsGlued(place + 1) && t.IsDigits(place + 1) &&
           t.Length(place + 1) == 2 && t.Digits(place + 1) < 60;
  };
  const int64_t hour = t.Digits(at, 2);
  const bool point = two(at + 1, '.');
  if (hour < 0 || hour > 23 || (!two(at + 1, ':') && !point)) return false;
  *time = {.hour = static_cast<int32_t>(hour), .minute = static_cast<int32_t>(t.Digits(at + 2)), .next = at + 3};
  if (!point && two(at + 3, ':')) {
    time->second = static_cast<int32_t>(t.Digits(at + 4));
    time->seconds = true;
    time->next = at + 5;
  }
  time->definite = hour > 12 || t.Length(at) == 2;
  if (hour > 0 && hour <= 12) time->definite = false;
  const size_t end = time->next;
  return ReadHalfOfDay(t, time) && (!point || time->next > end);
}

// "half past seven", "quarter to five pm", "ten minutes past noon".
bool ReadPastOrTo(Tokens& t, size_t at, TimePhrase* time) {
  int32_t minutes = 0;
  size_t place = at + (t.IsWord(at, "a"_w) ? 1 : 0);
  bool sure = true, said = true;
  if (t.IsWord(at, "half"_w)) {
    minutes = 30;
    ++place;
  } else if (t.IsWord(place, "quarter"_w)) {
    minutes = 15;
    ++place;
  } else {
    if (place > at || !ReadSixty(t, at, &minutes, &place) || minutes == 0) return false;
    said = t.IsWord(place, "minutes"_w) || t.IsWord(place, "min"_w) || t.IsWord(place, "minute"_w);
    if (said) ++place;
    sure = said || t.IsWord(at - 1, kBeforeSpokenTime);
  }
  const bool past = t.IsWord(place, kPast);
  // "From 5 to 10 pm", "2 to 4 pm" are ranges.
  const bool range = !said && (minutes % 5 != 0 || t.IsWord(at - 1, "from"_w) || t.IsWord(at - 1, "between"_w));
  if (!past && range) return false;
  if ((!past && !t.IsWord(place, kTo)) || (minutes == 30 && !past)) return false;
  TimePhrase hour;
  if (!ReadNoon(t, place + 1, &hour)) {
    if (!ReadBareHour(t, place + 1, &hour) || hour.hour == 0 || hour.hour > 12) return false;
    if (t.IsWord(hour.next, "o'clock"_w)) ++hour.next;
    if (!ReadHalfOfDay(t, &hour)) return false;
    // "ten to five people" may be a range; "ten past five" is none.
    if (!hour.definite && !sure && !t.IsWord(place, "past"_w)) return false;
  }
  *time = hour;
  time->minute = past ? minutes : 60 - minutes;
  if (!past) time->hour = hour.hour == 0 ? 23 : hour.hour == 1 && !hour.definite ? 12 : hour.hour - 1;
  return true;
}

// "5pm", "five o'clock", "seven thirty pm", "at seven thirty", "8 in the evening", "at 1730 hours".
bool ReadSpoken(Tokens& t, size_t at, TimePhrase* time) {
  if (t.Length(at) == 4 && t.Digits(at) >= 0 && t.Digits(at) < 2400 && t.Digits(at) % 100 < 60 &&
      t.IsWord(at + 1, "hours"_w) && t.IsWord(at - 1, kBeforeSpokenTime)) {
    const auto value = static_cast<int32_t>(t.Digits(at));
    *time = {.hour = value / 100, .minute = value % 100, .definite = true, .next = at + 2};
    return true;
  }
  TimePhrase hour;
  if (!ReadBareHour(t, at, &hour)) return false;
  const size_t plain = hour.next;
  size_t ignored = 0;
  if (hour.hour > 12 && ReadMeridiem(t, plain, &ignored) >= 0) return false;  // "13pm"
  if (t.IsWord(plain, "o'clock"_w) || t.IsWord(plain, "oclock"_w)) {
    ++hour.next;
    *time = hour;
    return ReadHalfOfDay(t, time);
  }
  if (ReadHalfOfDay(t, &hour) && hour.next > plain) return *time = hour, true;
  TimePhrase exact = hour;
  exact.next = plain;
  size_t next = 0;
  size_t minutes = plain + (t.IsWord(plain, "oh"_w) || t.IsWord(plain, "o"_w) ? 1 : 0);
  if (t.IsHyphen(plain) && t.IsGlued(plain + 1)) minutes = plain + 1;
  if (!ReadSixty(t, minutes, &exact.minute, &next)) return false;
  if ((minutes == plain || t.IsHyphen(plain)) && exact.minute < 10) return false;
  exact.next = next;
  if (!ReadHalfOfDay(t, &exact)) return false;
  const bool words = t.IsWord(at) && t.IsWord(minutes) && exact.minute % 5 == 0;
  if (exact.next == next && !(words && t.IsWord(at - 1, "at"_w))) return false;
  *time = exact;
  return true;
}

}  // namespace

bool ReadBareHour(Tokens& t, size_t at, TimePhrase* time) {
  int64_t hour = t.Digits(at, 2);
  size_t next = at + 1;
  if (hour < 0 && (!ReadBelowHundred(t, at, &hour, &next) || next != at + 1 || hour == 20)) return false;
  *time = {.hour = static_cast<int32_t>(hour), .definite = hour == 0 || hour > 12, .next = next};
  return hour < 24;
}

bool ReadTime(Tokens& t, size_t at, TimePhrase* phrase) {
  bool found = false;
  for (const auto reader : {ReadNoon, ReadClock, ReadPastOrTo, ReadSpoken}) {
    TimePhrase time;
    if (!reader(t, at, &time) || !t.CanEnd(time.next) || (found && time.next <= phrase->next)) continue;
    *phrase = time;
    found = true;
  }
  return found;
}

bool MatchTime(Tokens& t, size_t at, const EntityOptions&, EntityMatch* match) {
  TimePhrase time;
  if (!t.CanBegin(at) || !ReadTime(t, at, &time)) return false;
  ValueWriter value(&match->entity);
  PutTime(time.hour, time.minute, time.second, time.seconds, &value);
  EndMatch(t, EntityKind::kTime, time.next, match);
  return true;
}

}  // namespace pbert
