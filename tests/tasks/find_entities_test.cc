// pbert_find_entities: what it refuses, and its extents. What is found is the cases' of tests/entities.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "pocketbert/pocketbert.h"
#include "pocketbert/pocketbert.hpp"

namespace {

struct Seen {
  uint32_t kind;
  pbert_extent extent;
  std::string value;
};

int Keep(void* context, const pbert_found_entity* entity) {
  CHECK(entity->struct_size == sizeof(pbert_found_entity));
  CHECK(entity->value[entity->value_size] == 0);
  static_cast<std::vector<Seen>*>(context)->push_back(
      {entity->kind, entity->extent, std::string(entity->value, entity->value_size)});
  return 0;
}

int Stop(void* context, const pbert_found_entity*) {
  ++*static_cast<int*>(context);
  return 1;
}

std::vector<Seen> Find(const std::string& text, const pbert_find_options* options) {
  std::vector<Seen> seen;
  CHECK(pbert_find_entities(text.data(), text.size(), options, Keep, &seen) == PBERT_OK);
  return seen;
}

}  // namespace

TEST_CASE("find entities: the three units of extents") {
  // Three characters of two, three and four bytes, the last of two UTF-16 units, and a space.
  const std::vector<Seen> seen = Find("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 5pm", nullptr);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].kind == PBERT_TIME);
  CHECK(seen[0].value == "T17:00");
  const pbert_extent& e = seen[0].extent;
  CHECK(e.begin_bytes == 10);
  CHECK(e.end_bytes == 13);
  CHECK(e.begin_code_points == 4);
  CHECK(e.end_code_points == 7);
  CHECK(e.begin_utf16 == 5);
  CHECK(e.end_utf16 == 8);
}

TEST_CASE("find entities: options") {
  pbert_find_options options = PBERT_FIND_OPTIONS;
  CHECK(Find("tomorrow", &options).at(0).value.empty());
  options.has_now = 1;
  std::vector<Seen> seen;
  CHECK(pbert_find_entities("a", 1, &options, Keep, &seen) == PBERT_INVALID_ARGUMENT);  // there is no month 0
  options.year = 2026;
  options.month = 12;
  options.day = 31;
  CHECK(Find("tomorrow", &options).at(0).value == "2027-01-01");
  options.kinds = 1u << PBERT_NUMBER;
  CHECK(Find("tomorrow", &options).empty());
  CHECK(Find("3/4/2025", &options).empty());
  options.kinds = 1u << PBERT_DATE;
  options.day_first = 1;
  CHECK(Find("3/4/2025", &options).at(0).value == "2025-04-03");
  options.day = 32;
  CHECK(pbert_find_entities("a", 1, &options, Keep, &seen) == PBERT_INVALID_ARGUMENT);
  options.day = 1;
  options.kinds = 1u << 10;
  CHECK(pbert_find_entities("a", 1, &options, Keep, &seen) == PBERT_UNSUPPORTED);
  options.kinds = 0;
  options.day_first = 2;
  CHECK(pbert_find_entities("a", 1, &options, Keep, &seen) == PBERT_INVALID_ARGUMENT);
  options.struct_size = 0;
  CHECK(pbert_find_entities("a", 1, &options, Keep, &seen) == PBERT_INVALID_ARGUMENT);
  CHECK(seen.empty());
}

TEST_CASE("find entities: null and empty texts, and visitors that stop") {
  std::vector<Seen> seen;
  CHECK(pbert_find_entities(nullptr, 7, nullptr, Keep, &seen) == PBERT_OK);
  CHECK(pbert_find_entities("", 0, nullptr, Keep, &seen) == PBERT_OK);
  CHECK(seen.empty());
  CHECK(pbert_find_entities("5", 1, nullptr, nullptr, nullptr) == PBERT_INVALID_ARGUMENT);
  int calls = 0;
  CHECK(pbert_find_entities("5 6 7", 5, nullptr, Stop, &calls) == PBERT_OK);
  CHECK(calls == 1);
}

TEST_CASE("find entities: from C++") {
  std::string values;
  const auto result =
      pocketbert::FindEntities("5 dollars at 5pm, 6 cats and 7", [&values](const pbert_found_entity& e) {
        values += std::string(e.value) + ";";
        return e.kind != PBERT_NUMBER;
      });
  CHECK(static_cast<bool>(result));
  CHECK(values == "5 USD;T17:00;6;");
}
