// UTF-8, one code point at a time.
#ifndef POCKETBERT_BASE_UTF8_H_
#define POCKETBERT_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pbert {

// What ill-formed bytes are read as.
inline constexpr char32_t kReplacementCharacter = 0xFFFD;

struct Utf8Char {
  char32_t code_point;
  uint32_t length;  // in bytes, 1 to 4
};

// The first code point of `size` > 0 bytes. Ill-formed bytes give U+FFFD and the length of the maximal subpart:
// the longest beginning of a well-formed sequence, or one byte (Unicode Standard 15, section 3.9, table 3-7). That
// is how Python's errors="replace" and the WHATWG's decoder count them.
Utf8Char DecodeUtf8(const char* text, size_t size);

// How many bytes at the beginning are well-formed: shortest forms only, no surrogates, nothing above U+10FFFF.
size_t WellFormedBytes(std::string_view text);
inline bool IsUtf8(std::string_view text) { return WellFormedBytes(text) == text.size(); }

// Writes a scalar value and returns its length in bytes, 1 to 4.
uint32_t EncodeUtf8(char32_t code_point, uint8_t* out);

}  // namespace pbert

#endif  // POCKETBERT_BASE_UTF8_H_
