#include "text/unicode.h"

#include <algorithm>
#include <iterator>
#include <span>

namespace pbert::unicode {

struct Composition {
  char32_t first, second, composed;
};

#include "text/unicode_tables.inc"

static_assert(std::size(kBlockOf) == 0x110000 >> kBlockShift);

namespace {

constexpr uint32_t kLengthBits = 5;

// Hangul syllables by the Unicode Standard's arithmetic (section 3.12): a leading consonant, a vowel and, in all but
// every 28th, a trailing consonant.
constexpr char32_t kSyllables = 0xAC00, kLeading = 0x1100, kVowel = 0x1161, kBeforeTrailing = 0x11A7;
constexpr uint32_t kLeadings = 19, kVowels = 21, kTrailings = 28, kSyllableCount = kLeadings * kVowels * kTrailings;

bool IsSyllable(char32_t c) { return c >= kSyllables && c < kSyllables + kSyllableCount; }

template <typename Result>
void Syllable(char32_t code_point, Result* result) {
  const uint32_t index = code_point - kSyllables;
  const uint32_t trailing = index % kTrailings;
  result->units[0] = kLeading + index / (kVowels * kTrailings);
  result->units[1] = kVowel + index / kTrailings % kVowels;
  result->units[2] = kBeforeTrailing + trailing;
  result->size = trailing == 0 ? 2 : 3;
}

// Copies what a table says about a code point: but not marks, if not `marks`. Nothing changes where it says nothing.
template <typename Result>
void Copy(std::span<const uint32_t> keys, const uint16_t* places, char32_t code_point, bool marks, Result* result) {
  const auto key = std::lower_bound(keys.begin(), keys.end(), static_cast<uint32_t>(code_point) << kLengthBits);
  if (key == keys.end() || *key >> kLengthBits != code_point) return;
  const uint16_t* unit = kUnits + places[key - keys.begin()];
  const uint16_t* const end = unit + (*key & ((1u << kLengthBits) - 1));
  result->size = 0;
  while (unit != end && result->size < Result::kMaxSize) {
    char32_t c = *unit++;
    if (c >= 0xD800 && c < 0xDC00) c = 0x10000 + ((c - 0xD800) << 10) + (*unit++ - 0xDC00u);
    if (marks || !(RecordOf(c).flags & kMark)) result->units[result->size++] = c;
  }
}

}  // namespace

Sequence DecomposeStripped(char32_t code_point) {
  Sequence result{{code_point}, 1};
  if (IsSyllable(code_point)) {
    Syllable(code_point, &result);
  } else {
    Copy(kCanonicalKeys, kCanonicalPlaces, code_point, false, &result);
  }
  return result;
}

Sequence LowerSequence(char32_t code_point) {
  Sequence result{{code_point}, 1};
  Copy(kLowerKeys, kLowerPlaces, code_point, true, &result);
  return result;
}

void DecomposeFully(char32_t code_point, bool compatible, Decomposition* result) {
  result->units[0] = code_point;
  result->size = 1;
  const uint16_t flags = RecordOf(code_point).flags;
  if (compatible && (flags & kCompatible)) {
    Copy(kCompatibleKeys, kCompatiblePlaces, code_point, true, result);
  } else if (IsSyllable(code_point)) {
    Syllable(code_point, result);
  } else if (flags & kCanonical) {
    Copy(kCanonicalKeys, kCanonicalPlaces, code_point, true, result);
  }
}

char32_t Compose(char32_t first, char32_t second) {
  if (first >= kLeading && first < kLeading + kLeadings && second >= kVowel && second < kVowel + kVowels) {
    return kSyllables + ((first - kLeading) * kVowels + (second - kVowel)) * kTrailings;
  }
  if (IsSyllable(first) && (first - kSyllables) % kTrailings == 0 && second > kBeforeTrailing &&
      second < kBeforeTrailing + kTrailings) {
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
