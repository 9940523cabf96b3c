// A read-only double-array trie over bytes, used where it lies in the file: nothing is built when a file is opened.
//
// The array's elements, units, are 32-bit little-endian words. A unit is a node or a value:
//
//   node    bit 31 = 0 | bits 30..9: base | bit 8: has a value | bits 7..0: label
//   value   bit 31 = 1 | bits 30..0: the value; all ones where nothing is stored
//
// The child of a node by byte b lies at index base XOR b, and is there if that unit is a node whose label is b. No two
// nodes share a base, so a label says enough. A node's value lies at index base (as if by byte 0: keys hold no NUL).
// The root is unit 0, its label is 0, and no node has base 0. The number of units is a multiple of 256.
//
// Keys of a tokenizer's trie, all in UTF-8 except for the marked first bytes, which UTF-8 does not have:
//
// - A piece leads to its id. "##ing" is kept with its prefix: continuation pieces are found from the node of "##".
// - The byte 0xFF and the content of an added token that is looked for in raw text lead to its index in added_tokens.
// - The byte 0xFE and the normalized content of an added token with `normalized` lead to its index in added_tokens.
//
// converter/tokenizer/trie_builder.h builds it.
#ifndef POCKETBERT_TEXT_TRIE_H_
#define POCKETBERT_TEXT_TRIE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pbert {

// The layout above, for reader and builder.
struct TrieLayout {
  static constexpr uint32_t kValueBit = 1u << 31;
  static constexpr uint32_t kHasValue = 1u << 8;
  static constexpr uint32_t kBaseShift = 9;
  static constexpr uint32_t kBaseBits = 22;
  static constexpr uint32_t kBlock = 256;
  static constexpr uint32_t kMaxUnits = 1u << kBaseBits;
  static constexpr uint32_t kEmpty = ~0u;
  static constexpr uint8_t kRawAddedToken = 0xFF;
  static constexpr uint8_t kNormalizedAddedToken = 0xFE;
};

// A view of the units, which must outlive it. Every step checks its bounds, so that a damaged or hostile array gives
// wrong answers and nothing worse; users check values against their own range. Thread-safe.
class Trie {
 public:
  using State = uint32_t;  // index of a node
  static constexpr State kRoot = 0;
  static constexpr State kDead = ~0u;

  Trie() = default;
  Trie(const uint32_t* units, size_t count) : units_(units), count_(static_cast<uint32_t>(count)) {}

  // From a live state; kDead when no key goes on like this.
  State Step(State state, uint8_t byte) const {
    const uint32_t child = Base(units_[state]) ^ byte;
    if (child >= count_) return kDead;
    return (units_[child] & (TrieLayout::kValueBit | 0xFF)) == byte ? child : kDead;
  }

  // Any state will do, kDead too.
  State Walk(State state, std::string_view bytes) const;

  // Value of the key that ends at a live state; -1 when none does.
  int32_t Value(State state) const {
    const uint32_t unit = units_[state];
    if (!(unit & TrieLayout::kHasValue)) return -1;
    const uint32_t place = Base(unit);
    if (place >= count_ || !(units_[place] & TrieLayout::kValueBit)) return -1;
    return static_cast<int32_t>(units_[place] & ~TrieLayout::kValueBit);
  }

 private:
  static uint32_t Base(uint32_t unit) { return unit >> TrieLayout::kBaseShift & ((1u << TrieLayout::kBaseBits) - 1); }

  const uint32_t* units_ = nullptr;
  uint32_t count_ = 0;
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_TRIE_H_
