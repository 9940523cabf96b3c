// Byte-pair encoding against its definition, in windows and beyond them.
#include "text/byte_pairs.h"

#include <doctest/doctest.h>

#include <map>
#include <random>

#include "tests/text/prepared_fixture.h"
#include "tests/text/tokenizer_fixture.h"

namespace pbert::test {
namespace {

// The definition, on letters: of all neighbours that merge those of the lowest rank do, the leftmost first.
std::vector<std::string> ByDefinition(const std::vector<PiecePair>& merges, std::string_view text) {
  std::map<PiecePair, size_t> ranks;
  for (size_t rank = 0; rank < merges.size(); ++rank) ranks[merges[rank]] = rank;
  std::vector<std::string> pieces;
  for (const char c : text) pieces.emplace_back(1, c);
  for (;;) {
    size_t best = pieces.size(), lowest = merges.size();
    for (size_t i = 0; i + 1 < pieces.size(); ++i) {
      const auto found = ranks.find({pieces[i], pieces[i + 1]});
      if (found == ranks.end() || found->second >= lowest) continue;
      lowest = found->second;
      best = i;
    }
    if (best == pieces.size()) return pieces;
    pieces[best] += pieces[best + 1];
    pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
}

std::vector<std::string> Pieces(TestTokenizer* tokenizer, std::string_view text) {
  std::vector<std::string> pieces;
  uint32_t end = 0;
  for (const Token& token : tokenizer->Tokens(text)) {
    REQUIRE(token.begin == end);
    end = token.end;
    pieces.emplace_back(tokenizer->get().piece(token.id));
    REQUIRE(pieces.back() == text.substr(token.begin, token.end - token.begin));
  }
  REQUIRE(end == text.size());
  return pieces;
}

std::string RandomText(std::string_view letters, size_t size, std::mt19937* random) {
  std::string text(size, ' ');
  for (char& c : text) c = letters[(*random)() % letters.size()];
  return text;
}

// Random merges of what is there already, in random order: no trainer's, and so with every trap.
std::vector<PiecePair> RandomMerges(std::string_view letters, size_t count, std::mt19937* random) {
  std::vector<std::string> pieces;
  for (const char c : letters) pieces.emplace_back(1, c);
  std::vector<PiecePair> merges;
  while (merges.size() < count) {
    const std::string& left = pieces[(*random)() % pieces.size()];
    const std::string& right = pieces[(*random)() % pieces.size()];
    if (left.size() + right.size() > 12) continue;
    merges.emplace_back(left, right);
    pieces.push_back(left + right);
  }
  return merges;
}

std::string Join(const std::vector<std::string>& pieces) {
  std::string joined;
  for (const std::string& piece : pieces) joined += piece + ' ';
  return joined;
}

TEST_CASE("the characters for bytes are GPT-2's") {
  CHECK(ByteLevelChar('a') == U'a');
  CHECK(ByteLevelChar('!') == U'!');
  CHECK(ByteLevelChar('~') == U'~');
  CHECK(ByteLevelChar(0) == 0x100);
  CHECK(ByteLevelChar('\n') == 0x10A);
  CHECK(ByteLevelChar(' ') == 0x120);
  CHECK(ByteLevelChar(0x7F) == 0x121);
  CHECK(ByteLevelChar(0xA0) == 0x142);
  CHECK(ByteLevelChar(0xA1) == 0xA1);
  CHECK(ByteLevelChar(0xAD) == 0x143);
  CHECK(ByteLevelChar(0xFF) == 0xFF);
  std::map<char32_t, int> all;
  for (int byte = 0; byte < 256; ++byte) ++all[ByteLevelChar(static_cast<uint8_t>(byte))];
  CHECK(all.size() == 256);
}

TEST_CASE("low ranks first, left first") {
  TestTokenizer tokenizer(BytePairTable({{"b", "c"}, {"a", "b"}, {"a", "bc"}, {"a", "a"}}));
  CHECK(Join(Pieces(&tokenizer, "abc")) == "abc ");
  CHECK(Join(Pieces(&tokenizer, "abab")) == "ab ab ");
  CHECK(Join(Pieces(&tokenizer, "aaa")) == "aa a ");
  CHECK(Join(Pieces(&tokenizer, "aaabc")) == "aa abc ");
  CHECK(tokenizer.Describe("\xc3\xa9") == "\xc3\x83(0,2) \xc2\xa9(0,2)");  // both bytes stand for the whole character
}

TEST_CASE("random merges: texts of up to a window") {
  std::mt19937 random(1);
  for (int round = 0; round < 60; ++round) {
    const auto merges = RandomMerges("abc", 1 + random() % 25, &random);
    TestTokenizer tokenizer(BytePairTable(merges));
    for (int i = 0; i < 20; ++i) {
      const std::string text = RandomText("abc", 1 + random() % 40, &random);
      CHECK(Join(Pieces(&tokenizer, text)) == Join(ByDefinition(merges, text)));
    }
    const std::string full = RandomText("abc", BytePairs::kWindow, &random);
    CHECK(Join(Pieces(&tokenizer, full)) == Join(ByDefinition(merges, full)));
  }
}

TEST_CASE("random merges: longer than the window, as exactly") {
  std::mt19937 random(2);
  for (int round = 0; round < 12; ++round) {
    const std::string_view letters = round % 2 == 0 ? "ab" : "abc";
    const auto merges = RandomMerges(letters, 4 + random() % 20, &random);
    TestTokenizer tokenizer(BytePairTable(merges));
    for (const size_t size : {BytePairs::kWindow + 1, 2 * BytePairs::kWindow + 7, 3 * BytePairs::kWindow}) {
      const std::string text = RandomText(letters, size, &random);
      CHECK(Join(Pieces(&tokenizer, text)) == Join(ByDefinition(merges, text)));
      const std::string same(size, 'a');
      CHECK(Join(Pieces(&tokenizer, same)) == Join(ByDefinition(merges, same)));
    }
  }
}

TEST_CASE("bytes without a piece are unknown, one by one or as one") {
  schema::TokenizerT table = BytePairTable({{"a", "a"}});
  // The piece of "x" becomes another.
  const auto x = std::find(table.piece_bytes.begin(), table.piece_bytes.end(), 'x');
  REQUIRE(x != table.piece_bytes.end());
  *x = '\x01';
  schema::TokenizerT fused = table;
  fused.fuse_unknown = true;
  TestTokenizer apart(std::move(table)), together(std::move(fused));
  CHECK(apart.Describe("axxa") == "a(0,1) <unk>(1,2) <unk>(2,3) a(3,4)");
  CHECK(together.Describe("axxa") == "a(0,1) <unk>(1,3) a(3,4)");
  const std::string many(3000, 'x');
  CHECK(together.Describe(many) == "<unk>(0,3000)");
  CHECK(apart.Tokens(many).size() == 3000);
}

TEST_CASE("any merge table gives an answer") {
  std::mt19937 random(3);
  for (int round = 0; round < 40; ++round) {
    schema::TokenizerT table = BytePairTable({{"a", "a"}, {"aa", "a"}, {"b", "a"}});
    for (uint32_t& word : table.merges) {
      if (random() % 2 == 0) word = random() % 4 == 0 ? random() : random() % 300;
    }
    TestTokenizer tokenizer(std::move(table));
    for (const size_t size : {3, 40, 5000}) {
      const std::string text = RandomText("ab", size, &random);
      uint32_t end = 0;
      for (const Token& token : tokenizer.Tokens(text)) {
        CHECK(token.begin == end);
        CHECK(static_cast<uint32_t>(token.id) < tokenizer.get().vocabulary_size());
        end = token.end;
      }
      CHECK(end == text.size());
    }
  }
  schema::TokenizerT table = BytePairTable({{"a", "a"}});
  table.merges.pop_back();
  CHECK(TestTokenizer(table).status().message() == std::string("tokenizer: merges: 5 words: must be a multiple of 3"));
  table.merges.clear();
  CHECK(TestTokenizer(table).Describe("aa") == "a(0,1) a(1,2)");
}

}  // namespace
}  // namespace pbert::test
