// Unigram segmentation against all segmentations, in windows and beyond them.
#include "text/unigram.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "tests/text/prepared_fixture.h"
#include "tests/text/tokenizer_fixture.h"

namespace pbert::test {
namespace {

using Scored = std::vector<std::pair<std::string, double>>;

// Viterbi over the whole text, of single-byte characters. Unknown characters are "?".
std::string ByDefinition(const Scored& pieces, std::string_view text) {
  double lowest = std::numeric_limits<double>::infinity();
  for (const auto& piece : pieces) lowest = std::min(lowest, piece.second);
  struct Best {
    double score;
    size_t start;
    bool reached, unknown;
  };
  std::vector<Best> best(text.size() + 1, {0, 0, false, false});
  for (size_t start = 0; start < text.size(); ++start) {
    const auto reach = [&](size_t end, double score, bool unknown) {
      const double sum = score + best[start].score;
      if (!best[end].reached || sum > best[end].score) best[end] = {sum, start, true, unknown};
    };
    bool single = false;
    for (size_t i = 1; i < pieces.size(); ++i) {
      const std::string& piece = pieces[i].first;
      if (!text.substr(start).starts_with(piece)) continue;
      reach(start + piece.size(), pieces[i].second, false);
      single |= piece.size() == 1;
    }
    if (!single) reach(start + 1, lowest - 10, true);
  }
  std::string joined;
  bool after_unknown = false;
  for (size_t end = text.size(); end > 0; end = best[end].start) {
    const bool unknown = best[end].unknown;
    if (!unknown || !after_unknown)
      joined.insert(0, unknown ? "? " : std::string(text.substr(best[end].start, end - best[end].start)) + ' ');
    after_unknown = unknown;
  }
  return joined;
}

std::string Joined(TestTokenizer* tokenizer, std::string_view text) {
  std::string joined;
  uint32_t end = 0;
  for (const Token& token : tokenizer->Tokens(text)) {
    REQUIRE(token.begin == end);
    end = token.end;
    joined += (token.id == 0 ? "?" : std::string(tokenizer->get().piece(token.id))) + ' ';
  }
  REQUIRE(end == text.size());
  return joined;
}

std::string RandomText(std::string_view letters, size_t size, std::mt19937* random) {
  std::string text(size, ' ');
  for (char& c : text) c = letters[(*random)() % letters.size()];
  return text;
}

TEST_CASE("the best sum wins; unknown neighbours are one") {
  TestTokenizer tokenizer(UnigramTable(
      {{"<unk>", 0}, {"a", 0}, {"b", 0}, {"c", 0}, {"d", 0}, {"cd", 1}, {"ab", 2}, {"abc", 5}, {"abcd", 10}}));
  CHECK(Joined(&tokenizer, "abcdacdxx") == "abcd a cd ? ");
  CHECK(tokenizer.Describe("xxabx") == "<unk>(0,2) ab(2,4) <unk>(4,5)");
  CHECK(tokenizer.Describe("") == "");
  CHECK(tokenizer.Describe("\xc3\xa9\xe4\xb8\xad") == "<unk>(0,5)");
}

TEST_CASE("of equal sums the one with the longest last piece wins") {
  TestTokenizer tokenizer(UnigramTable({{"<unk>", -9}, {"a", -1}, {"b", -1}, {"ab", -2}, {"ba", -2}}));
  CHECK(Joined(&tokenizer, "ab") == "ab ");
  CHECK(Joined(&tokenizer, "aba") ==
        ByDefinition({{"<unk>", -9}, {"a", -1}, {"b", -1}, {"ab", -2}, {"ba", -2}}, "aba"));
}

TEST_CASE("random vocabularies: texts of any length") {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> score(-12, -1);
  for (int round = 0; round < 40; ++round) {
    Scored pieces = {{"<unk>", 0}};
    for (const char c : std::string_view("abc")) {
      if (random() % 4 != 0) pieces.emplace_back(std::string(1, c), score(random));
    }
    for (int i = 0; i < 12; ++i) {
      const std::string piece = RandomText("abc", 2 + random() % 6, &random);
      if (std::none_of(pieces.begin(), pieces.end(), [&](const auto& other) { return other.first == piece; }))
        pieces.emplace_back(piece, score(random));
    }
    TestTokenizer tokenizer(UnigramTable(pieces));
    for (int i = 0; i < 20; ++i) {
      const std::string text = RandomText("abcx", 1 + random() % 60, &random);
      CHECK(Joined(&tokenizer, text) == ByDefinition(pieces, text));
    }
    for (const size_t size : {Unigram::kWindow, Unigram::kWindow + 1, 5 * Unigram::kWindow + 3}) {
      const std::string text = RandomText(round % 2 == 0 ? "abc" : "abcx", size, &random);
      CHECK(Joined(&tokenizer, text) == ByDefinition(pieces, text));
    }
  }
}

TEST_CASE("a draw without end still ends") {
  TestTokenizer tokenizer(UnigramTable({{"<unk>", -9}, {"a", -3}, {"b", -3}, {"ab", -2}, {"ba", -2}}));
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "ab";
  uint32_t end = 0;
  for (const Token& token : tokenizer.Tokens(text)) {
    REQUIRE(token.begin == end);
    end = token.end;
  }
  CHECK(end == text.size());
}

TEST_CASE("undecided for longer than the window: every token stands for its own characters") {
  TestTokenizer tokenizer(UnigramTable({{"<unk>", -9}, {"a", -5}, {"aaaaaaaaaaaaaaa", -7}}));
  for (size_t size = 1000; size < 4000; size += 37) {
    uint32_t end = 0;
    for (const Token& token : tokenizer.Tokens(std::string(size, 'a'))) {
      REQUIRE(token.begin == end);
      end = token.end;
      REQUIRE(token.end - token.begin == tokenizer.get().piece(token.id).size());
    }
    CHECK(end == size);
  }
}

TEST_CASE("scores as floats, as doubles, and neither") {
  schema::TokenizerT table = UnigramTable({{"<unk>", -9}, {"a", -3.5}, {"aa", -7.25}});
  CHECK(TestTokenizer(table).Describe("aa") == "a(0,1) a(1,2)");
  table.scores = {std::bit_cast<uint32_t>(-9.0f), std::bit_cast<uint32_t>(-3.5f), std::bit_cast<uint32_t>(-6.75f)};
  CHECK(TestTokenizer(table).Describe("aa") == "aa(0,2)");
  table.scores[1] = std::bit_cast<uint32_t>(std::numeric_limits<float>::quiet_NaN());
  CHECK(TestTokenizer(table).status().message() == std::string("tokenizer: score of piece 1: is not finite"));
  table.scores[1] = std::bit_cast<uint32_t>(std::numeric_limits<float>::infinity());
  CHECK(TestTokenizer(table).status().message() == std::string("tokenizer: score of piece 1: is not finite"));
  table.scores.push_back(0);
  CHECK(TestTokenizer(table).status().message() == std::string("tokenizer: scores: 4 words for 3 pieces"));
  table.scores.clear();
  CHECK(TestTokenizer(table).status().message() == std::string("tokenizer: scores: 0 words for 3 pieces"));
}

}  // namespace
}  // namespace pbert::test
