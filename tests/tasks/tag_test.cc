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

struct Found {
  std::string word;
  uint32_t label, begin_bytes, end_bytes;
  bool operator==(const Found&) const = default;
};

std::vector<Found> TagWindows(pbert_session* session, const pbert_input& input, pbert_aggregation aggregation,
                              std::vector<const char*> ignored = {"O"}) {
  pbert_tag_options options = PBERT_TAG_OPTIONS;
  options.aggregation = aggregation;
  options.ignored_count = static_cast<uint32_t>(ignored.size());
  ignored.push_back(nullptr);
  options.ignored = ignored.data();
  struct Visit {
    pbert_session* session;
    const pbert_input* input;
    pbert_aggregation aggregation;
    std::vector<Found> found;
  } visit{session, &input, aggregation, {}};
  const auto keep = [](void* context, const pbert_entity* entity) {
    Visit& self = *static_cast<Visit*>(context);
    char word[64];
    size_t size = 0;
    REQUIRE(pbert_entity_word(self.session, self.input, self.aggregation, entity, word, sizeof(word), &size) ==
            PBERT_OK);
    self.found.push_back(
        {{word, std::min(size, sizeof(word))}, entity->label, entity->extent.begin_bytes, entity->extent.end_bytes});
    return 0;
  };
  REQUIRE(pbert_tag_windows(session, &input, &options, keep, &visit) == PBERT_OK);
  return visit.found;
}

TEST_CASE("tag: windows find in a long text what one window would, each entity once") {
  const TaskSession session(TaggerFile());
  const std::string text = "hello sing . world a . sing sing sing";
  const std::vector<Found> whole = {{"hello sing", kBeginPerson, 0, 10},
                                    {"world", kBeginPlace, 13, 18},
                                    {"a", kInPlace, 19, 20},
                                    {"sing sing sing", kInPerson, 23, 37}};
  pbert_input input = Text(text);
  // Two entities of one group, of which the later does not begin another: "world a" is one.
  const std::vector<Found> grouped = {whole[0], {"world a", kBeginPlace, 13, 20}, whole[3]};
  CHECK(TagWindows(session, input, PBERT_AGGREGATE_SIMPLE) == grouped);
  // Windows of six tokens of the text that share four: none of these entities is cut in every window.
  input.max_tokens = 8;
  input.stride = 4;
  CHECK(TagWindows(session, input, PBERT_AGGREGATE_SIMPLE) == grouped);
  // Windows of three that share none: sing . | world a . | sing sing sing; the first two words are in the first one.
  input.max_tokens = 5;
  input.stride = PBERT_NO_STRIDE;
  CHECK(TagWindows(session, input, PBERT_AGGREGATE_SIMPLE) == grouped);
  // Of two that share none: an entity that lies in two windows is cut.
  input.max_tokens = 4;
  CHECK(
      TagWindows(session, input, PBERT_AGGREGATE_SIMPLE) ==
      std::vector<Found>{whole[0], whole[1], whole[2], {"sing sing", kInPerson, 23, 32}, {"sing", kInPerson, 33, 37}});
  CHECK(TagWindows(session, input, PBERT_AGGREGATE_SIMPLE, {"O", "PER"}) == std::vector<Found>{whole[1], whole[2]});
  CHECK(TagWindows(session, input, PBERT_AGGREGATE_SIMPLE, {}).size() == 7);
}

TEST_CASE("tag: windows of a text of any length, and what is refused") {
  const TaskSession session(TaggerFile());
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "hello . ";
  pbert_input input = Text(text);
  input.stride = 2;
  const std::vector<Found> found = TagWindows(session, input, PBERT_AGGREGATE_SIMPLE);
  REQUIRE(found.size() == 20000);
  for (size_t i = 0; i < found.size(); ++i) {
    if (found[i] == Found{"hello", kBeginPerson, static_cast<uint32_t>(8 * i), static_cast<uint32_t>(8 * i + 5)}) {
      continue;
    }
    FAIL("entity ", i);
  }
  const auto never = [](void*, const pbert_entity*) { return 0; };
  pbert_entities result = PBERT_ENTITIES;
  CHECK(pbert_tag(session, &input, PBERT_AGGREGATE_SIMPLE, &result) == PBERT_INVALID_ARGUMENT);
  input.stride = 1000;
  CHECK(pbert_tag_windows(session, &input, nullptr, never, nullptr) == PBERT_INVALID_ARGUMENT);
  CHECK(std::string_view(pbert_error()).find("no more than the stride of 1000") != std::string_view::npos);
  char word[8];
  size_t size = 0;
  const pbert_entity none = {};
  CHECK(pbert_entity_word(session, &input, PBERT_AGGREGATE_NONE, &none, word, sizeof(word), &size) ==
        PBERT_INVALID_ARGUMENT);
}

TEST_CASE("tag: a word is asked for with the text in which it was found") {
  const TaskSession session(TaggerFile());
  const std::string text = "hello sing . world";
  pbert_input input = Text(text);
  pbert_entities result = PBERT_ENTITIES;
  REQUIRE(pbert_tag(session, &input, PBERT_AGGREGATE_SIMPLE, &result) == PBERT_OK);
  pbert_entity entity = result.entities[0];
  char word[64];
  size_t size = 0;
  const auto ask = [&](const pbert_input& in) {
    return pbert_entity_word(session, &in, PBERT_AGGREGATE_FIRST, &entity, word, sizeof(word), &size);
  };
  CHECK(ask(input) == PBERT_OK);
  CHECK(std::string(word, size) == "hello sing");
  // A shorter text, in the middle of which a token would lie outside; behind that a special token, which lies nowhere.
  const std::string shorter(text, 0, 3);
  entity.token_count = result.token_count - 1;
  CHECK(ask(input) == PBERT_OK);
  CHECK(ask(Text(shorter)) == PBERT_INVALID_ARGUMENT);
  entity.token_count = UINT32_MAX;
  CHECK(ask(input) == PBERT_INVALID_ARGUMENT);
  entity = {0, 0, UINT32_MAX, 2, {}};
  CHECK(ask(input) == PBERT_INVALID_ARGUMENT);
}

TEST_CASE("tag: a visitor ends the search") {
  const TaskSession session(TaggerFile());
  pbert_input input = Text("hello . hello . hello . hello");
  input.max_tokens = 5;
  input.stride = 1;
  int visits = 0;
  const auto end_at_two = [](void* count, const pbert_entity*) { return ++*static_cast<int*>(count) == 2 ? 1 : 0; };
  REQUIRE(pbert_tag_windows(session, &input, nullptr, end_at_two, &visits) == PBERT_OK);
  CHECK(visits == 2);
}

}  // namespace
}  // namespace pbert::test
