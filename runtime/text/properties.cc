#include "text/properties.h"

#include <algorithm>
#include <iterator>
#include <span>

namespace pbert::unicode {
namespace {

struct Composition {
  char32_t first, second, composed;
};

#include "text/properties_tables.inc"

constexpr uint32_t kRecordBits = 6;
constexpr uint32_t kLengthBits = 5;

// Hangul syllables by the Unicode Standard's arithmetic (section 3.12).
constexpr char32_t kSyllables = 0xAC00, kLeading = 0x1100, kVowel = 0x1161, kBeforeTrailing = 0x11A7;
constexpr uint32_t kLeadings = 19, kVowels = 21, kTrailings = 28, kSyllableCount = kLeadings * kVowels * kTrailings;

// Copies what the table says about a code point that it has.
void Copy(std::span<const uint32_t> keys, const uint16_t* places, char32_t code_point, Decomposition* result) {
  const auto key = std::lower_bound(keys.begin(), keys.end(), static_cast<uint32_t>(code_point) << kLengthBits);
  if (key == keys.end() || *key >> kLengthBits != code_point) return;
  const uint16_t* unit = kUnits + places[key - keys.begin()];
  const uint16_t* const end = unit + (*key & ((1u << kLengthBits) - 1));
  result->size = 0;
  while (unit != end) {
    char32_t c = *unit++;
    if (c >= 0xD800 && c < 0xDC00) c = 0x10000 + ((c - 0xD800) << 10) + (*unit++ - 0xDC00u);
    result->units[result->size++] = c;
  }
}

}  // namespace

uint16_t PropertiesOf(char32_t code_point) {
  if (code_point < std::size(kAscii)) return kAscii[code_point];
  // The last run that begins at or before it.
  const uint32_t key = static_cast<uint32_t>(code_point + 1) << kRecordBits;
  const uint32_t* run = std::lower_bound(std::begin(kRuns), std::end(kRuns), key) - 1;
  return kRecords[*run & ((1u << kRecordBits) - 1)];
}

void DecomposeFully(char32_t code_point, bool compatible, Decomposition* result) {
  result->units[0] = code_point;
  result->size = 1;
  const uint16_t properties = PropertiesOf(code_point);
  if (compatible && (properties & kCompatible)) {
    Copy(kCompatibleKeys, kCompatiblePlaces, code_point, result);
  } else if (code_point >= kSyllables && code_point < kSyllables + kSyllableCount) {
    const uint32_t index = code_point - kSyllables;
    const uint32_t trailing = index % kTrailings;
    result->units[0] = kLeading + index / (kVowels * kTrailings);
    result->units[1] = kVowel + index / kTrailings % kVowels;
    result->units[2] = kBeforeTrailing + trailing;
    result->size = trailing == 0 ? 2 : 3;
  } else if (properties & kCanonical) {
    Copy(kCanonicalKeys, kCanonicalPlaces, code_point, result);
  }
}

char32_t Compose(char32_t first, char32_t second) {
  if (first >= kLeading && first < kLeading + kLeadings && second >= kVowel && second < kVowel + kVowels) {
    return kSyllables + ((first - kLeading) * kVowels + (second - kVowel)) * kTrailings;
  }
  if (first >= kSyllables && first < kSyllables + kSyllableCount && (first - kSyllables) % kTrailings == 0 &&
      second > kBeforeTrailing && second < kBeforeTrailing + kTrailings) {
    return first + (second - kBeforeTrailing);
  }
  const auto before = [](const Composition& a, const Composition& b) {
    return a.first != b.first ? a.first < b.first : a.second < b.second;
  };
  const Composition wanted = {first, second, 0};
  const Composition* found = std::lower_bound(std::begin(kCompositions), std::end(kCompositions), wanted, before);
  return found != std::end(kCompositions) && !before(wanted, *found) ? found->composed : 0;
}

}  // namespace pbert::unicode
