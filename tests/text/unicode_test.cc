// scalars_test.cc compares every scalar value with the reference; here are the properties that say why.
#include "text/unicode.h"

#include <doctest/doctest.h>

#include <iterator>
#include <vector>

namespace pbert::unicode {
namespace {

uint16_t Flags(char32_t c) { return RecordOf(c).flags; }

std::vector<char32_t> Units(const Sequence& sequence) { return {sequence.units, sequence.units + sequence.size}; }

TEST_CASE("properties of well-known code points") {
  CHECK((Flags('a') & (kWord | kSpace | kPunctuation | kRemoved)) == kWord);
  CHECK(RecordOf('A').lower_delta == 32);
  CHECK(RecordOf('a').lower_delta == 0);
  CHECK((Flags('_') & (kWord | kPunctuation)) == (kWord | kPunctuation));
  CHECK((Flags('$') & kPunctuation) != 0);     // all of ASCII's, symbols too
  CHECK((Flags(0x20AC) & kPunctuation) == 0);  // the euro sign is a symbol
  for (char32_t space : {U' ', U'\t', U'\n', U'\r', char32_t{0xA0}, char32_t{0x2028}, char32_t{0x3000}}) {
    CHECK((Flags(space) & (kSpace | kRemoved)) == kSpace);
  }
  CHECK((Flags(0x85) & (kSpace | kRemoved)) == (kSpace | kRemoved));  // cleaning comes first
  for (char32_t removed : {0x0, 0x7, 0x7F, 0xAD, 0x200B, 0xFEFF, 0xFFFD, 0xE000})
    CHECK((Flags(removed) & kRemoved) != 0);
  CHECK((Flags(0x378) & kRemoved) == 0);  // unassigned
  CHECK((Flags(0x4E2D) & kCjk) != 0);
  CHECK((Flags(0xF900) & kCjk) != 0);
  CHECK((Flags(0x3042) & kCjk) == 0);  // Hiragana
  CHECK((Flags(0xAC00) & kCjk) == 0);  // Hangul
}

// Why no Unicode library will do: these come from tables of different age.
TEST_CASE("the reference's own mixture of Unicode versions") {
  CHECK((Flags(0x08E3) & kMark) != 0);
  CHECK((Flags(0x1DF6) & kMark) == 0);
  CHECK(RecordOf(0xA7DC).lower_delta != 0);
}

TEST_CASE("combining classes keep their order") {
  // 1, 7, 9, 202, 216, 220, 230, 240
  const char32_t marks[] = {0x0334, 0x093C, 0x094D, 0x0327, 0x1D165, 0x0323, 0x0301, 0x0345};
  for (std::size_t i = 1; i < std::size(marks); ++i) CHECK(RecordOf(marks[i - 1]).rank < RecordOf(marks[i]).rank);
  CHECK(RecordOf(0x0301).rank == RecordOf(0x0308).rank);
  CHECK(RecordOf('a').rank == 0);
  CHECK(RecordOf(0x0344).rank == RecordOf(0x0308).rank);  // decomposes into marks alone
}

TEST_CASE("decompositions come without stripped marks") {
  CHECK(Units(DecomposeStripped(0xE9)) == std::vector<char32_t>{'e'});
  CHECK(Units(DecomposeStripped(0x1EC7)) == std::vector<char32_t>{'e'});
  CHECK(Units(DecomposeStripped(0x212B)) == std::vector<char32_t>{'A'});
  CHECK(Units(DecomposeStripped(0xF900)) == std::vector<char32_t>{0x8C48});
  CHECK(Units(DecomposeStripped(0x1D160)) == std::vector<char32_t>{0x1D158, 0x1D165, 0x1D16E});  // marks that stay
  CHECK(Units(DecomposeStripped(0xAC00)) == std::vector<char32_t>{0x1100, 0x1161});
  CHECK(Units(DecomposeStripped(0xAC01)) == std::vector<char32_t>{0x1100, 0x1161, 0x11A8});
  CHECK(Units(DecomposeStripped(0xD7A3)) == std::vector<char32_t>{0x1112, 0x1175, 0x11C2});
  CHECK(Units(DecomposeStripped('x')) == std::vector<char32_t>{'x'});  // not asked for, and harmless
}

TEST_CASE("lower case of two code points") {
  CHECK((Flags(0x130) & kLowerSequence) != 0);
  CHECK(Units(LowerSequence(0x130)) == std::vector<char32_t>{'i', 0x307});
}

}  // namespace
}  // namespace pbert::unicode
