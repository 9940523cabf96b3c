// A date and a time of day together.
#include "entities/date_phrase.h"
#include "entities/matchers.h"

namespace pbert {
namespace {

constexpr EntityWord kBetween[] = {"at"_w, "around"_w, "by"_w, "from"_w, "about"_w};

struct DateTime {
  DatePhrase date;
  TimePhrase time;
  bool utc = false;
  size_t next = 0;
};

// "2026-11-28T17:00", "tomorrow at five", "friday, 5pm".
bool ReadDateFirst(Tokens& t, size_t at, const EntityOptions& options, DateTime* result) {
  if (!ReadDate(t, at, options, &result->date) || result->date.grain != DateGrain::kDay) return false;
  size_t place = result->date.next;
  if (t.IsWord(place, "t"_w) && t.IsGlued(place) && t.IsGlued(place + 1)) {
    if (!ReadTime(t, place + 1, &result->time)) {
      // Behind the minutes or seconds is the zone.
      if (!t.IsDigits(place + 1) || !t.IsSign(place + 2, ':') || !t.IsDigits(place + 3)) return false;
      result->time = {.hour = static_cast<int32_t>(t.Digits(place + 1)),
                      .minute = static_cast<int32_t>(t.Digits(place + 3)),
                      .next = place + 4};
      if (t.IsSign(place + 4, ':') && t.IsDigits(place + 5)) {
        result->time.second = static_cast<int32_t>(t.Digits(place + 5));
        result->time.seconds = true;
        result->time.next = place + 6;
      }
      if (t.IsSign(result->time.next, '.') && t.IsDigits(result->time.next + 1)) result->time.next += 2;
      const TimePhrase& time = result->time;
      if (time.hour < 0 || time.hour > 23 || time.minute < 0 || time.minute > 59 || time.second < 0 ||
          time.second > 59) {
        return false;
      }
    }
    result->next = result->time.next;
    result->utc = t.IsWord(result->next, "z"_w) && t.IsGlued(result->next);
    if (result->utc) ++result->next;
    return true;
  }
  if (t.IsSign(place, ',')) ++place;
  const bool at_hour = t.IsWord(place, "at"_w) || t.IsSign(place, '@');
  if (at_hour || t.IsWord(place, kBetween)) ++place;
  if (!ReadTime(t, place, &result->time)) {
    if (!at_hour || !ReadBareHour(t, place, &result->time) || !t.CanEnd(result->time.next)) return false;
  }
  result->next = result->time.next;
  return true;
}

// "5pm tomorrow", "half past seven on friday", "at 5 on monday", "8 tonight".
bool ReadTimeFirst(Tokens& t, size_t at, const EntityOptions& options, DateTime* result) {
  const bool bare = !ReadTime(t, at, &result->time);
  if (bare && !ReadBareHour(t, at, &result->time)) return false;
  size_t place = result->time.next;
  if (t.IsSign(place, ',') && !bare) ++place;
  if (t.IsWord(place, "on"_w)) ++place;
  if (!ReadDate(t, place, options, &result->date) || result->date.grain != DateGrain::kDay) return false;
  // "5 tomorrow" is a time behind "at" alone, or with a part of the day.
  const bool evening = t.IsWord(place, "tonight"_w) || t.IsWord(place, "this"_w);
  if (bare && !t.IsWord(at - 1, "at"_w) && !evening) return false;
  if (bare && t.IsDigits(place)) return false;
  result->next = result->date.next;
  return true;
}

// "in two hours", "ten minutes ago": what is shorter than a day, counted from now.
bool ReadShiftedTime(Tokens& t, size_t at, const EntityOptions& options, DateTime* result) {
  DurationPhrase duration;
  int direction = 1;
  if (!ReadShift(t, at, &duration, &direction, &result->next)) return false;
  const Decimal* const parts = duration.parts;
  bool shorter = duration.last_unit >= kHours;
  for (uint32_t unit = 0; unit < kDurationUnits; ++unit) {
    shorter = shorter || (unit >= kHours && parts[unit].units != 0);
    if (parts[unit].Whole() > 1'000'000 || (unit < kHours && !parts[unit].IsWhole())) return false;
  }
  if (!shorter) return false;
  result->date.known = options.now != nullptr;
  if (options.now == nullptr) return true;
  const CivilTime& now = *options.now;
  const int64_t months = direction * (parts[kYears].Whole() * 12 + parts[kMonths].Whole());
  if (months > 120'000 || months < -120'000) return false;
  int64_t day = DayNumber(AddMonths({now.year, now.month, now.day}, months));
  day += direction * (parts[kWeeks].Whole() * 7 + parts[kDays].Whole());
  int64_t second = now.hour * 3600 + now.minute * 60 + now.second;
  second += direction * (parts[kHours].Whole() * 3600 + parts[kMinutes].Whole() * 60 + parts[kSeconds].Whole());
  const int64_t days = second / 86400 - (second % 86400 < 0 ? 1 : 0);
  const auto rest = static_cast<int32_t>(second - days * 86400);
  result->date.date = DateOfDay(day + days);
  result->time = {.hour = rest / 3600, .minute = rest / 60 % 60, .second = rest % 60, .seconds = rest % 60 != 0};
  return true;
}

}  // namespace

bool MatchDateTime(Tokens& t, size_t at, const EntityOptions& options, EntityMatch* match) {
  if (!t.CanBegin(at)) return false;
  DateTime best;
  bool found = false;
  for (const auto reader : {ReadDateFirst, ReadTimeFirst, ReadShiftedTime}) {
    DateTime result;
    if (!reader(t, at, options, &result) || !t.CanEnd(result.next) || (found && result.next <= best.next)) continue;
    best = result;
    found = true;
  }
  if (!found) return false;
  ApplyDayPart(best.date.part, &best.time);
  ValueWriter value(&match->entity);
  if (best.date.known && PutDate(best.date.date, DateGrain::kDay, &value)) {
    PutTime(best.time.hour, best.time.minute, best.time.second, best.time.seconds, &value);
    if (best.utc) value.Put("Z");
  }
  EndMatch(t, EntityKind::kDateTime, best.next, match);
  return true;
}

}  // namespace pbert
