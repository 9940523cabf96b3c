#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/tasks/session_fixture.h"

namespace pbert::test {
namespace {

struct Seen {
  int32_t id;
  uint32_t type_id, source;
  std::string piece;
  std::vector<uint32_t> bytes, code_points, utf16;
};

int Keep(void* context, const pbert_token* token) {
  static_cast<std::vector<Seen>*>(context)->push_back({token->id,
                                                       token->type_id,
                                                       token->source,
                                                       std::string(token->piece, token->piece_size),
                                                       {token->extent.begin_bytes, token->extent.end_bytes},
                                                       {token->extent.begin_code_points, token->extent.end_code_points},
                                                       {token->extent.begin_utf16, token->extent.end_utf16}});
  return 0;
}

std::vector<Seen> Tokens(const pbert_model* model, const pbert_input& input) {
  std::vector<Seen> seen;
  REQUIRE(pbert_tokenize(model, &input, Keep, &seen) == PBERT_OK);
  return seen;
}

std::vector<int32_t> Ids(const std::vector<Seen>& seen) {
  std::vector<int32_t> ids;
  for (const Seen& token : seen) ids.push_back(token.id);
  return ids;
}

using Range = std::vector<uint32_t>;

TEST_CASE("tokens of a text come with their frame and their place in three units") {
  OpenModel model;
  // é is 2 bytes, the emoji 4 bytes and 2 UTF-16 units; both are unknown words.
  const std::vector<Seen> seen = Tokens(model, Text("\xC3\xA9 \xF0\x9F\x98\x80 Singing."));
  REQUIRE(Ids(seen) == std::vector<int32_t>{2, 1, 1, 13, 12, 18, 3});
  CHECK(seen[0].piece == "[CLS]");
  CHECK(seen[0].source == 0);
  CHECK(seen[0].bytes == Range{0, 0});
  CHECK(seen[1].piece == "[UNK]");
  CHECK(seen[1].source == 1);
  CHECK(seen[1].bytes == Range{0, 2});
  CHECK(seen[1].code_points == Range{0, 1});
  CHECK(seen[2].bytes == Range{3, 7});
  CHECK(seen[2].code_points == Range{2, 3});
  CHECK(seen[2].utf16 == Range{2, 4});
  CHECK(seen[3].piece == "sing");
  CHECK(seen[3].bytes == Range{8, 12});
  CHECK(seen[3].utf16 == Range{5, 9});
  CHECK(seen[4].piece == "##ing");
  CHECK(seen[4].code_points == Range{8, 11});
  CHECK(seen[5].piece == ".");
  CHECK(seen[6].piece == "[SEP]");
  CHECK(seen[6].source == 0);
}

TEST_CASE("pairs name their source and type, with places in their own text") {
  OpenModel model;
  const std::vector<Seen> seen = Tokens(model, Pair("a b", "\xC3\xA9 c"));
  REQUIRE(Ids(seen) == std::vector<int32_t>{2, 5, 6, 3, 1, 7, 3});
  CHECK(seen[2].source == 1);
  CHECK(seen[2].type_id == 0);
  CHECK(seen[4].source == 2);
  CHECK(seen[4].type_id == 1);
  CHECK(seen[5].bytes == Range{3, 4});
  CHECK(seen[5].code_points == Range{2, 3});
  CHECK(seen[6].type_id == 1);
  CHECK(Ids(Tokens(model, Pair("", ""))) == std::vector<int32_t>{2, 3, 3});
}

TEST_CASE("nothing is truncated, whatever limits say") {
  OpenModel model;
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "a b ";
  pbert_input input = Text(text);
  input.max_tokens = 4;
  CHECK(Tokens(model, input).size() == 2002);
}

TEST_CASE("the visitor may stop") {
  OpenModel model;
  int calls = 0;
  const auto stop_at_three = [](void* context, const pbert_token*) {
    return ++*static_cast<int*>(context) == 3 ? 1 : 0;
  };
  const pbert_input input = Text("a b c a b c");
  CHECK(pbert_tokenize(model, &input, stop_at_three, &calls) == PBERT_OK);
  CHECK(calls == 3);
}

// One character whose decomposition is several tokens gives them all the same place; a megabyte of them
// must not make finding the places quadratic (which would take minutes).
TEST_CASE("places are found in linear time even where tokens share a character") {
  OpenModel model;
  std::string text;
  while (text.size() < 1000000) text += "\xEF\xB7\xBA, ";
  int calls = 0;
  const auto count = [](void* context, const pbert_token*) {
    ++*static_cast<int*>(context);
    return 0;
  };
  const pbert_input input = Text(text);
  const auto start = std::chrono::steady_clock::now();
  CHECK(pbert_tokenize(model, &input, count, &calls) == PBERT_OK);
  CHECK(calls > 100000);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

}  // namespace
}  // namespace pbert::test
