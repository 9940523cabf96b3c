// What the reference tokenizers do with each code point. Generated from the reference itself (generate_unicode.py);
// no Unicode database agrees with it, since its own tables come from several versions of Unicode.
#ifndef POCKETBERT_TEXT_UNICODE_H_
#define POCKETBERT_TEXT_UNICODE_H_

#include <cstdint>

namespace pbert::unicode {

// The same bits as in probe_unicode.py.
inline constexpr uint16_t kRemoved = 1;         // text cleaning drops it: NUL, U+FFFD, controls, formats, private use
inline constexpr uint16_t kSpace = 2;           // separates words; cleaning makes it U+0020
inline constexpr uint16_t kPunctuation = 4;     // a word of its own
inline constexpr uint16_t kCjk = 8;             // gets spaces around it
inline constexpr uint16_t kMark = 16;           // BERT's accent stripping drops it, decomposed or not
inline constexpr uint16_t kWord = 32;           // \w of the reference's regular expressions
inline constexpr uint16_t kLowerSequence = 64;  // LowerSequence() says its lower case
inline constexpr uint16_t kLetter = 128;        // \p{L} of the GPT-2 pattern
inline constexpr uint16_t kNumber = 256;        // \p{N}
inline constexpr uint16_t kAnyMark = 512;       // the reference's StripAccents drops it
inline constexpr uint16_t kCanonical = 1024;    // NFD changes it
inline constexpr uint16_t kCompatible = 2048;   // NFKD makes something else of it than NFD

// Classes of extended grapheme clusters (UAX #29), as far as the reference shows them. Carriage return and line feed
// are kControl; regional indicators are kOther, because clusters of more than five bytes are of no consequence.
enum class Grapheme : uint8_t {
  kOther,
  kControl,
  kExtend,
  kExtendConjunct,  // Extend that may also stand in a conjunct
  kLinker,          // Extend that links consonants
  kJoiner,          // U+200D
  kSpacing,
  kPrepend,
  kHangulL,
  kHangulV,
  kHangulT,
  kHangulLV,
  kHangulLVT,
  kPictograph,
  kConsonant,
};

struct Record {
  uint16_t flags;
  // Order of its canonical combining class among all classes, from 1; 0 for a starter.
  uint8_t rank;
  Grapheme grapheme;
  int32_t lower_delta;  // to the code point of its lower case
};

// The tables of RecordOf, which is asked several times for each character of a text and is inline for that reason.
inline constexpr uint32_t kBlockShift = 8;
extern const uint8_t kBlockOf[];
extern const uint8_t kRecordOf[];
extern const Record kRecords[];

// `code_point` < 0x110000.
inline const Record& RecordOf(char32_t code_point) {
  const uint32_t block = kBlockOf[code_point >> kBlockShift];
  return kRecords[kRecordOf[block << kBlockShift | (code_point & ((1u << kBlockShift) - 1))]];
}

// A few code points.
struct Sequence {
  static constexpr uint32_t kMaxSize = 4;
  char32_t units[kMaxSize];
  uint32_t size;
};

// Canonical decomposition without the marks that BERT's accent stripping would drop: starters, then perhaps combining
// characters. Of a code point with kCanonical and without kMark.
Sequence DecomposeStripped(char32_t code_point);

// Lower case of a code point with kLowerSequence.
Sequence LowerSequence(char32_t code_point);

// A full decomposition.
struct Decomposition {
  static constexpr uint32_t kMaxSize = 32;
  char32_t units[kMaxSize];
  uint32_t size;
};

// NFD, or NFKD if `compatible`, of one code point, in canonical order; the code point itself where it does not change.
void DecomposeFully(char32_t code_point, bool compatible, Decomposition* result);

// The code point that the two compose to (NFC); 0 when they do not.
char32_t Compose(char32_t first, char32_t second);

}  // namespace pbert::unicode

#endif  // POCKETBERT_TEXT_UNICODE_H_
