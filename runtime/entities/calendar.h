// The Gregorian calendar.
#ifndef POCKETBERT_ENTITIES_CALENDAR_H_
#define POCKETBERT_ENTITIES_CALENDAR_H_

#include <cstdint>

#include "entities/decimal.h"

namespace pbert {

struct CivilDate {
  int32_t year = 0, month = 0, day = 0;
};

int32_t DaysInMonth(int32_t year, int32_t month);
// In the years 1 to 9999.
bool IsCivilDate(const CivilDate& date);
// Days since 1970-01-01, and back.
int64_t DayNumber(const CivilDate& date);
CivilDate DateOfDay(int64_t day_number);
// 0 is Monday.
int32_t WeekdayOf(int64_t day_number);
// The month's last day where it has no such day.
CivilDate AddMonths(const CivilDate& date, int64_t months);

// "2026-11-28", "2026-11", "2026-W48", "2026"; false outside of the years 1 to 9999.
enum class DateGrain : uint8_t { kDay, kMonth, kWeek, kYear };
bool PutDate(const CivilDate& date, DateGrain grain, ValueWriter* value);
// "T17:00", "T17:00:30".
void PutTime(int32_t hour, int32_t minute, int32_t second, bool seconds, ValueWriter* value);

}  // namespace pbert

#endif  // POCKETBERT_ENTITIES_CALENDAR_H_
