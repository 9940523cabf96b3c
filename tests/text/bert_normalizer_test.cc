#include "text/bert_normalizer.h"

#include <doctest/doctest.h>

#include <string>

namespace pbert {
namespace {

using std::string_view_literals::operator""sv;

constexpr NormalizerFlags kUncased;
constexpr NormalizerFlags kCased = {.clean_text = true, .space_cjk = true, .strip_accents = false, .lowercase = false};
constexpr NormalizerFlags kNothing = {
    .clean_text = false, .space_cjk = false, .strip_accents = false, .lowercase = false};

// The step at work on one text.
class Normalizer {
 public:
  Normalizer(std::string_view text, const NormalizerFlags& flags) : step_(flags, &raw_) {
    raw_.Begin(RawCursor(text, 0, static_cast<uint32_t>(text.size()), &steps_));
    step_.Begin(0);
  }
  bool Next(TextChar* c) { return step_.Next(c); }

 private:
  uint64_t steps_ = 0;
  RawSource raw_;
  BertNormalizer step_;
};

std::string Normalized(std::string_view text, const NormalizerFlags& flags = kUncased) {
  Normalizer normalizer(text, flags);
  std::string normalized;
  for (TextChar c; normalizer.Next(&c);) {
    uint8_t bytes[4];
    normalized.append(reinterpret_cast<const char*>(bytes), EncodeUtf8(c.code_point, bytes));
  }
  TextChar c;
  CHECK(!normalizer.Next(&c));
  return normalized;
}

// "61@0-1 62@1-2": code points with their bytes.
std::string Places(std::string_view text, const NormalizerFlags& flags = kUncased) {
  Normalizer normalizer(text, flags);
  std::string places;
  for (TextChar c; normalizer.Next(&c);) {
    char item[48];
    snprintf(item, sizeof(item), "%s%X@%u-%u", places.empty() ? "" : " ", static_cast<unsigned>(c.code_point), c.begin,
             c.end);
    places += item;
  }
  return places;
}

TEST_CASE("cleaning drops what is no text and makes every space U+0020") {
  CHECK(Normalized("a\0b\x1F\u200D\uFFFD\xFF!c"sv) == "ab!c");
  CHECK(Normalized("a\tb\nc\u00A0d\u2003e\u3000f\u2028g") == "a b c d e f g");
  CHECK(Normalized("a\u0085b") == "ab");  // a space, but a control first
  CHECK(Normalized("a\u0085\tb", kNothing) == "a\u0085\tb");
}

TEST_CASE("CJK characters get spaces, which have their place") {
  CHECK(Normalized("a中b", kCased) == "a 中 b");
  CHECK(Normalized("中文", kCased) == " 中  文 ");
  CHECK(Places("a中", kCased) == "61@0-1 20@1-4 4E2D@1-4 20@1-4");
  CHECK(Places("\uF900") == "20@0-3 8C48@0-3 20@0-3");  // a compatibility ideograph: both spaces and decomposition
  CHECK(Normalized("中", kNothing) == "中");
}

TEST_CASE("accents") {
  CHECK(Normalized("Ünïté e\u0301 \u1EC7") == "unite e e");
  CHECK(Places("é.") == "65@0-2 2E@2-3");
  CHECK(Places("e\u0301\u0323.") == "65@0-1 2E@5-6");
  CHECK(Normalized("é", kCased) == "é");
  CHECK(Normalized("\u0301\u0323") == "");
  CHECK(Places("가각") == "1100@0-3 1161@0-3 1100@3-6 1161@3-6 11A8@3-6");
  CHECK(Normalized("\u0C48x\u0CC0") == "x\u0CD5");  // a starter that vanishes; one that leaves its second half
}

TEST_CASE("lower case, code point by code point") {
  CHECK(Normalized("ΣΑΣ") == "σασ");
  CHECK(Normalized("ẞ") == "ß");
  CHECK(Normalized("İ") == "i");
  constexpr NormalizerFlags kLowerOnly = {
      .clean_text = true, .space_cjk = true, .strip_accents = false, .lowercase = true};
  CHECK(Places("İA", kLowerOnly) == "69@0-2 307@0-2 61@2-3");
}

// U+302E (a Hangul tone mark, class 224) is no stripped mark; U+0301 (230), U+0323 (220), U+1B44 (9) and
// U+0334 (1, stripped) stand around it.
TEST_CASE("combining characters that stay are sorted, and take the places of their run in order") {
  CHECK(Places("a\u0301\u302E") == "61@0-1 302E@1-3");  // second in the text, first of the sorted run
  CHECK(Places("a\u0334\u302E") == "61@0-1 302E@3-6");  // sorted already
  CHECK(Places("a\u0301\u302E\u1B44") == "61@0-1 1B44@1-3 302E@3-6");
  CHECK(Places("\u302E\u0323") == "302E@3-5");          // a run at the beginning of the text
  CHECK(Places("\u0344\u302Eb") == "302E@0-2 62@5-6");  // U+0344 is two marks, and one character
  CHECK(Places("é\u302E") == "65@0-2 302E@2-5");        // the accent of é was added, it has no place
  // A note with its stem and flag, both of class 216, and a mark of a lower class behind them.
  CHECK(Places("\U0001D160\u0334\u1B44") == "1D158@0-4 1B44@6-9 1D165@6-9 1D16E@6-9");
  CHECK(Places("a\u0301\0\u302E\x01!"sv) == "61@0-1 302E@1-3 21@8-9");  // what cleaning drops is not there at all
}

TEST_CASE("a run of any length is sorted") {
  std::string text = "a", expected = "a";
  for (int i = 0; i < 5000; ++i) text += "\u302E\u0301\u1B44\u0345";
  for (int i = 0; i < 5000; ++i) expected += "\u1B44";
  for (int i = 0; i < 5000; ++i) expected += "\u302E";
  CHECK(Normalized(text + "B") == expected + "b");
}

TEST_CASE("a stretch in the middle of a text") {
  uint64_t steps = 0;
  RawCursor raw("xÉy", 1, 3, &steps);
  TextChar c;
  REQUIRE(raw.Next(&c));
  CHECK(c.code_point == 0xC9);
  CHECK(c.begin == 1);
  CHECK(c.end == 3);
  CHECK(!raw.Next(&c));
  CHECK(steps == 1);
}

}  // namespace
}  // namespace pbert
