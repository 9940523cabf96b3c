// Builds the hash table of merges; runtime/text/merge_table.h describes it.
#ifndef POCKETBERT_CONVERTER_MERGE_TABLE_BUILDER_H_
#define POCKETBERT_CONVERTER_MERGE_TABLE_BUILDER_H_

#include <cstdint>
#include <vector>

namespace pbert {

struct PieceMerge {
  uint32_t left, right;  // ids of the pieces
  uint32_t merged;       // id of what they become
};

// The words of the table of `merges`, whose places are their ranks; of a pair that comes twice the later place counts.
// Throws std::length_error when ids or ranks are too large for it.
std::vector<uint32_t> BuildMergeTable(const std::vector<PieceMerge>& merges);

}  // namespace pbert

#endif  // POCKETBERT_CONVERTER_MERGE_TABLE_BUILDER_H_
