#include "text/word_piece.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/text/tokenizer_fixture.h"

namespace pbert::test {
namespace {

schema::TokenizerT Table(uint32_t max_word_chars = 100) {
  schema::TokenizerT table =
      BertTable({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un",     "##aff", "##able", "unaff", "##a", "##ab", "a",
                 "b",     "##b",   "中",    "##中",  "wor",    "worlds", "##ld",  "..",     "##.",   "ß",   "##é"});
  table.max_word_chars = max_word_chars;
  return table;
}

TEST_CASE("the longest piece first, then the longest continuation pieces") {
  TestTokenizer tokenizer(Table());
  CHECK(tokenizer.Describe("unaffable") == "unaff(0,5) ##able(5,9)");
  CHECK(tokenizer.Describe("una") == "un(0,2) ##a(2,3)");
  CHECK(tokenizer.Describe("world") == "wor(0,3) ##ld(3,5)");  // "worlds" was nearly there
  CHECK(tokenizer.Describe("abab") == "a(0,1) ##b(1,2) ##ab(2,4)");
  CHECK(tokenizer.Describe("ß") == "ß(0,2)");
}

TEST_CASE("a word without pieces is unknown as a whole") {
  TestTokenizer tokenizer(Table());
  CHECK(tokenizer.Describe("unaffablex") == "[UNK](0,10)");
  CHECK(tokenizer.Describe("xun") == "[UNK](0,3)");
  CHECK(tokenizer.Describe("able a") == "[UNK](0,4) a(5,6)");  // only a continuation piece
  CHECK(tokenizer.Describe("..") == "[UNK](0,1) [UNK](1,2)");  // punctuation never joins, whatever the vocabulary has
  CHECK(tokenizer.Describe("##a") == "[UNK](0,1) [UNK](1,2) a(2,3)");
}

TEST_CASE("offsets are those of the original characters") {
  TestTokenizer tokenizer(Table());
  CHECK(tokenizer.Describe("ÚN\u0301áb\u0301") == "un(0,3) ##ab(5,8)");
  CHECK(tokenizer.Describe("a\u200Bb") == "a(0,1) ##b(4,5)");
}

TEST_CASE("the limit counts normalized characters") {
  TestTokenizer tokenizer(Table(4));
  CHECK(tokenizer.Describe("abab") == "a(0,1) ##b(1,2) ##ab(2,4)");
  CHECK(tokenizer.Describe("ababa") == "[UNK](0,5)");
  CHECK(tokenizer.Describe("a\u0301b\u0301a\u0301b\u0301") == "a(0,1) ##b(3,4) ##ab(6,10)");
  TestTokenizer none(Table(0));
  CHECK(none.Describe("a b") == "[UNK](0,1) [UNK](2,3)");
}

TEST_CASE("the longest limit, at its edge") {
  TestTokenizer tokenizer(Table(kMaxWordChars));
  const std::string longest(kMaxWordChars, 'b');
  CHECK(tokenizer.Tokens(longest).size() == kMaxWordChars);
  CHECK(tokenizer.Describe(longest + "b") == "[UNK](0,513)");
}

TEST_CASE("no piece continues a word, or every piece does") {
  schema::TokenizerT table = Table();
  table.continuing_prefix = "@@";
  TestTokenizer without(std::move(table));
  CHECK(without.Describe("a ab") == "a(0,1) [UNK](2,4)");
  table = Table();
  table.continuing_prefix = "";
  TestTokenizer every(std::move(table));
  CHECK(every.Describe("aunb") == "a(0,1) un(1,3) b(3,4)");
}

}  // namespace
}  // namespace pbert::test
