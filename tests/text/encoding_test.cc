#include "text/encoding.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/text/tokenizer_fixture.h"

namespace pbert::test {
namespace {

schema::TokenizerT Table() { return BertTable({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "##c", "."}); }

// "[CLS]:0 a(0,1):0 ...", with a trailing "..." when something was cut.
std::string Describe(const Tokenizer& tokenizer, const Encoding& encoding) {
  std::string description;
  for (size_t i = 0; i < encoding.size; ++i) {
    description += (i == 0 ? "" : " ") + std::string(tokenizer.piece(encoding.ids[i]));
    if (encoding.sources[i] != TokenSource::kSpecial) {
      description += "(" + std::to_string(encoding.begins[i]) + "," + std::to_string(encoding.ends[i]) + ")";
    } else {
      CHECK(encoding.begins[i] == 0);
      CHECK(encoding.ends[i] == 0);
    }
    description += ":" + std::to_string(encoding.type_ids[i]);
  }
  return description + (encoding.truncated ? " ..." : "");
}

std::string Words(const char* word, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += std::string(i == 0 ? "" : " ") + word;
  return text;
}

// Expected: tokenizers 0.22, enable_truncation(max_length, strategy="longest_first", direction="left").
TEST_CASE("the end of a text is kept where its beginning is cut") {
  schema::TokenizerT table = Table();
  table.truncate_left = true;
  TestTokenizer tokenizer(std::move(table));
  const auto single = [&](const char* text, size_t limit) {
    return Describe(tokenizer.get(), tokenizer.Encoded(text, limit));
  };
  const auto pair = [&](const char* text, const char* other, size_t limit) {
    return Describe(tokenizer.get(), tokenizer.EncodedPair(text, other, limit));
  };
  CHECK(single("a b a .", 5) == "[CLS]:0 b(2,3):0 a(4,5):0 .(6,7):0 [SEP]:0 ...");
  CHECK(single("a b .", 5) == "[CLS]:0 a(0,1):0 b(2,3):0 .(4,5):0 [SEP]:0");
  CHECK(single("a b", 2) == "[CLS]:0 [SEP]:0 ...");
  CHECK(pair("a b a .", "b", 6) == "[CLS]:0 a(4,5):0 .(6,7):0 [SEP]:0 b(0,1):1 [SEP]:1 ...");
  CHECK(pair("a", "b a .", 6) == "[CLS]:0 a(0,1):0 [SEP]:0 a(2,3):1 .(4,5):1 [SEP]:1 ...");
  CHECK(pair("a a b", "b a .", 5) == "[CLS]:0 b(4,5):0 [SEP]:0 .(4,5):1 [SEP]:1 ...");
  CHECK(pair("a a b", "b a .", 6) == "[CLS]:0 b(4,5):0 [SEP]:0 a(2,3):1 .(4,5):1 [SEP]:1 ...");
}

// Expected: tokenizers 0.22, enable_truncation(max_length, strategy="only_second").
TEST_CASE("the second text alone is cut where that is asked for") {
  for (const bool left : {false, true}) {
    schema::TokenizerT table = Table();
    table.truncate_left = left;
    TestTokenizer tokenizer(std::move(table));
    Encoding encoding = tokenizer.Encoded("a", 20);
    const auto encode = [&](bool has_pair, size_t limit) {
      return Encode(tokenizer.get(), "a b", "b a .", has_pair, limit, tokenizer.scratch(), &encoding,
                    {.only_second = true});
    };
    REQUIRE(encode(true, 7).ok());
    CHECK(Describe(tokenizer.get(), encoding) ==
          (left ? "[CLS]:0 a(0,1):0 b(2,3):0 [SEP]:0 a(2,3):1 .(4,5):1 [SEP]:1 ..."
                : "[CLS]:0 a(0,1):0 b(2,3):0 [SEP]:0 b(0,1):1 a(2,3):1 [SEP]:1 ..."));
    CHECK(encode(true, 6).ok());
    CHECK_FALSE(encode(true, 5).ok());
    CHECK(encode(false, 4).ok());
    CHECK_FALSE(encode(false, 3).ok());
  }
}

TEST_CASE("types that the model is not told are 0") {
  TestTokenizer tokenizer(Table());
  Encoding encoding = tokenizer.EncodedPair("a", "b", 20);
  encoding.has_type_ids = false;
  REQUIRE(Encode(tokenizer.get(), "a", "b", true, 20, tokenizer.scratch(), &encoding).ok());
  CHECK(Describe(tokenizer.get(), encoding) == "[CLS]:0 a(0,1):0 [SEP]:0 b(0,1):0 [SEP]:0");
}

struct Kept {
  size_t first = 0, second = 0;
  bool operator==(const Kept&) const = default;
};

Kept CountKept(const Encoding& encoding) {
  Kept kept;
  for (size_t i = 0; i < encoding.size; ++i) {
    kept.first += encoding.sources[i] == TokenSource::kFirst;
    kept.second += encoding.sources[i] == TokenSource::kSecond;
  }
  return kept;
}

TEST_CASE("a text in its frame") {
  TestTokenizer tokenizer(Table());
  CHECK(Describe(tokenizer.get(), tokenizer.Encoded("a bc.", 20)) ==
        "[CLS]:0 a(0,1):0 b(2,3):0 ##c(3,4):0 .(4,5):0 [SEP]:0");
  CHECK(Describe(tokenizer.get(), tokenizer.Encoded("", 20)) == "[CLS]:0 [SEP]:0");
  CHECK(Describe(tokenizer.get(), tokenizer.EncodedPair("a", "b", 20)) == "[CLS]:0 a(0,1):0 [SEP]:0 b(0,1):1 [SEP]:1");
  CHECK(Describe(tokenizer.get(), tokenizer.EncodedPair("a", "", 20)) == "[CLS]:0 a(0,1):0 [SEP]:0 [SEP]:1");
  CHECK(Describe(tokenizer.get(), tokenizer.EncodedPair("", "b", 20)) == "[CLS]:0 [SEP]:0 b(0,1):1 [SEP]:1");
}

TEST_CASE("a text that is too long loses its end") {
  TestTokenizer tokenizer(Table());
  CHECK(Describe(tokenizer.get(), tokenizer.Encoded("a bc.", 6)) ==
        "[CLS]:0 a(0,1):0 b(2,3):0 ##c(3,4):0 .(4,5):0 [SEP]:0");
  CHECK(Describe(tokenizer.get(), tokenizer.Encoded("a bc.", 5)) == "[CLS]:0 a(0,1):0 b(2,3):0 ##c(3,4):0 [SEP]:0 ...");
  CHECK(Describe(tokenizer.get(), tokenizer.Encoded("a", 2)) == "[CLS]:0 [SEP]:0 ...");
  CHECK(Describe(tokenizer.get(), tokenizer.Encoded("a    ", 3)) ==
        "[CLS]:0 a(0,1):0 [SEP]:0");  // only spaces are left
}

// The reference's code (tokenizers 0.23, truncate_encodings) written down case by case; it was compared with the
// library itself for every pair of lengths up to 24 and every limit up to 19.
Kept Reference(size_t first, size_t second, size_t budget) {
  if (first + second <= budget) return {first, second};
  size_t shorter = first, longer = second;
  const bool swapped = first > second;
  if (swapped) std::swap(shorter, longer);
  longer = shorter > budget ? shorter : std::max(shorter, budget - shorter);
  if (shorter + longer > budget) {
    shorter = budget / 2;
    longer = shorter + budget % 2;
  }
  if (swapped) std::swap(shorter, longer);
  return {shorter, longer};
}

TEST_CASE("of a pair, the longer text is cut first") {
  TestTokenizer tokenizer(Table());
  constexpr size_t kFrame = 3, kLongest = 14;
  std::vector<std::string> texts;
  for (size_t i = 0; i <= kLongest; ++i) texts.push_back(Words("a", i));
  for (size_t budget = 0; budget <= 10; ++budget) {
    for (size_t first = 0; first <= kLongest; ++first) {
      for (size_t second = 0; second <= kLongest; ++second) {
        CAPTURE(budget);
        CAPTURE(first);
        CAPTURE(second);
        const Encoding& encoding = tokenizer.EncodedPair(texts[first], texts[second], budget + kFrame);
        CHECK(CountKept(encoding) == Reference(first, second, budget));
        CHECK(encoding.truncated == (first + second > budget));
      }
    }
  }
}

TEST_CASE("a limit that does not hold the frame is an error; the arrays' size is a limit too") {
  TestTokenizer tokenizer(Table());
  alignas(kCacheLine) static uint8_t memory[4096];
  Arena arena(memory, sizeof(memory));
  Encoding encoding = Encoding::Take(&arena, 4);
  REQUIRE(!arena.overflowed());
  CHECK(Encode(tokenizer.get(), "a a a a a", {}, false, 1000, tokenizer.scratch(), &encoding).ok());
  CHECK(encoding.size == 4);
  CHECK(encoding.truncated);
  const Status status = Encode(tokenizer.get(), "a", {}, false, 1, tokenizer.scratch(), &encoding);
  CHECK(status.code() == Code::kInvalidArgument);
  CHECK(std::string(status.message()) == "encode: at most 1 tokens: the special ones alone are 2");
  CHECK(!Encode(tokenizer.get(), "a", "b", true, 2, tokenizer.scratch(), &encoding).ok());
}

TEST_CASE("special tokens anywhere, and a frame without any") {
  schema::TokenizerT table = Table();
  table.frame_single.erase(table.frame_single.begin());
  table.frame_single.pop_back();
  std::swap(table.frame_pair[1], table.frame_pair[3]);  // the second text comes first
  TestTokenizer tokenizer(std::move(table));
  CHECK(Describe(tokenizer.get(), tokenizer.Encoded("a b", 1)) == "a(0,1):0 ...");
  CHECK(Describe(tokenizer.get(), tokenizer.EncodedPair("a a a", "b", 5)) ==
        "[CLS]:0 b(0,1):1 [SEP]:0 a(0,1):0 [SEP]:1 ...");
}

// Only as much of a text is read as is needed to know what to keep.
TEST_CASE("a megabyte cut to 128 tokens") {
  TestTokenizer tokenizer(Table());
  const std::string text = Words("a", 500000), pair = Words("b", 400000);
  const auto work = [&](const auto& encode) {
    const uint64_t before = tokenizer.scratch()->steps();
    encode();
    return tokenizer.scratch()->steps() - before;
  };
  // Raw text is searched for added tokens as far as the next one, here to the end, once for each pass.
  CHECK(work([&] { CHECK(CountKept(tokenizer.Encoded(text, 128)) == Kept{126, 0}); }) < 1'100'000);
  CHECK(work([&] { CHECK(CountKept(tokenizer.EncodedPair(text, "b b", 128)) == Kept{123, 2}); }) < 2'100'000);
  // An odd budget: the odd token goes to the text that is longer, a million characters from here.
  CHECK(CountKept(tokenizer.EncodedPair(text, pair, 128)) == Kept{63, 62});
  CHECK(CountKept(tokenizer.EncodedPair(pair, text, 128)) == Kept{62, 63});
  CHECK(CountKept(tokenizer.EncodedPair(text, text, 128)) == Kept{62, 63});
}

TEST_CASE("offsets in code points and UTF-16 units") {
  const std::string_view text = "aé中😀\xFF\xE4\xB8z";
  OffsetCursor cursor(text);
  const auto at = [&cursor](uint32_t offset) {
    const OffsetCursor::Position p = cursor.At(offset);
    return std::to_string(p.bytes) + " " + std::to_string(p.code_points) + " " + std::to_string(p.utf16_units);
  };
  CHECK(at(0) == "0 0 0");
  CHECK(at(1) == "1 1 1");
  CHECK(at(3) == "3 2 2");
  CHECK(at(6) == "6 3 3");
  CHECK(at(10) == "10 4 5");
  CHECK(at(11) == "11 5 6");  // an ill-formed byte
  CHECK(at(13) == "13 6 7");  // a sequence cut short
  CHECK(at(14) == "14 7 8");
  CHECK(at(1000) == "14 7 8");
  CHECK(at(6) == "6 3 3");  // back
  CHECK(at(8) == "6 3 3");  // inside a character
}

}  // namespace
}  // namespace pbert::test
