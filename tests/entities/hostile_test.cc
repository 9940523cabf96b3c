// Texts that nobody writes: of any length, in time that grows no faster than they do, with entities in order.
#include <doctest/doctest.h>

#include <chrono>
#include <cstring>
#include <random>
#include <string>

#include "entities/entities.h"

namespace pbert {
namespace {

constexpr CivilTime kNow = {2026, 11, 28, 14, 30, 0};

// How many entities; checks what holds for all of them.
size_t Count(const std::string& text, const CivilTime* now) {
  struct Visit {
    size_t size, last_end = 0, count = 0;
    bool fine = true;
  } visit{text.size()};
  FindEntities(
      text, {.now = now},
      [](void* context, const TextEntity& e) {
        Visit& self = *static_cast<Visit*>(context);
        self.fine = self.fine && e.begin >= self.last_end && e.begin < e.end && e.end <= self.size &&
                    strnlen(e.value, kEntityValueSize) < kEntityValueSize;
        self.last_end = e.end;
        ++self.count;
        return true;
      },
      &visit);
  CHECK(visit.fine);
  return visit.count;
}

double Seconds(const std::string& text) {
  const auto begin = std::chrono::steady_clock::now();
  Count(text, &kNow);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TEST_CASE("hostile entities: time grows with the text and no faster") {
  for (const std::string unit : {"1",
                                 "a",
                                 "1,",
                                 "1.",
                                 "1,000,",
                                 ".",
                                 "@",
                                 "a@",
                                 "a.",
                                 "a.b",
                                 "(",
                                 "((0)",
                                 "-",
                                 "+1 ",
                                 "one ",
                                 "hundred ",
                                 "two million ",
                                 "and ",
                                 "a ",
                                 "5 hours ",
                                 "5 hours and ",
                                 "half ",
                                 "march ",
                                 "march 3 ",
                                 "monday ",
                                 "next ",
                                 "5pm on ",
                                 "http://",
                                 "http://a",
                                 "www.",
                                 "$",
                                 "$5 ",
                                 "12:30:",
                                 "'s",
                                 "o'",
                                 "\xE2\x80\x99",
                                 "\xFF",
                                 "\xF0\x9F",
                                 " ",
                                 "\n",
                                 "in ",
                                 "in two ",
                                 "1-",
                                 "555-",
                                 "a-",
                                 "a+",
                                 "a@b.",
                                 "new year's "}) {
    CAPTURE(unit);
    std::string text;
    while (text.size() < 100'000) text += unit;
    // What were quadratic would take minutes; a slow machine takes a second.
    CHECK(Seconds(text) < 4.0);
  }
}

TEST_CASE("hostile entities: random words of the tables, at random places") {
  const char* const words[] = {"one",
                               "two",
                               "five",
                               "a",
                               "an",
                               "half",
                               "hundred",
                               "million",
                               "and",
                               "march",
                               "may",
                               "3rd",
                               "friday",
                               "next",
                               "in",
                               "ago",
                               "hours",
                               "weeks",
                               "days",
                               "second",
                               "am",
                               "pm",
                               "at",
                               "$",
                               "\xE2\x82\xAC",
                               "5",
                               "17",
                               "2025",
                               "99999999999999999999",
                               ":",
                               "/",
                               "-",
                               ".",
                               ",",
                               "+",
                               "(",
                               ")",
                               "noon",
                               "past",
                               "to",
                               "quarter",
                               "the",
                               "of",
                               "first",
                               "twenty",
                               "point",
                               "dollars",
                               "cents",
                               "@",
                               "www.",
                               "http://",
                               "x.com",
                               "years",
                               "century",
                               "999999999999999",
                               "000",
                               "T",
                               "z",
                               "k",
                               "tomorrow",
                               "night",
                               "on",
                               "christmas",
                               "'s",
                               "\xC3\xA9",
                               "\xFF",
                               "minus",
                               "trillion",
                               "from",
                               "now",
                               "9999-12-31",
                               "week",
                               "year",
                               "month",
                               "million million"};
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (uint32_t i = 0; i < 1 + random() % 12; ++i) {
      text += words[random() % std::size(words)];
      if (random() % 3 != 0) text += " ";
    }
    CAPTURE(text);
    Count(text, random() % 4 == 0 ? nullptr : &kNow);
  }
}

TEST_CASE("hostile entities: dates at the calendar's ends") {
  const CivilTime last = {9999, 12, 31, 23, 59, 59}, first = {1, 1, 1, 0, 0, 0};
  CHECK(IsCivilTime(last));
  CHECK(IsCivilTime(first));
  CHECK_FALSE(IsCivilTime({2025, 2, 29, 0, 0, 0}));
  CHECK_FALSE(IsCivilTime({2025, 2, 28, 24, 0, 0}));
  for (const std::string text :
       {"tomorrow", "yesterday", "next week", "last week", "next month", "next year", "last year", "friday",
        "last friday", "in 1000000 years", "1000000 weeks ago", "in 9999999 hours", "in two hours", "two hours ago",
        "february 29", "halloween", "the day after tomorrow"}) {
    CAPTURE(text);
    Count(text, &last);
    Count(text, &first);
  }
}

}  // namespace pbert
