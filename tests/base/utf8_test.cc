#include "base/utf8.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace pbert {
namespace {

// "41+1 FFFD+2": code points and lengths of a whole text.
std::string Decoded(std::string_view text) {
  std::string description;
  while (!text.empty()) {
    const Utf8Char c = DecodeUtf8(text.data(), text.size());
    REQUIRE(c.length >= 1);
    REQUIRE(c.length <= text.size());
    char item[24];
    snprintf(item, sizeof(item), "%s%X+%u", description.empty() ? "" : " ", static_cast<unsigned>(c.code_point),
             c.length);
    description += item;
    text.remove_prefix(c.length);
  }
  return description;
}

TEST_CASE("every scalar value survives encoding and decoding") {
  uint32_t wrong = 0;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    uint8_t bytes[4];
    const uint32_t length = EncodeUtf8(c, bytes);
    const Utf8Char decoded = DecodeUtf8(reinterpret_cast<const char*>(bytes), length);
    wrong += length != (c < 0x80 ? 1u : c < 0x800 ? 2u : c < 0x10000 ? 3u : 4u);
    wrong += decoded.code_point != c || decoded.length != length;
    for (uint32_t cut = 1; cut < length; ++cut) {  // a truncated sequence is one ill-formed subpart
      const Utf8Char part = DecodeUtf8(reinterpret_cast<const char*>(bytes), cut);
      wrong += part.code_point != kReplacementCharacter || part.length != cut;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("how much of a text is well-formed") {
  CHECK(IsUtf8(""));
  CHECK(IsUtf8(std::string_view("a\0b", 3)));
  CHECK(IsUtf8("gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80"));
  CHECK(IsUtf8("\xEF\xBF\xBD"));  // a replacement character that the text itself holds
  CHECK(WellFormedBytes("ab\xFFz") == 2);
  CHECK(WellFormedBytes("ab\xEF\xBF") == 2);
  CHECK(WellFormedBytes("\xEF\xBF\xBD\xEF\xBFz") == 3);
  for (const char* wrong :
       {"\x80", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x9F\x98", "\xF4\x90\x80\x80", "\xF5"}) {
    CHECK_FALSE(IsUtf8(wrong));
  }
}

// What Python's bytes.decode("utf-8", "replace") gives for these.
TEST_CASE("ill-formed bytes: one U+FFFD for each maximal subpart") {
  CHECK(Decoded("\x80") == "FFFD+1");
  CHECK(Decoded("a\x80\xBF"
                "b") == "61+1 FFFD+1 FFFD+1 62+1");
  CHECK(Decoded("\xC0\xAF") == "FFFD+1 FFFD+1");                        // overlong, 2 bytes
  CHECK(Decoded("\xE0\x80\xAF") == "FFFD+1 FFFD+1 FFFD+1");             // overlong, 3 bytes
  CHECK(Decoded("\xF0\x80\x80\xAF") == "FFFD+1 FFFD+1 FFFD+1 FFFD+1");  // overlong, 4 bytes
  CHECK(Decoded("\xED\xA0\x80") == "FFFD+1 FFFD+1 FFFD+1");             // a surrogate
  CHECK(Decoded("\xF4\x90\x80\x80") == "FFFD+1 FFFD+1 FFFD+1 FFFD+1");  // beyond U+10FFFF
  CHECK(Decoded("\xF5\xFF") == "FFFD+1 FFFD+1");
  CHECK(Decoded("\xE2\x82") == "FFFD+2");
  CHECK(Decoded("\xE2\x82z") == "FFFD+2 7A+1");
  CHECK(Decoded("\xF0\x9F\x98z") == "FFFD+3 7A+1");
  CHECK(Decoded("\xE2\xE2\x82\xAC") == "FFFD+1 20AC+3");
  // Table 3-8 of the Unicode Standard.
  CHECK(Decoded("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64") ==
        "61+1 FFFD+3 FFFD+2 FFFD+1 62+1 FFFD+1 63+1 FFFD+1 FFFD+1 64+1");
}

}  // namespace
}  // namespace pbert
