// Dates and times of day as they are said, before they are put together.
#ifndef POCKETBERT_ENTITIES_DATE_PHRASE_H_
#define POCKETBERT_ENTITIES_DATE_PHRASE_H_

#include <cstddef>
#include <cstdint>

#include "entities/calendar.h"
#include "entities/duration.h"
#include "entities/entities.h"
#include "entities/tokens.h"

namespace pbert {

enum class DayPart : uint8_t { kNone, kMorning, kAfternoon, kEvening, kNight };

struct DatePhrase {
  bool known = true;  // else it is relative, and to what was not given
  CivilDate date;
  DateGrain grain = DateGrain::kDay;
  DayPart part = DayPart::kNone;
  size_t next = 0;  // the token after it
};

struct TimePhrase {
  int32_t hour = 0, minute = 0, second = 0;
  bool seconds = false;
  bool definite = false;  // "pm", "noon": a part of the day that is said elsewhere changes nothing
  size_t next = 0;
};

// "March 3rd, 2025", "3/4/2025", "2026-11-28".
bool ReadCalendarDate(Tokens& tokens, size_t at, const EntityOptions& options, DatePhrase* phrase);
// "tomorrow", "next friday", "last week", "christmas".
bool ReadRelativeDate(Tokens& tokens, size_t at, const EntityOptions& options, DatePhrase* phrase);
// Either, with a part of the day behind it: "tomorrow morning".
bool ReadDate(Tokens& tokens, size_t at, const EntityOptions& options, DatePhrase* phrase);
// "monday", "tue": 0 is Monday; -1 for other words. *is_word: it is also another word of English, as "sun".
int32_t ReadWeekday(Tokens& tokens, size_t at, bool* is_word);
int32_t ReadMonth(Tokens& tokens, size_t at, bool* is_word);  // 1 to 12
// "morning", "in the evening", "at night".
DayPart ReadDayPart(Tokens& tokens, size_t at, bool preposition, size_t* next);

// "in two weeks", "three hours ago", "5 days from now": the length, and 1 or -1 for its direction.
bool ReadShift(Tokens& tokens, size_t at, DurationPhrase* duration, int* direction, size_t* next);

bool ReadTime(Tokens& tokens, size_t at, TimePhrase* phrase);
// A whole hour, that only what is around it makes one: "at five tomorrow".
bool ReadBareHour(Tokens& tokens, size_t at, TimePhrase* phrase);
void ApplyDayPart(DayPart part, TimePhrase* phrase);

}  // namespace pbert

#endif  // POCKETBERT_ENTITIES_DATE_PHRASE_H_
