// The merges of a byte-level BPE vocabulary as a hash table, used where it lies in the file.
//
// An array of slots of three 32-bit words:
//
//   word 0   left id (20 bits) | low 12 bits of the right id << 20
//   word 1   high 8 bits of the right id | rank << 8
//   word 2   id of the merged piece; all ones in an empty slot
//
// A pair belongs in slot Home(left, right), or in the next free one behind it (the first slot follows the last), at
// most kMaxProbes - 1 slots away. Pieces' ids are below 2^20 and ranks below 2^24. The lower a rank, the earlier the
// merge.
//
// converter/tokenizer/merge_table_builder.h builds it.
#ifndef POCKETBERT_TEXT_MERGE_TABLE_H_
#define POCKETBERT_TEXT_MERGE_TABLE_H_

#include <cstddef>
#include <cstdint>

namespace pbert {

// The layout above, for reader and builder.
struct MergeLayout {
  static constexpr uint32_t kWords = 3;
  static constexpr uint32_t kEmpty = ~0u;
  static constexpr uint32_t kMaxProbes = 32;
  static constexpr uint32_t kIdBits = 20;
  static constexpr uint32_t kRankBits = 24;

  static uint32_t Word0(uint32_t left, uint32_t right) { return left | right << kIdBits; }
  static uint32_t Word1(uint32_t right, uint32_t rank) { return right >> 12 | rank << 8; }

  // Multiplicative hashing with odd constants near 2^32 times the golden ratio and its powers; the product's high bits
  // choose among any number of slots (Lemire's reduction).
  static uint32_t Home(uint32_t left, uint32_t right, uint32_t slots) {
    uint32_t hash = left * 0x9E3779B1u + right * 0x85EBCA77u;
    hash ^= hash >> 15;
    hash *= 0xC2B2AE3Du;
    hash ^= hash >> 13;
    return static_cast<uint32_t>(uint64_t{hash} * slots >> 32);
  }
};

// A view of the slots, which must outlive it. Any array will do: a damaged one gives wrong merges and nothing worse,
// since ids are checked against the number of pieces when they are read. Thread-safe.
class MergeTable {
 public:
  struct Merge {
    uint32_t rank;
    uint32_t id;
  };
  static constexpr uint32_t kNone = ~0u;  // as a rank: the two do not merge

  MergeTable() = default;
  MergeTable(const uint32_t* words, size_t word_count, uint32_t piece_count)
      : words_(words), slots_(static_cast<uint32_t>(word_count / MergeLayout::kWords)), piece_count_(piece_count) {}

  Merge Find(uint32_t left, uint32_t right) const {
    if (slots_ == 0) return {kNone, 0};
    uint32_t slot = MergeLayout::Home(left, right, slots_);
    for (uint32_t probe = 0; probe < MergeLayout::kMaxProbes; ++probe) {
      const uint32_t* const words = words_ + size_t{slot} * MergeLayout::kWords;
      if (words[2] == MergeLayout::kEmpty) break;
      if (words[0] == MergeLayout::Word0(left, right) && (words[1] & 0xFF) == right >> 12) {
        return words[2] < piece_count_ ? Merge{words[1] >> 8, words[2]} : Merge{kNone, 0};
      }
      if (++slot == slots_) slot = 0;
    }
    return {kNone, 0};
  }

 private:
  const uint32_t* words_ = nullptr;
  uint32_t slots_ = 0;
  uint32_t piece_count_ = 0;
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_MERGE_TABLE_H_
