// How BERT's way splits a text into words and added tokens.
#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "tests/text/prepared_fixture.h"
#include "tests/text/tokenizer_fixture.h"
#include "text/word_piece.h"

namespace pbert::test {
namespace {

std::string Described(std::string_view word, uint32_t begin, uint32_t end) {
  return std::string(word) + "(" + std::to_string(begin) + "," + std::to_string(end) + ")";
}

// "hello(0,5) .(5,6)": normalized words with their bytes.
std::string Words(std::string_view text) {
  std::string description, word;
  uint32_t begin = 0, end = 0;
  const auto finish = [&] {
    if (!word.empty()) description += (description.empty() ? "" : " ") + Described(word, begin, end);
    word.clear();
  };
  WalkSteps(StepList(NormalizerFlags()), text, [&](const PreChar& c) {
    if (c.first) finish();
    if (word.empty()) begin = c.c.begin;
    uint8_t bytes[4];
    word.append(reinterpret_cast<const char*>(bytes), EncodeUtf8(c.c.code_point, bytes));
    end = c.c.end;
  });
  finish();
  return description;
}

TEST_CASE("spaces separate words and punctuation stands alone") {
  CHECK(Words("") == "");
  CHECK(Words(" \t\n ") == "");
  CHECK(Words("\u0301\u0323") == "");
  CHECK(Words("Hello, world") == "hello(0,5) ,(5,6) world(7,12)");
  CHECK(Words("a..b") == "a(0,1) .(1,2) .(2,3) b(3,4)");
  CHECK(Words(" $a ") == "$(1,2) a(2,3)");
  CHECK(Words("x中文y") == "x(0,1) 中(1,4) 文(4,7) y(7,8)");
  CHECK(Words("a\u0301.") == "a(0,1) .(3,4)");
  CHECK(Words("\u037E") == ";(0,2)");  // the Greek question mark becomes punctuation when it decomposes
  CHECK(Words("a\u00ADb") == "ab(0,4)");
}

TEST_CASE("a word stores what it can and counts the rest") {
  const auto word = std::make_unique<Word>();
  word->Clear();
  for (uint32_t i = 0; i < 1000000; ++i) word->Append({i == 1 ? U'\u4E2D' : U'a', 2 + i, 3 + i});
  CHECK(word->size() == 1000000);
  CHECK(word->stored() == kMaxWordChars);
  CHECK(word->Bytes(1) == "\u4E2D");
  CHECK(word->Bytes(kMaxWordChars - 1) == "a");
  CHECK(word->begin() == 2);
  CHECK(word->end() == 1000002);
  word->Clear();
  CHECK(word->empty());
}

// The vocabulary has no words, so each is one unknown token: it is shown as it stands in the text, added tokens in
// angle brackets. The rules of added tokens are the reference's; golden_test.cc has many more of its answers.
std::string WithTokens(std::string_view text, const AddedTokenFlags& flags,
                       std::initializer_list<const char*> contents) {
  schema::TokenizerT table = BertTable({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"});
  for (const char* content : contents) AddToken(&table, content, flags);
  TestTokenizer tokenizer(std::move(table));
  REQUIRE_MESSAGE(tokenizer.status().ok(), tokenizer.status().message());
  std::string description;
  for (const Token& token : tokenizer.Tokens(text)) {
    const std::string piece(tokenizer.get().piece(token.id));
    const std::string_view covered = text.substr(token.begin, token.end - token.begin);
    description += (description.empty() ? "" : " ") +
                   Described(piece == "[UNK]" ? std::string(covered) : "<" + piece + ">", token.begin, token.end);
  }
  return description;
}

TEST_CASE("added tokens: leftmost, then longest, side by side") {
  CHECK(WithTokens("a[MASK]b", {}, {}) == "a(0,1) <[MASK]>(1,7) b(7,8)");
  CHECK(WithTokens("[MASK][SEP]", {}, {}) == "<[MASK]>(0,6) <[SEP]>(6,11)");
  CHECK(WithTokens("[[MASK]", {}, {}) == "[(0,1) <[MASK]>(1,7)");
  CHECK(WithTokens("[mask]", {}, {}) == "[(0,1) mask(1,5) ](5,6)");
  CHECK(WithTokens("[MAS", {}, {}) == "[(0,1) MAS(1,4)");
  CHECK(WithTokens("xabcdx", {}, {"ab", "abcd", "bcdx"}) == "x(0,1) <abcd>(1,5) x(5,6)");
  CHECK(WithTokens("abcx", {}, {"ab", "abcd"}) == "<ab>(0,2) cx(2,4)");
}

TEST_CASE("added tokens: single_word") {
  CHECK(WithTokens("foo foo. foofoo xfoo fooé _foo", {.single_word = true}, {"foo"}) ==
        "<foo>(0,3) <foo>(4,7) .(7,8) foofoo(9,15) xfoo(16,20) fooé(21,26) _(27,28) foo(28,31)");
  // A match that is dropped uses up its text: the shorter token inside it is not looked for.
  CHECK(WithTokens("foo barx", {.single_word = true}, {"foo", "foo bar"}) == "foo(0,3) barx(4,8)");
}

TEST_CASE("added tokens: lstrip and rstrip take spaces, but not those of the match before") {
  CHECK(WithTokens("a  [X]  b", {.lstrip = true}, {"[X]"}) == "a(0,1) <[X]>(1,6) b(8,9)");
  CHECK(WithTokens("a  [X]  b", {.rstrip = true}, {"[X]"}) == "a(0,1) <[X]>(3,8) b(8,9)");
  CHECK(WithTokens("[X] \u00A0[X]", {.lstrip = true, .rstrip = true}, {"[X]"}) == "<[X]>(0,6) <[X]>(6,9)");
}

TEST_CASE("added tokens that are looked for in normalized text") {
  CHECK(WithTokens("say FÓO BAR, foo  bar", {.normalized = true}, {"Foo Bar"}) ==
        "say(0,3) <Foo Bar>(4,12) ,(12,13) foo(14,17) bar(19,22)");
  CHECK(WithTokens("x中", {.normalized = true}, {"中"}) == "x(0,1) <中>(1,4)");
  CHECK(WithTokens(" A \u3000Foo  b", {.lstrip = true, .rstrip = true, .normalized = true}, {"foo"}) ==
        "A(1,2) <foo>(2,11) b(11,12)");
  // However much lies between them, and whatever the spaces that they take.
  const std::string spaces(2000, ' '), letters(3000, 'x'), size = std::to_string(2003);
  CHECK(WithTokens("foo" + spaces + "Foo", {.rstrip = true, .normalized = true}, {"foo"}) ==
        "<foo>(0," + size + ") <foo>(" + size + ",2006)");
  CHECK(WithTokens("é" + letters + " FOO", {.normalized = true}, {"foo"}) ==
        "é" + letters + "(0,3002) <foo>(3003,3006)");
  // Raw tokens come first, and what they separate is normalized apart: neither sees the other.
  CHECK(WithTokens("foo[MASK]bar", {.normalized = true}, {"foo[MASK]", "foo"}) == "<foo>(0,3) <[MASK]>(3,9) bar(9,12)");
}

}  // namespace
}  // namespace pbert::test
