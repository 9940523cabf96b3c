// Lengths of time, which durations are, and dates like "in two weeks" are made of.
#ifndef POCKETBERT_ENTITIES_DURATION_H_
#define POCKETBERT_ENTITIES_DURATION_H_

#include <cstddef>
#include <cstdint>

#include "entities/decimal.h"
#include "entities/tokens.h"

namespace pbert {

enum DurationUnit : uint32_t { kYears, kMonths, kWeeks, kDays, kHours, kMinutes, kSeconds, kDurationUnits };

struct DurationPhrase {
  Decimal parts[kDurationUnits];  // whole numbers but for months and seconds
  size_t next = 0;                // the token after it
  uint32_t last_unit = 0;         // the smallest that was said
};

// "two and a half hours", "1h30m", "a week", "half an hour", "2 hours, 15 minutes and 3 seconds".
bool ReadDuration(Tokens& tokens, size_t at, DurationPhrase* phrase);
// A unit's word, "hours" or "min": its number; kDurationUnits for other words. *factor: two for a fortnight's weeks.
uint32_t ReadDurationUnit(Tokens& tokens, size_t at, int64_t* factor);

}  // namespace pbert

#endif  // POCKETBERT_ENTITIES_DURATION_H_
