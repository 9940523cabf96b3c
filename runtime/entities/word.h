// Words packed to two numbers, so that a table of words is compared without a loop over letters.
#ifndef POCKETBERT_ENTITIES_WORD_H_
#define POCKETBERT_ENTITIES_WORD_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ascii.h"

namespace pbert {

struct EntityWord {
  uint64_t head = 0, tail = 0;  // eight letters each, the first in the lowest byte
  friend constexpr bool operator==(const EntityWord&, const EntityWord&) = default;
};

// Lower-cases ASCII. What is longer than any word of ours equals none.
constexpr EntityWord PackWord(std::string_view letters) {
  if (letters.size() > 16) return {~uint64_t{0}, ~uint64_t{0}};
  EntityWord word;
  for (size_t i = 0; i < letters.size(); ++i) {
    const char c = letters[i];
    const auto byte = static_cast<uint8_t>(LowerAscii(c));
    (i < 8 ? word.head : word.tail) |= uint64_t{byte} << 8 * (i % 8);
  }
  return word;
}

constexpr EntityWord operator""_w(const char* letters, size_t size) { return PackWord({letters, size}); }

// A row of a table of words.
struct WordValue {
  EntityWord word;
  int64_t value;
};

template <size_t n>
constexpr const WordValue* FindWord(const WordValue (&table)[n], const EntityWord& word) {
  for (const WordValue& row : table) {
    if (row.word == word) return &row;
  }
  return nullptr;
}

template <size_t n>
constexpr bool IsOneOf(const EntityWord (&table)[n], const EntityWord& word) {
  for (const EntityWord& other : table) {
    if (other == word) return true;
  }
  return false;
}

}  // namespace pbert

#endif  // POCKETBERT_ENTITIES_WORD_H_
