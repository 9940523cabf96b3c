// What byte-level BPE, Unigram and the Unicode normal forms must know of each code point. Generated from the reference
// tokenizers themselves (generate_properties.py), as unicode.h is for BERT's normalizer.
#ifndef POCKETBERT_TEXT_PROPERTIES_H_
#define POCKETBERT_TEXT_PROPERTIES_H_

#include <cstdint>

namespace pbert::unicode {

// The same bits as in generate_properties.py.
inline constexpr uint16_t kLetter = 1;       // \p{L} of the GPT-2 pattern
inline constexpr uint16_t kNumber = 2;       // \p{N}
inline constexpr uint16_t kAnyMark = 4;      // the reference's StripAccents drops it
inline constexpr uint16_t kCanonical = 8;    // NFD changes it
inline constexpr uint16_t kCompatible = 16;  // NFKD makes something else of it than NFD

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

// Flags in the low byte; `code_point` < 0x110000.
uint16_t PropertiesOf(char32_t code_point);
inline Grapheme GraphemeOf(uint16_t properties) { return static_cast<Grapheme>(properties >> 8); }

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

#endif  // POCKETBERT_TEXT_PROPERTIES_H_
