#include "converter/tokenizer/trim.h"

#include <algorithm>
#include <bit>
#include <set>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/utf8.h"
#include "converter/support/error.h"
#include "converter/tokenizer/merge_table_builder.h"
#include "converter/tokenizer/table_tokenizer.h"
#include "converter/tokenizer/trie_builder.h"
#include "text/merge_table.h"

namespace pbert::converter {
namespace {

std::string_view PieceOf(const schema::TokenizerT& table, uint32_t id) {
  const uint32_t begin = id == 0 ? 0 : table.piece_ends[id - 1];
  return {reinterpret_cast<const char*>(table.piece_bytes.data()) + begin, table.piece_ends[id] - begin};
}

std::vector<std::string_view> Characters(std::string_view text) {
  std::vector<std::string_view> characters;
  while (!text.empty()) {
    characters.push_back(text.substr(0, DecodeUtf8(text.data(), text.size()).length));
    text.remove_prefix(characters.back().size());
  }
  return characters;
}

// <0x41>
bool IsByte(std::string_view piece) {
  return piece.size() == 6 && piece.starts_with("<0x") && piece.ends_with('>') &&
         piece.substr(3, 2).find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
}

double ScoreOf(const schema::TokenizerT& table, uint32_t id) {
  if (table.scores.size() == table.piece_ends.size()) return std::bit_cast<float>(table.scores[id]);
  return std::bit_cast<double>(uint64_t{table.scores[2 * size_t{id} + 1]} << 32 | table.scores[2 * size_t{id}]);
}

// The merges of a table in the order of their ranks.
std::vector<PieceMerge> MergesOf(const schema::TokenizerT& table) {
  std::vector<std::pair<uint32_t, PieceMerge>> ranked;
  for (size_t at = 0; at + MergeLayout::kWords <= table.merges.size(); at += MergeLayout::kWords) {
    const uint32_t* const words = &table.merges[at];
    if (words[2] == MergeLayout::kEmpty) continue;
    constexpr uint32_t kLowBits = 32 - MergeLayout::kIdBits;
    const uint32_t left = words[0] & ((1u << MergeLayout::kIdBits) - 1);
    const uint32_t right = words[0] >> MergeLayout::kIdBits | (words[1] & 0xFF) << kLowBits;
    ranked.push_back({words[1] >> 8, {left, right, words[2]}});
  }
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<PieceMerge> merges;
  for (const auto& merge : ranked) merges.push_back(merge.second);
  return merges;
}

class Keeper {
 public:
  explicit Keeper(const schema::TokenizerT& table)
      : table_(table), pieces_(static_cast<uint32_t>(table.piece_ends.size())) {}

  void Keep(uint32_t id) { kept_.insert(id); }

  void KeepSpecial() {
    Keep(table_.unknown_id);
    for (const int32_t id : {table_.cls_id, table_.sep_id, table_.pad_id, table_.mask_id}) {
      if (id >= 0) Keep(static_cast<uint32_t>(id));
    }
    for (const auto& token : table_.added_tokens) Keep(token->id);
    for (const auto* frame : {&table_.frame_single, &table_.frame_pair}) {
      for (const auto& piece : *frame) {
        if (piece->item == schema::FrameItem::SpecialToken) Keep(piece->id);
      }
    }
  }

  void KeepCharacters() {
    std::unordered_set<std::string_view> first, behind;
    for (uint32_t id = 0; id < pieces_; ++id) {
      const Spelling spelling = SpellingOf(id);
      if (IsByte(PieceOf(table_, id))) Keep(id);
      if (spelling.characters.size() != 1) continue;
      Keep(id);
      if (spelling.first) first.insert(spelling.characters[0]);
      if (spelling.behind) behind.insert(spelling.characters[0]);
    }
    if (table_.kind == schema::TokenizerKind::ByteLevelBpe) return;  // there are no others, once bytes are merged
    for (uint32_t id = 0; id < pieces_; ++id) {
      const Spelling spelling = SpellingOf(id);
      for (size_t i = 0; i < spelling.characters.size(); ++i) {
        const auto& own = i == 0 && spelling.first ? first : behind;
        if (own.contains(spelling.characters[i])) continue;
        Keep(id);
        break;
      }
    }
  }

  // Every piece that is made on the way from a kept piece's characters to it.
  void KeepMerged() {
    if (table_.merges.empty()) return;
    const MergeTable merges(table_.merges.data(), table_.merges.size(), pieces_);
    std::unordered_map<std::string_view, uint32_t> ids;
    for (uint32_t id = 0; id < pieces_; ++id) ids.emplace(PieceOf(table_, id), id);
    for (const uint32_t id : std::vector<uint32_t>(kept_.begin(), kept_.end())) {
      if (id >= pieces_) continue;
      std::vector<uint32_t> symbols;
      for (const std::string_view character : Characters(PieceOf(table_, id))) {
        const auto found = ids.find(character);
        if (found != ids.end()) symbols.push_back(found->second);
      }
      while (symbols.size() > 1) {
        size_t best = 0;
        MergeTable::Merge merge{MergeTable::kNone, 0};
        for (size_t i = 0; i + 1 < symbols.size(); ++i) {
          const MergeTable::Merge next = merges.Find(symbols[i], symbols[i + 1]);
          if (next.rank < merge.rank) merge = next, best = i;
        }
        if (merge.rank == MergeTable::kNone) break;
        Keep(merge.id);
        symbols[best] = merge.id;
        symbols.erase(symbols.begin() + static_cast<ptrdiff_t>(best) + 1);
      }
    }
  }

  void KeepLowestScore() {
    uint32_t lowest = 0;
    for (uint32_t id = 1; id < pieces_; ++id) {
      if (ScoreOf(table_, id) < ScoreOf(table_, lowest)) lowest = id;
    }
    Keep(lowest);
  }

  const std::set<uint32_t>& ids() const { return kept_; }

 private:
  // What a piece spells, and where in a word its first character may stand.
  struct Spelling {
    std::vector<std::string_view> characters;
    bool first, behind;
  };

  Spelling SpellingOf(uint32_t id) const {
    std::string_view piece = PieceOf(table_, id);
    if (table_.kind != schema::TokenizerKind::WordPiece) return {Characters(piece), true, true};
    const std::string& prefix = table_.continuing_prefix;
    const bool behind = piece.starts_with(prefix) && piece.size() > prefix.size();
    if (behind) piece.remove_prefix(prefix.size());
    return {Characters(piece), !behind || prefix.empty(), behind};
  }

  const schema::TokenizerT& table_;
  const uint32_t pieces_;
  std::set<uint32_t> kept_;
};

void KeepPieces(const std::vector<uint32_t>& kept, schema::TokenizerT* table) {
  const size_t pieces = table->piece_ends.size();
  const size_t words_each = table->scores.size() / pieces;
  std::vector<uint32_t> ends, scores;
  std::vector<uint8_t> bytes;
  for (const uint32_t id : kept) {
    if (id >= pieces) break;  // added tokens behind the vocabulary
    const std::string_view piece = PieceOf(*table, id);
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    ends.push_back(static_cast<uint32_t>(bytes.size()));
    const auto score = table->scores.begin() + static_cast<ptrdiff_t>(id * words_each);
    scores.insert(scores.end(), score, score + static_cast<ptrdiff_t>(words_each));
  }
  table->piece_ends = std::move(ends);
  table->piece_bytes = std::move(bytes);
  table->scores = std::move(scores);
}

void KeepMerges(const std::vector<uint32_t>& kept, schema::TokenizerT* table) {
  if (table->merges.empty()) return;
  const auto is_kept = [&](uint32_t id) { return std::binary_search(kept.begin(), kept.end(), id); };
  std::vector<PieceMerge> merges;
  for (const PieceMerge& merge : MergesOf(*table)) {
    if (!is_kept(merge.left) || !is_kept(merge.right) || !is_kept(merge.merged)) continue;
    merges.push_back({NewId(kept, merge.left), NewId(kept, merge.right), NewId(kept, merge.merged)});
  }
  table->merges = BuildMergeTable(merges);
}

}  // namespace

std::set<uint32_t> IdsNeeded(const schema::TokenizerT& table, const std::vector<std::string>& texts) {
  Keeper keeper(table);
  TableTokenizer tokenizer(table);
  for (const std::string& text : texts) {
    for (const uint32_t id : tokenizer.Ids(text)) keeper.Keep(id);
  }
  keeper.KeepSpecial();
  keeper.KeepCharacters();
  if (table.kind == schema::TokenizerKind::ByteLevelBpe) keeper.KeepMerged();
  if (table.kind == schema::TokenizerKind::Unigram) keeper.KeepLowestScore();
  return keeper.ids();
}

uint32_t NewId(const std::vector<uint32_t>& kept, uint32_t id) {
  const auto place = std::lower_bound(kept.begin(), kept.end(), id);
  if (place == kept.end() || *place != id) {
    throw Error("--trim-vocab: internal error: id " + std::to_string(id) + " is referred to and not kept");
  }
  return static_cast<uint32_t>(place - kept.begin());
}

void KeepIds(const std::vector<uint32_t>& kept, schema::TokenizerT* table) {
  const auto renumber = [&](int32_t* id) {
    if (*id >= 0) *id = static_cast<int32_t>(NewId(kept, static_cast<uint32_t>(*id)));
  };
  try {
    KeepMerges(kept, table);
    KeepPieces(kept, table);
    table->unknown_id = NewId(kept, table->unknown_id);
    for (int32_t* id : {&table->cls_id, &table->sep_id, &table->pad_id, &table->mask_id}) renumber(id);
    for (const auto& token : table->added_tokens) token->id = NewId(kept, token->id);
    for (const auto* frame : {&table->frame_single, &table->frame_pair}) {
      for (const auto& piece : *frame) {
        if (piece->item == schema::FrameItem::SpecialToken) piece->id = NewId(kept, piece->id);
      }
    }
    table->trie = BuildTrie(*table);
  } catch (const std::invalid_argument&) {
    throw Error(
        "--trim-vocab: so many of the merges that are left have the same hash that a .pbert file has no place for "
        "them; add texts, or convert without it");
  }
}

}  // namespace pbert::converter
