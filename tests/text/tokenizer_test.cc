#include "text/tokenizer.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/text/tokenizer_fixture.h"

namespace pbert::test {
namespace {

using std::string_view_literals::operator""sv;

schema::TokenizerT Table() {
  return BertTable({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "hel", "##lo", "a", "##a", "b", "##b", ".",
                    "[", "]", "中", "##\u302E"});
}

// ---------------------------------------------------------------- odd texts

TEST_CASE("texts without words have no tokens") {
  TestTokenizer tokenizer(Table());
  for (std::string_view text : {""sv, " "sv, " \t\r\n\u00A0\u3000"sv, "\u0301"sv, "\u0301\u0323\u0345"sv, "\0"sv,
                                "\0\0 \x1F"sv, "\xFF"sv, "\x80\x80"sv, "\xE4\xB8"sv, "\uFFFD"sv, "\u200D\uFEFF"sv}) {
    CHECK_MESSAGE(tokenizer.Tokens(text).empty(), tokenizer.Describe(text));
  }
}

TEST_CASE("odd texts") {
  TestTokenizer tokenizer(Table());
  CHECK(tokenizer.Describe("hello [MASK].") == "hello(0,5) [MASK](6,12) .(12,13)");
  CHECK(tokenizer.Describe("[MASK][MASK]a[SEP]") == "[MASK](0,6) [MASK](6,12) a(12,13) [SEP](13,18)");
  CHECK(tokenizer.Describe("[MASK") == "[(0,1) [UNK](1,5)");
  CHECK(tokenizer.Describe("a\0b"sv) == "a(0,1) ##b(2,3)");
  CHECK(tokenizer.Describe("a\xFF\x80"
                           "b") == "a(0,1) ##b(3,4)");
  CHECK(tokenizer.Describe("\xE4\xB8中\xE4") == "中(2,5)");
  CHECK(tokenizer.Describe("a\u0301\u302Eb") == "a(0,1) ##\u302E(1,3) ##b(6,7)");
  CHECK(tokenizer.Describe("hello." + std::string(101, 'a') + "." + std::string(100, 'a')).substr(0, 40) ==
        "hello(0,5) .(5,6) [UNK](6,107) .(107,108");
}

// ---------------------------------------------------------------- work and memory

constexpr size_t kMegabyte = 1 << 20;

std::string Repeated(std::string_view part, size_t size) {
  std::string text;
  while (text.size() < size) text += part;
  return text;
}

// Counted in code points steps, which no busy machine can change. Every kind of text that makes some stage look ahead
// or read again: the work for four times the text is four times the work, and a small multiple of the text itself.
TEST_CASE("time is linear: a megabyte of anything") {
  schema::TokenizerT table = Table();
  AddToken(&table, "<s>", {.lstrip = true, .rstrip = true});
  AddToken(&table, "word", {.single_word = true});
  AddToken(&table, "aab norm", {.lstrip = true, .rstrip = true, .normalized = true});
  TestTokenizer plain(Table()), added(std::move(table));
  const auto work = [](TestTokenizer& tokenizer, const std::string& text) {
    const uint64_t before = tokenizer.scratch()->steps();
    TokenStream& stream = tokenizer.scratch()->Begin(text);
    uint32_t last = 0;
    for (Token token; stream.Next(&token); last = token.begin) {
      if (token.begin < last || token.end < token.begin || token.end > text.size()) FAIL("offsets out of order");
    }
    return static_cast<double>(tokenizer.scratch()->steps() - before);
  };
  for (std::string_view part : {"hello a b. "sv, "a"sv,
                                "ab "sv,         " "sv,
                                "."sv,           "中"sv,
                                "é"sv,           "각"sv,
                                "\u0301"sv,      "\u0301\u302E\u1B44\u0345\u0334"sv,
                                "\u302E"sv,      "\U0001D160\u1B44"sv,
                                "[MASK]"sv,      "["sv,
                                "[MAS "sv,       "<s> "sv,
                                "<s   "sv,       "wordword"sv,
                                "word "sv,       "aab norm  "sv,
                                "aab nor "sv,    "aab"sv,
                                "\0"sv,          "\xFF"sv,
                                "\xF0\x9F\x98"sv}) {
    for (TestTokenizer* tokenizer : {&plain, &added}) {
      CAPTURE(part);
      const std::string text = Repeated(part, kMegabyte);
      const double whole = work(*tokenizer, text);
      const double quarter = work(*tokenizer, Repeated(part, kMegabyte / 4));
      CHECK(whole < 4.1 * quarter);
      CHECK(whole < 20.0 * static_cast<double>(text.size()));
    }
  }
}

TEST_CASE("scratch memory is fixed, small, and may hold anything before") {
  TestTokenizer tokenizer(Table());  // whose scratch was filled with 0xA5
  Arena counting;
  TokenizerScratch::Take(tokenizer.get(), &counting);
  CHECK(counting.Needed() < 32 * 1024);
  CHECK(tokenizer.Describe("hello") == "hello(0,5)");
  CHECK(tokenizer.Describe("a") == "a(0,1)");  // and used again
}

// ---------------------------------------------------------------- the vocabulary

TEST_CASE("pieces and ids") {
  schema::TokenizerT table = Table();
  const uint32_t added = AddToken(&table, "extra", {.normalized = true});
  TestTokenizer tokenizer(std::move(table));
  REQUIRE_MESSAGE(tokenizer.status().ok(), tokenizer.status().message());
  const Tokenizer& opened = tokenizer.get();
  CHECK(opened.piece(6) == "hel");
  CHECK(opened.piece(7) == "##lo");
  CHECK(opened.piece(static_cast<int32_t>(added)) == "extra");
  CHECK(opened.piece(-1).empty());
  CHECK(opened.piece(1000).empty());
  CHECK(opened.id_of("##lo") == 7);
  CHECK(opened.id_of("中") == 15);
  CHECK(opened.id_of("[MASK]") == 4);
  CHECK(opened.id_of("extra") == static_cast<int32_t>(added));
  for (std::string_view absent : {""sv, "he"sv, "hellos"sv, "\xFE"sv,
                                  "\xFE"
                                  "extra"sv,
                                  "\xFF[MASK]"sv, "a\0"sv}) {
    CHECK_MESSAGE(opened.id_of(absent) == -1, absent);
  }
  CHECK(opened.vocabulary_size() == added + 1);
}

TEST_CASE("ids without a piece") {
  schema::TokenizerT table = BertTable({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "", "a", ""});
  TestTokenizer tokenizer(std::move(table));
  CHECK(tokenizer.Describe("a") == "a(0,1)");
  CHECK(tokenizer.get().piece(5).empty());
  CHECK(tokenizer.get().vocabulary_size() == 8);
}

// ---------------------------------------------------------------- damaged files

std::string OpenError(const std::function<void(schema::TokenizerT*)>& change) {
  schema::TokenizerT table = Table();
  table.trie = converter::BuildTrie(table);
  change(&table);
  const TestTokenizer tokenizer(std::move(table));
  return tokenizer.status().ok() ? "" : tokenizer.status().message();
}

TEST_CASE("what cannot be used is refused, saying why") {
  using schema::TokenizerT;
  CHECK(OpenError([](TokenizerT*) {}) == "");
  CHECK(OpenError([](TokenizerT* t) { t->kind = schema::TokenizerKind::Unigram; }) ==
        "tokenizer: kind Unigram without a preparation of its own");
  CHECK(OpenError([](TokenizerT* t) { t->kind = static_cast<schema::TokenizerKind>(77); }) ==
        "tokenizer: kind 77 (unknown): not implemented in this version");
  CHECK(OpenError([](TokenizerT* t) { t->max_word_chars = 513; }) ==
        "tokenizer: words of up to 513 characters: at most 512 are implemented");
  CHECK(OpenError([](TokenizerT* t) { t->trie.resize(1 + TrieLayout::kMaxUnits); }) ==
        "tokenizer: trie: 4194305 units: must be 1 to 4194304");
  CHECK(OpenError([](TokenizerT* t) { t->piece_ends[3] = 0; }) == "tokenizer: piece 3: ends before it begins");
  CHECK(OpenError([](TokenizerT* t) { t->piece_bytes.pop_back(); }) == "tokenizer: pieces: end at byte 57 of 56");
  CHECK(OpenError([](TokenizerT* t) { t->piece_ends.clear(); }) == "tokenizer: 0 pieces: must be 1 to 16777216");
  CHECK(OpenError([](TokenizerT* t) { t->unknown_id = 17; }) ==
        "tokenizer: unknown token: id 17: the vocabulary has 17");
  CHECK(OpenError([](TokenizerT* t) { t->cls_id = 17; }) == "tokenizer: cls token: id 17: the vocabulary has 17");
  CHECK(OpenError([](TokenizerT* t) { t->mask_id = -2; }) == "tokenizer: mask token: id -2: the vocabulary has 17");
  CHECK(OpenError([](TokenizerT* t) { t->added_tokens[0]->id = 1u << 24; }) ==
        "tokenizer: added token 0: id 16777216: must be below 16777216");
  CHECK(OpenError([](TokenizerT* t) { AddToken(t, "late", {}); }) ==
        "tokenizer: added token 5: is missing in the trie");
  CHECK(OpenError([](TokenizerT* t) { AddToken(t, "Late", {.normalized = true}); }) ==
        "tokenizer: added token 5: is missing in the trie");
  CHECK(OpenError([](TokenizerT* t) { t->frame_single[0]->id = 17; }) ==
        "tokenizer: single frame: id 17: the vocabulary has 17");
  CHECK(OpenError([](TokenizerT* t) { t->frame_single.pop_back(); }) == "");  // a frame may have fewer special tokens
  CHECK(OpenError([](TokenizerT* t) { t->frame_pair.resize(3); }) ==
        "tokenizer: pair frame: holds the first sequence 1 times and the second 0 times");
  CHECK(OpenError([](TokenizerT* t) { t->frame_single[1]->item = schema::FrameItem::Second; }) ==
        "tokenizer: single frame: holds the first sequence 0 times and the second 1 times");
  CHECK(OpenError([](TokenizerT* t) { t->frame_pair[0]->item = static_cast<schema::FrameItem>(9); }) ==
        "tokenizer: pair frame: element of unknown kind 9");
}

// A trie that passes Open but says nonsense gives odd tokens, of ids in range, and nothing worse.
TEST_CASE("a scrambled trie") {
  schema::TokenizerT good = Table();
  good.trie = converter::BuildTrie(good);
  uint32_t seed = 1;
  int opened = 0;
  for (int round = 0; round < 3000; ++round) {
    schema::TokenizerT table = Table();
    table.trie = good.trie;
    for (int change = 0; change < 8; ++change) {
      seed = seed * 1664525 + 1013904223;
      table.trie[(seed >> 8) % table.trie.size()] ^= 1u << (seed >> 27);
    }
    TestTokenizer tokenizer(std::move(table));
    if (!tokenizer.status().ok()) continue;
    ++opened;
    const std::string_view text = "hello [MASK] aab ba. 中 hel hello";
    for (const Token& token : tokenizer.Tokens(text)) {
      if (token.id < 0 || token.id >= 17 || token.begin > token.end || token.end > text.size())
        FAIL("token out of range");
    }
  }
  CHECK(opened > 100);
}

}  // namespace
}  // namespace pbert::test
