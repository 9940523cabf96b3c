#include "converter/tokenizer/merge_table_builder.h"

#include <map>
#include <stdexcept>
#include <utility>

#include "text/merge_table.h"

namespace pbert::converter {
namespace {

using Ranks = std::map<std::pair<uint32_t, uint32_t>, uint32_t>;

// False when a pair would come to lie too far from its home.
bool Fill(const std::vector<PieceMerge>& merges, const Ranks& ranks, uint32_t slots, std::vector<uint32_t>* words) {
  words->assign(size_t{slots} * MergeLayout::kWords, MergeLayout::kEmpty);
  for (const auto& [pair, rank] : ranks) {
    uint32_t slot = MergeLayout::Home(pair.first, pair.second, slots);
    uint32_t probe = 0;
    while ((*words)[size_t{slot} * MergeLayout::kWords + 2] != MergeLayout::kEmpty) {
      if (++probe == MergeLayout::kMaxProbes) return false;
      if (++slot == slots) slot = 0;
    }
    uint32_t* const place = words->data() + size_t{slot} * MergeLayout::kWords;
    place[0] = MergeLayout::Word0(pair.first, pair.second);
    place[1] = MergeLayout::Word1(pair.second, rank);
    place[2] = merges[rank].merged;
  }
  return true;
}

}  // namespace

std::vector<uint32_t> BuildMergeTable(const std::vector<PieceMerge>& merges) {
  Ranks ranks;
  for (uint32_t rank = 0; rank < merges.size(); ++rank) {
    const PieceMerge& merge = merges[rank];
    if (((merge.left | merge.right | merge.merged) >> MergeLayout::kIdBits) != 0 ||
        rank >> MergeLayout::kRankBits != 0) {
      throw std::length_error("a merge has an id or a rank that is too large");
    }
    ranks[{merge.left, merge.right}] = rank;
  }
  // Two thirds full, or less where a pair would not find a place. The hash is the format's and has no seed: pairs of
  // one hash stay together in a table of any size, and more than kMaxProbes of them have no place in any.
  std::vector<uint32_t> words;
  const uint64_t most = uint64_t{kMaxSlotsPerMerge} * ranks.size() + kMaxSlotsPerMerge;
  for (uint64_t slots = ranks.size() + ranks.size() / 2 + 1; slots <= most; slots += slots / 8 + 1) {
    if (Fill(merges, ranks, static_cast<uint32_t>(slots), &words)) return words;
  }
  throw std::invalid_argument("too many merges have the same hash");
}

}  // namespace pbert::converter
