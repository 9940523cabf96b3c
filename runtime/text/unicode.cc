#include "text/unicode.h"

#include <algorithm>
#include <iterator>
#include <span>

namespace pbert::unicode {
namespace {

#include "text/unicode_tables.inc"

constexpr uint32_t kPlaceBits = 11;
constexpr uint32_t kLastOfSequence = 1u << 31;

// `table` holds code point << kPlaceBits | place in kSequences, ascending; it has `code_point`, since a flag said so.
Sequence Find(std::span<const uint32_t> table, char32_t code_point) {
  Sequence sequence{{code_point}, 1};
  const auto entry = std::lower_bound(table.begin(), table.end(), static_cast<uint32_t>(code_point) << kPlaceBits);
  if (entry == table.end() || *entry >> kPlaceBits != code_point) return sequence;
  const uint32_t* unit = kSequences + (*entry & ((1u << kPlaceBits) - 1));
  for (sequence.size = 0; sequence.size < Sequence::kMaxSize; ++unit) {
    sequence.units[sequence.size++] = *unit & ~kLastOfSequence;
    if (*unit & kLastOfSequence) break;
  }
  return sequence;
}

// The Unicode Standard's arithmetic for Hangul syllables (section 3.12): a leading consonant, a vowel and, in all but
// every 28th, a trailing consonant.
constexpr char32_t kHangulFirst = 0xAC00, kHangulLast = 0xD7A3;
constexpr char32_t kLeading = 0x1100, kVowel = 0x1161, kBeforeTrailing = 0x11A7;
constexpr uint32_t kVowels = 21, kTrailings = 28;

}  // namespace

const Record& RecordOf(char32_t code_point) {
  constexpr uint32_t kLowBits = (1u << kBlockShift) - 1;
  const uint32_t block = kBlockOf[code_point >> kBlockShift];
  return kRecords[kRecordOf[block << kBlockShift | (code_point & kLowBits)]];
}

Sequence Decompose(char32_t code_point) {
  if (code_point < kHangulFirst || code_point > kHangulLast) return Find(kDecompositions, code_point);
  const uint32_t index = code_point - kHangulFirst;
  const uint32_t trailing = index % kTrailings;
  return {
      {kLeading + index / (kVowels * kTrailings), kVowel + index / kTrailings % kVowels, kBeforeTrailing + trailing},
      trailing == 0 ? 2u : 3u};
}

Sequence LowerSequence(char32_t code_point) { return Find(kLowerSequences, code_point); }

}  // namespace pbert::unicode
