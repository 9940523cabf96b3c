// Tagging through the C interface: which tokens become one entity, its label, score, and place in the text.
#include <doctest/doctest.h>

#include "tests/tasks/task_fixture.h"

namespace pbert::test {
namespace {

enum Tag : uint32_t { kOutside, kBeginPerson, kInPerson, kBeginPlace, kInPlace };

// hello: B-PER, sing and ##er: I-PER, world: B-LOC, a: I-LOC, ##ing: B-LOC and surer of it; all else O.
// A logit of x among zeros is the probability e^x / (e^x + 4).
constexpr float kSure = 0.648786f;   // of a logit of 2
constexpr float kSurer = 0.833925f;  // of 3

TinyFile TaggerFile() {
  TinyFile file = PatternFile({{kHello, 2}, {kSing, 3}, {kEndingEr, 3}, {kWorld, 4}, {kA, 5}, {kEndingIng, 6}});
  SetHead(&file, schema::Task::TokenClassification, schema::RowChoice::All, 5,
          {"O", "B-PER", "I-PER", "B-LOC", "I-LOC"});
  SetLogits(&file, {{1, kOutside, 2},
                    {2, kBeginPerson, 2},
                    {3, kInPerson, 2},
                    {4, kBeginPlace, 2},
                    {5, kInPlace, 2},
                    {6, kBeginPlace, 3}});
  return file;
}

struct Expected {
  uint32_t label;
  float score;
  uint32_t first_token, token_count;
};

void CheckTags(pbert_session* session, std::string_view text, pbert_aggregation aggregation,
               const std::vector<Expected>& expected) {
  INFO(text, ", aggregation ", static_cast<int>(aggregation));
  const pbert_input input = Text(text);
  pbert_entities result = PBERT_ENTITIES;
  REQUIRE(pbert_tag(session, &input, aggregation, &result) == PBERT_OK);
  REQUIRE(result.count == expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    INFO("entity ", i);
    CHECK(result.entities[i].label == expected[i].label);
    CHECK(result.entities[i].score == doctest::Approx(expected[i].score).epsilon(1e-4));
    CHECK(result.entities[i].first_token == expected[i].first_token);
    CHECK(result.entities[i].token_count == expected[i].token_count);
  }
}

TEST_CASE("tag: neighbours of one group are one entity, until one begins another") {
  const TaskSession session(TaggerFile());
  CheckTags(session, "hello sing world", PBERT_AGGREGATE_NONE,
            {{kBeginPerson, kSure, 1, 1}, {kInPerson, kSure, 2, 1}, {kBeginPlace, kSure, 3, 1}});
  CheckTags(session, "hello sing world", PBERT_AGGREGATE_SIMPLE,
            {{kBeginPerson, kSure, 1, 2}, {kBeginPlace, kSure, 3, 1}});
  CheckTags(session, "hello hello", PBERT_AGGREGATE_SIMPLE, {{kBeginPerson, kSure, 1, 1}, {kBeginPerson, kSure, 2, 1}});
  CheckTags(session, "sing sing", PBERT_AGGREGATE_SIMPLE, {{kInPerson, kSure, 1, 2}});
  CheckTags(session, "hello a", PBERT_AGGREGATE_SIMPLE, {{kBeginPerson, kSure, 1, 1}, {kInPlace, kSure, 2, 1}});
  CheckTags(session, "sing . sing", PBERT_AGGREGATE_SIMPLE, {{kInPerson, kSure, 1, 1}, {kInPerson, kSure, 3, 1}});
  CheckTags(session, ". b", PBERT_AGGREGATE_SIMPLE, {});
  CheckTags(session, "", PBERT_AGGREGATE_SIMPLE, {});
}

// sing, ##ing, ##er: I-PER twice and B-LOC in between, surest of all three.
TEST_CASE("tag: a word's pieces agree on a label as the aggregation says") {
  const TaskSession session(TaggerFile());
  CheckTags(session, "singinger", PBERT_AGGREGATE_SIMPLE,
            {{kInPerson, kSure, 1, 1}, {kBeginPlace, kSurer, 2, 1}, {kInPerson, kSure, 3, 1}});
  CheckTags(session, "singinger", PBERT_AGGREGATE_FIRST, {{kInPerson, kSure, 1, 3}});
  CheckTags(session, "singinger", PBERT_AGGREGATE_MAX, {{kBeginPlace, kSurer, 1, 3}});
  // The mean of I-PER: (2 * 0.648786 + 1 / (e^3 + 4)) / 3; of B-LOC: (0.833925 + 2 / (e^2 + 4)) / 3 = 0.3365.
  CheckTags(session, "singinger", PBERT_AGGREGATE_AVERAGE, {{kInPerson, 0.446363f, 1, 3}});
  // Words are grouped like tokens, each counted once however many pieces it has: the mean of two words.
  CheckTags(session, "hello singinger", PBERT_AGGREGATE_AVERAGE, {{kBeginPerson, (kSure + 0.446363f) / 2, 1, 4}});
}

TEST_CASE("tag: places in bytes, code points and UTF-16 units") {
  const TaskSession session(TaggerFile());
  // An emoji (4 bytes, 1 code point, 2 units), a wide space (3 bytes, 1, 1), an e acute (2 bytes, 1, 1).
  const std::string text = "\xF0\x9F\x98\x80 hello\xE3\x80\x80 Sing \xC3\xA9 world";
  const pbert_input input = Text(text);
  pbert_entities result = PBERT_ENTITIES;
  REQUIRE(pbert_tag(session, &input, PBERT_AGGREGATE_SIMPLE, &result) == PBERT_OK);
  REQUIRE(result.count == 2);
  CheckExtent(result.entities[0].extent, {5, 18, 2, 13, 3, 14});
  CheckExtent(result.entities[1].extent, {22, 27, 16, 21, 17, 22});
}

TEST_CASE("tag: a text that is too long is cut, and the result says so") {
  const TaskSession session(TaggerFile());
  pbert_input input = Text("hello sing world");
  pbert_entities result = PBERT_ENTITIES;
  REQUIRE(pbert_tag(session, &input, PBERT_AGGREGATE_SIMPLE, &result) == PBERT_OK);
  CHECK(result.truncated == 0);
  CHECK(result.token_count == 5);
  input.max_tokens = 4;
  REQUIRE(pbert_tag(session, &input, PBERT_AGGREGATE_SIMPLE, &result) == PBERT_OK);
  CHECK(result.truncated == 1);
  REQUIRE(result.token_count == 4);
  CHECK(std::vector<int32_t>(result.token_ids, result.token_ids + 4) ==
        std::vector<int32_t>{kClsPiece, kHello, kSing, kSepPiece});
  REQUIRE(result.count == 1);
  CheckExtent(result.entities[0].extent, {0, 10, 0, 10, 0, 10});
}

TEST_CASE("tag: windows by leaving out tokens at the beginning, places those of the whole text") {
  const TaskSession session(TaggerFile());
  pbert_input input = Text("hello sing . world");
  input.max_tokens = 4;
  input.skip_tokens = 2;
  pbert_entities result = PBERT_ENTITIES;
  REQUIRE(pbert_tag_all(session, &input, PBERT_AGGREGATE_NONE, &result) == PBERT_OK);
  CHECK(result.truncated == 0);
  REQUIRE(result.count == 2);  // "." is O, and kept
  CHECK(result.entities[0].extent.begin_bytes == 11);
  CHECK(result.entities[1].extent.begin_bytes == 13);
  input.skip_tokens = 1;
  REQUIRE(pbert_tag(session, &input, PBERT_AGGREGATE_NONE, &result) == PBERT_OK);
  CHECK(result.truncated == 1);
  REQUIRE(result.count == 1);
  CHECK(result.entities[0].extent.begin_bytes == 6);
  input.skip_tokens = 100;
  REQUIRE(pbert_tag(session, &input, PBERT_AGGREGATE_NONE, &result) == PBERT_OK);
  CHECK(result.token_count == 2);
}

}  // namespace
}  // namespace pbert::test
