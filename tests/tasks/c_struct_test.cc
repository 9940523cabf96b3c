#include <doctest/doctest.h>

#include <cstring>

#include "c_api/struct.h"

namespace pbert {
namespace {

// The same struct in three ages of the library.
struct Old {
  uint32_t struct_size;
  uint32_t first;
};
struct Now {
  uint32_t struct_size;
  uint32_t first;
  uint64_t second;
};
struct New {
  uint32_t struct_size;
  uint32_t first;
  uint64_t second;
  uint64_t third;
};
constexpr StructKind kKind = PBERT_STRUCT_KIND(Old, first);

TEST_CASE("a caller's struct of the library's own age is read as it is") {
  const Now given = {sizeof(Now), 1, 2};
  Now read;
  REQUIRE(ReadStruct(&given, kKind, &read).ok());
  CHECK(read.first == 1);
  CHECK(read.second == 2);
  CHECK(read.struct_size == sizeof(Now));
}

TEST_CASE("an older caller's struct is shorter: what it lacks is 0, and memory behind it is not read") {
  Old given[2] = {{sizeof(Old), 7}, {0xFFFFFFFF, 0xFFFFFFFF}};
  Now read;
  REQUIRE(ReadStruct(reinterpret_cast<const Now*>(&given[0]), kKind, &read).ok());
  CHECK(read.first == 7);
  CHECK(read.second == 0);
}

TEST_CASE("a newer caller's struct is longer: defaults are fine, anything else is refused") {
  New given = {sizeof(New), 7, 8, 0};
  Now read;
  REQUIRE(ReadStruct(reinterpret_cast<const Now*>(&given), kKind, &read).ok());
  CHECK(read.second == 8);
  given.third = 1;
  const Status refused = ReadStruct(reinterpret_cast<const Now*>(&given), kKind, &read);
  CHECK(refused.code() == Code::kUnsupported);
  CHECK(strstr(refused.message(), "Old") != nullptr);
}

TEST_CASE("null stands for defaults") {
  Now read = {1, 1, 1};
  REQUIRE(ReadStruct<Now>(nullptr, kKind, &read).ok());
  CHECK(read.first == 0);
  CHECK(read.second == 0);
}

TEST_CASE("a struct_size that nobody set is refused") {
  for (const uint32_t size : {0u, 1u, 4u, 7u, kLargestStruct + 1, 0xFFFFFFFFu}) {
    CAPTURE(size);
    const Now given = {size, 1, 2};
    Now read;
    CHECK(ReadStruct(&given, kKind, &read).code() == Code::kInvalidArgument);
  }
}

TEST_CASE("results fill what the caller has room for, and zero what the library does not know") {
  const Now result = {sizeof(Now), 3, 4};
  Old old[2] = {{sizeof(Old), 0}, {5, 6}};
  WriteStruct(result, reinterpret_cast<Now*>(&old[0]));
  CHECK(old[0].struct_size == sizeof(Old));
  CHECK(old[0].first == 3);
  CHECK(old[1].struct_size == 5);  // not written
  CHECK(old[1].first == 6);

  New young = {sizeof(New), 9, 9, 9};
  WriteStruct(result, reinterpret_cast<Now*>(&young));
  CHECK(young.struct_size == sizeof(New));
  CHECK(young.first == 3);
  CHECK(young.second == 4);
  CHECK(young.third == 0);
}

// A field added later must make the struct larger; one that fits into padding at the end would not.
TEST_CASE("no public struct ends in padding") {
  CHECK(PBERT_STRUCT_KIND(pbert_open_options, verify_data).first_size == sizeof(pbert_open_options));
  CHECK(PBERT_STRUCT_KIND(pbert_model_info, null_threshold).first_size == sizeof(pbert_model_info));
  CHECK(PBERT_STRUCT_KIND(pbert_session_options, learned).first_size == sizeof(pbert_session_options));
  CHECK(PBERT_STRUCT_KIND(pbert_input, stride).first_size == sizeof(pbert_input));
  CHECK(PBERT_STRUCT_KIND(pbert_answer_options, part_words).first_size == sizeof(pbert_answer_options));
  CHECK(PBERT_STRUCT_KIND(pbert_classification, reserved).first_size == sizeof(pbert_classification));
}

}  // namespace
}  // namespace pbert
