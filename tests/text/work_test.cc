// The work for each byte of a text is bounded whatever the tokenizer's tables are, and counted
// (TokenizerScratch::steps), so that a busy machine changes nothing. SECURITY.md states the bounds.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/text/prepared_fixture.h"
#include "tests/text/tokenizer_fixture.h"
#include "text/byte_pairs.h"
#include "text/trie.h"

namespace pbert::test {
namespace {

using namespace std::string_view_literals;

// For each code point that the normalizer gives: byte pairs may look at so many symbols (kMergesPerByte for each of up
// to 4 bytes, and what a window costs that is moved), and no other stage at more.
constexpr double kMaxSteps = 4.0 * (BytePairs::kMergesPerByte + BytePairs::kWindow);

double StepsFor(TestTokenizer* tokenizer, std::string_view text) {
  const uint64_t before = tokenizer->scratch()->steps();
  tokenizer->Tokens(text);
  return static_cast<double>(tokenizer->scratch()->steps() - before);
}

std::string Repeated(std::string_view part, size_t size) {
  std::string text;
  while (text.size() < size) text += part;
  return text;
}

void CheckWork(const std::string& name, schema::TokenizerT table, const std::vector<std::string_view>& parts) {
  TestTokenizer tokenizer(std::move(table));
  REQUIRE_MESSAGE(tokenizer.status().ok(), tokenizer.status().message());
  for (const std::string_view part : parts) {
    INFO(name, ", text: ", part);
    constexpr size_t kBytes = 64 * 1024;
    const double whole = StepsFor(&tokenizer, Repeated(part, kBytes));
    const double quarter = StepsFor(&tokenizer, Repeated(part, kBytes / 4));
    CHECK(whole <= kMaxSteps * kBytes);
    // A window's beginning may be dearer than the rest.
    CHECK(whole <= 4.5 * quarter + kMaxSteps * BytePairs::kWindow);
  }
}

std::string Letters(size_t count, char letter = 'a') { return std::string(count, letter); }

TEST_CASE("work: byte pairs that all begin like others") {
  // One more letter each time; by halves, as in GPT-2's dashes; and with pieces of every length that merge late.
  std::vector<PiecePair> chain, halves, backwards;
  for (size_t size = 1; size < BytePairs::kMaxPiece; ++size) chain.emplace_back(Letters(size), "a");
  for (size_t size = 1; size < BytePairs::kMaxPiece; size *= 2) halves.emplace_back(Letters(size), Letters(size));
  for (size_t size = 3; size < BytePairs::kMaxPiece; ++size)
    halves.emplace_back(Letters(size - size / 2), Letters(size / 2));
  for (size_t size = 1; size < BytePairs::kMaxPiece; ++size) backwards.emplace_back("a", Letters(size));
  std::vector<PiecePair> two;
  std::string piece = "a";
  for (size_t i = 1; i < 200; ++i) {
    const std::string next = i % 2 == 1 ? "b" : "a";
    two.emplace_back(piece, next);
    piece += next;
  }
  for (const auto& [name, merges] :
       {std::pair{"chain", chain}, {"halves", halves}, {"backwards", backwards}, {"two", two}}) {
    std::vector<PiecePair> known;
    std::vector<std::string> made = {"a", "b"};
    for (const PiecePair& merge : merges) {
      const auto has = [&](const std::string& one) { return std::find(made.begin(), made.end(), one) != made.end(); };
      if (!has(merge.first) || !has(merge.second)) continue;
      known.push_back(merge);
      made.push_back(merge.first + merge.second);
    }
    CheckWork(name, BytePairTable(known), {"a"sv, "ab"sv, "aab"sv, "b"sv, "\xFF"sv});
  }
}

TEST_CASE("work: Unigram pieces that all go on") {
  std::vector<std::pair<std::string, double>> pieces = {{"<unk>", 0}};
  for (size_t size = 1; size <= 256; ++size) pieces.emplace_back(Letters(size), -1.0 * static_cast<double>(size));
  CheckWork("unigram", UnigramTable(pieces), {"a"sv, "ab"sv, "\u4E2D"sv});
}

TEST_CASE("work: word pieces that go on to the end of the longest word") {
  std::vector<std::string> pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"};
  for (size_t size = 1; size <= 100; ++size) pieces.push_back("##" + Letters(size) + (size > 1 ? "b" : ""));
  schema::TokenizerT table = BertTable(pieces);
  table.max_word_chars = 512;
  const std::string word = Letters(500) + ' ';
  CheckWork("word pieces", std::move(table), {"a"sv, "a "sv, word, "ab"sv, "\u0301\u302E\u1B44"sv});
}

TEST_CASE("work: added tokens that begin like the text everywhere") {
  schema::TokenizerT table = BertTable({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"});
  AddToken(&table, Letters(255) + "b", {});
  AddToken(&table, Letters(254) + "c", {.normalized = true});
  CheckWork("added", std::move(table), {"a"sv, "aaab"sv, " a"sv});
}

// A trie whose nodes lead back to each other: "aaa..." goes on without end.
TEST_CASE("work: a trie that goes round") {
  schema::TokenizerT table = BertTable({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"});
  AddToken(&table, "ab", {});
  AddToken(&table, "aaab", {});
  table.trie = converter::BuildTrie(table);
  const Trie trie(table.trie.data(), table.trie.size());
  const char marker = static_cast<char>(TrieLayout::kRawAddedToken);
  const Trie::State first = trie.Walk(Trie::kRoot, std::string{marker, 'a'});
  const Trie::State third = trie.Walk(first, "aa");
  REQUIRE(third != Trie::kDead);
  // The third letter's node gets the children of the first one's: "b", and the second letter's node.
  constexpr uint32_t kBase = ((1u << TrieLayout::kBaseBits) - 1) << TrieLayout::kBaseShift;
  table.trie[third] = (table.trie[third] & ~kBase) | (table.trie[first] & kBase);
  REQUIRE(trie.Step(third, 'a') == trie.Step(first, 'a'));
  CheckWork("round", std::move(table), {"a"sv, "aab"sv});
}

TEST_CASE("work: a normalizer that makes a text too long is refused") {
  schema::TokenizerT table = UnigramTable({{"<unk>", 0}, {"a", -1}});
  for (int i = 0; i < 2; ++i) {
    schema::NormalizerStepT* step = AddNormalizer(&table, schema::NormalizerKind::Replace);
    step->pattern = "a";
    step->content = Letters(40);
  }
  TestTokenizer tokenizer(std::move(table));
  CHECK_FALSE(tokenizer.status().ok());
}

TEST_CASE("work: pieces and added tokens of any length are refused") {
  TestTokenizer pieces(BertTable({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", Letters(1025)}));
  CHECK_FALSE(pieces.status().ok());
  schema::TokenizerT table = BertTable({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"});
  AddToken(&table, Letters(257), {});
  TestTokenizer added(std::move(table));
  CHECK_FALSE(added.status().ok());
}

}  // namespace
}  // namespace pbert::test
