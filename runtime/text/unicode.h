// What the reference tokenizers do with each code point. Generated from the reference itself (generate_unicode.py);
// no Unicode database agrees with it, since its own tables come from several versions of Unicode.
#ifndef POCKETBERT_TEXT_UNICODE_H_
#define POCKETBERT_TEXT_UNICODE_H_

#include <cstdint>

namespace pbert::unicode {

// The same bits as in generate_unicode.py.
inline constexpr uint8_t kRemoved = 1;          // text cleaning drops it: NUL, U+FFFD, controls, formats, private use
inline constexpr uint8_t kSpace = 2;            // separates words; cleaning makes it U+0020
inline constexpr uint8_t kPunctuation = 4;      // a word of its own
inline constexpr uint8_t kCjk = 8;              // gets spaces around it
inline constexpr uint8_t kMark = 16;            // accent stripping drops it, decomposed or not
inline constexpr uint8_t kDecomposes = 32;      // Decompose() says into what
inline constexpr uint8_t kWord = 64;            // \w of the reference's regular expressions
inline constexpr uint8_t kLowerSequence = 128;  // LowerSequence() says its lower case

struct Record {
  uint8_t flags;
  // Order of its canonical combining class among all classes, from 1; 0 for a starter.
  uint8_t rank;
  int32_t lower_delta;  // to the code point of its lower case
};

// `code_point` < 0x110000.
const Record& RecordOf(char32_t code_point);

// A few code points. Values, not pointers, so that cursors that hold one can be copied.
struct Sequence {
  static constexpr uint32_t kMaxSize = 4;
  char32_t units[kMaxSize];
  uint32_t size;
};

// Canonical decomposition without the marks that accent stripping would drop, of a code point with kDecomposes:
// starters, then perhaps combining characters.
Sequence Decompose(char32_t code_point);

// Lower case of a code point with kLowerSequence.
Sequence LowerSequence(char32_t code_point);

}  // namespace pbert::unicode

#endif  // POCKETBERT_TEXT_UNICODE_H_
