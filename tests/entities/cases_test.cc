// The cases of *.tsv: a text, and behind tabs each entity that it has of the file's kinds, with the value behind it.
// All kinds are looked for, so that the others may take a place. It is Saturday 2026-11-28, 14:30.
#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

#include "entities/entities.h"

namespace pbert {
namespace {

constexpr CivilTime kNow = {2026, 11, 28, 14, 30, 0};

std::vector<std::string> Split(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == '\t') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

// The entities of `kinds` in the form of a case's fields.
std::string Find(const std::string& text, uint32_t kinds, bool day_first) {
  struct Visit {
    const std::string* text;
    uint32_t kinds;
    std::string found;
  } visit{&text, kinds, ""};
  const EntityOptions options = {.day_first = day_first, .now = &kNow};
  FindEntities(
      text, options,
      [](void* context, const TextEntity& entity) {
        Visit& self = *static_cast<Visit*>(context);
        if ((self.kinds >> static_cast<uint32_t>(entity.kind) & 1) != 0) {
          self.found += "\t" + self.text->substr(entity.begin, entity.end - entity.begin) + "\t" + entity.value;
        }
        return true;
      },
      &visit);
  return visit.found;
}

void CheckCases(const char* name, uint32_t kinds, bool day_first = false) {
  std::ifstream file(std::string(POCKETBERT_TESTS_DIR) + "/entities/" + name);
  uint32_t cases = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::string text = Split(line)[0];
    CHECK(text + Find(text, kinds, day_first) == line);
    ++cases;
  }
  CHECK(cases >= (day_first ? 10 : 100));
}

uint32_t Bit(EntityKind kind) { return 1u << static_cast<uint32_t>(kind); }

}  // namespace

TEST_CASE("entity cases: numbers") { CheckCases("number.tsv", Bit(EntityKind::kNumber)); }
TEST_CASE("entity cases: ordinals") { CheckCases("ordinal.tsv", Bit(EntityKind::kOrdinal)); }
TEST_CASE("entity cases: dates") { CheckCases("date.tsv", Bit(EntityKind::kDate)); }
TEST_CASE("entity cases: dates, day first") { CheckCases("day_first.tsv", Bit(EntityKind::kDate), true); }
TEST_CASE("entity cases: times") { CheckCases("time.tsv", Bit(EntityKind::kTime) | Bit(EntityKind::kDateTime)); }
TEST_CASE("entity cases: durations") { CheckCases("duration.tsv", Bit(EntityKind::kDuration)); }
TEST_CASE("entity cases: money") { CheckCases("money.tsv", Bit(EntityKind::kMoney)); }
TEST_CASE("entity cases: e-mail addresses") { CheckCases("email.tsv", Bit(EntityKind::kEmail)); }
TEST_CASE("entity cases: URLs") { CheckCases("url.tsv", Bit(EntityKind::kUrl)); }
TEST_CASE("entity cases: phone numbers") { CheckCases("phone.tsv", Bit(EntityKind::kPhone)); }

}  // namespace pbert
