// Builds the hash table of merges; runtime/text/merge_table.h describes it.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_MERGE_TABLE_BUILDER_H_
#define POCKETBERT_CONVERTER_TOKENIZER_MERGE_TABLE_BUILDER_H_

#include <cstdint>
#include <vector>

namespace pbert::converter {

struct PieceMerge {
  uint32_t left, right;  // ids of the pieces
  uint32_t merged;       // id of what they become
};

inline constexpr uint32_t kMaxSlotsPerMerge = 16;  // of 12 bytes

// The words of the table of `merges`, whose places are their ranks; of a pair that comes twice the later place counts.
// Throws std::length_error when ids or ranks are too large for it, and std::invalid_argument when it would have more
// than kMaxSlotsPerMerge slots for each merge: a table of that size has room enough, so many pairs have the same hash.
std::vector<uint32_t> BuildMergeTable(const std::vector<PieceMerge>& merges);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_TOKENIZER_MERGE_TABLE_BUILDER_H_
