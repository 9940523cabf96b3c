#include "entities/calendar.h"

#include <algorithm>

namespace pbert {
namespace {

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// Days before March 1st of a year that begins with March, from year 0 on.
int64_t DaysBeforeMarch(int64_t year) {
  return year * 365 + FloorDivide(year, 4) - FloorDivide(year, 100) + FloorDivide(year, 400);
}

constexpr int64_t kDaysTo1970 = 719468;  // from March 1st of year 0

}  // namespace

bool IsCivilTime(const CivilTime& time) {
  return IsCivilDate({time.year, time.month, time.day}) && time.hour >= 0 && time.hour < 24 && time.minute >= 0 &&
         time.minute < 60 && time.second >= 0 && time.second < 60;
}

int32_t DaysInMonth(int32_t year, int32_t month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool IsCivilDate(const CivilDate& date) {
  return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
         date.day <= DaysInMonth(date.year, date.month);
}

// A year that begins with March has its leap day at its end, and its months repeat every 153 days.
int64_t DayNumber(const CivilDate& date) {
  const int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const int64_t month = (date.month + 9) % 12;
  return DaysBeforeMarch(year) + (153 * month + 2) / 5 + date.day - 1 - kDaysTo1970;
}

CivilDate DateOfDay(int64_t day_number) {
  const int64_t day = day_number + kDaysTo1970;
  int64_t year = FloorDivide(day * 400, 146097);
  if (DaysBeforeMarch(year + 1) <= day) ++year;
  if (DaysBeforeMarch(year) > day) --year;
  const int64_t in_year = day - DaysBeforeMarch(year);
  const int64_t month = (5 * in_year + 2) / 153;
  CivilDate date;
  date.day = static_cast<int32_t>(in_year - (153 * month + 2) / 5 + 1);
  date.month = static_cast<int32_t>(month < 10 ? month + 3 : month - 9);
  date.year = static_cast<int32_t>(year + (month < 10 ? 0 : 1));
  return date;
}

int32_t WeekdayOf(int64_t day_number) {
  return static_cast<int32_t>(day_number + 3 - FloorDivide(day_number + 3, 7) * 7);
}

CivilDate AddMonths(const CivilDate& date, int64_t months) {
  const int64_t total = int64_t{date.year} * 12 + date.month - 1 + months;
  CivilDate result;
  result.year = static_cast<int32_t>(FloorDivide(total, 12));
  result.month = static_cast<int32_t>(total - FloorDivide(total, 12) * 12 + 1);
  result.day = std::min(date.day, DaysInMonth(result.year, result.month));
  return result;
}

bool PutDate(const CivilDate& date, DateGrain grain, ValueWriter* value) {
  if (!IsCivilDate(date)) return false;
  if (grain == DateGrain::kWeek) {  // which belongs to the year that has its Thursday
    const int64_t day = DayNumber(date);
    const int64_t thursday = day - WeekdayOf(day) + 3;
    const int32_t year = DateOfDay(thursday).year;
    value->Put(year, 4);
    value->Put("-W");
    value->Put((thursday - DayNumber({year, 1, 1})) / 7 + 1, 2);
    return true;
  }
  value->Put(date.year, 4);
  if (grain == DateGrain::kYear) return true;
  value->Put("-");
  value->Put(date.month, 2);
  if (grain == DateGrain::kMonth) return true;
  value->Put("-");
  value->Put(date.day, 2);
  return true;
}

void PutTime(int32_t hour, int32_t minute, int32_t second, bool seconds, ValueWriter* value) {
  value->Put("T");
  value->Put(hour, 2);
  value->Put(":");
  value->Put(minute, 2);
  if (!seconds) return;
  value->Put(":");
  value->Put(second, 2);
}

}  // namespace pbert
