// Entities that need no model: numbers, dates, amounts and addresses, in English text.
//
// Where English means two things, this is which:
//  - "5" alone is a number, never a time: a time has minutes, "pm", "o'clock", or a date and "at" before it.
//  - "one" is a number where it counts ("one coffee", or the whole text), not as a pronoun ("I have one").
//  - "second" is an ordinal, but not after "a", "one" or "per", and not in "second thoughts".
//  - A comma groups thousands and a point begins decimals: "1,200.5". "1.2.3" is no number. Beside a currency "19,99"
//    has decimals.
//  - "3/4/2025" is month first, unless `day_first`, or where only the other is a date ("25/4/2025"). "3/4" is a date
//    only after a word like "on" or "by". "25.4.2025" is day first.
//  - A year of two digits is in 1970 to 2069.
//  - "friday", "this friday" and "next friday" are all the first one after today, as Duckling has it; "friday next
//    week" is in the week after this one, which begins on Monday. "last friday" is the last one before today.
//  - "March 3rd" is the first one from today on. "march" and "may" alone are months only after a word like "in".
//  - "5:30" and "5 o'clock" are read in 24 hours, if nothing like "pm" or "in the evening" says otherwise.
//  - "a pound" is money unless "of" follows; "pounds" are GBP, "dollars", "bucks" and "cents" USD.
#ifndef POCKETBERT_ENTITIES_ENTITIES_H_
#define POCKETBERT_ENTITIES_ENTITIES_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pbert {

enum class EntityKind : uint8_t {  // numbers of the C interface
  kNumber = 0,                     // "1200.5"
  kOrdinal = 1,                    // "3"
  kDate = 2,                       // "2026-11-28"; a month "2026-11", a week "2026-W48", a year "2026"
  kTime = 3,                       // "T17:00", "T17:00:30"
  kDateTime = 4,                   // "2026-11-28T17:00"
  kDuration = 5,                   // "PT45M", "P2W"
  kMoney = 6,                      // "12.50 USD"
  kEmail = 7,                      // as written, the domain in lower case
  kUrl = 8,                        // as written, scheme and host in lower case
  kPhone = 9                       // "+442079460958": digits, with the + that was written
};
inline constexpr uint32_t kEntityKinds = 10;
inline constexpr uint32_t kAllEntityKinds = (1u << kEntityKinds) - 1;

struct CivilTime {
  int32_t year, month, day, hour, minute, second;
};

// A date and a time of day that exist, in the years 1 to 9999.
bool IsCivilTime(const CivilTime& time);

inline constexpr size_t kEntityValueSize = 256;

struct TextEntity {
  EntityKind kind;
  size_t begin, end;             // in bytes
  char value[kEntityValueSize];  // zero-terminated; empty: relative to a time that was not given, or longer than this
};

struct EntityOptions {
  uint32_t kinds = kAllEntityKinds;  // 1 << EntityKind of each
  bool day_first = false;
  const CivilTime* now = nullptr;  // what "tomorrow" is relative to; null: such dates have no value
};

// Calls visit(context, entity) for each entity from left to right, until it returns false. Of those that begin at one
// place the longest is given, and nothing within it: a number in a date is none. Kinds that are not asked for are not
// looked for. Takes time linear in the text, and a fixed memory of the stack.
void FindEntities(std::string_view text, const EntityOptions& options, bool (*visit)(void*, const TextEntity&),
                  void* context);

}  // namespace pbert

#endif  // POCKETBERT_ENTITIES_ENTITIES_H_
