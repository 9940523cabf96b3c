#include "converter/tokenizer/trie_builder.h"

#include <algorithm>
#include <stdexcept>

#include "base/arena.h"
#include "base/utf8.h"
#include "text/preparation.h"
#include "text/trie.h"

namespace pbert::converter {
namespace {

// Where the children of each node lie. A node with children by the bytes b, c, ... needs a base that no other node has
// and for which base ^ b, base ^ c, ... are all free (its value, if any, counts as a child by byte 0). Free units are
// tried in turn as the place of the first child. What stays free is rare and small; once many blocks lie behind the
// end, the oldest are given up, so that the search stays short.
class Placement {
 public:
  // `bytes` is not empty. Returns the base.
  uint32_t Place(const std::vector<uint8_t>& bytes) {
    for (;;) {
      for (uint32_t unit = FirstFree(); unit < taken_.size(); ++unit) {
        if (taken_[unit]) continue;
        const uint32_t base = unit ^ bytes[0];
        if (base != 0 && !base_used_[base] && AllFree(base, bytes)) {
          base_used_[base] = true;
          for (uint8_t byte : bytes) taken_[base ^ byte] = true;
          return base;
        }
      }
      Grow();
    }
  }

  size_t size() const { return taken_.size(); }

 private:
  static constexpr size_t kOpenBlocks = 16;

  bool AllFree(uint32_t base, const std::vector<uint8_t>& bytes) const {
    return std::none_of(bytes.begin(), bytes.end(), [&](uint8_t byte) { return taken_[base ^ byte]; });
  }

  uint32_t FirstFree() {
    const size_t open = kOpenBlocks * TrieLayout::kBlock;
    if (taken_.size() > open) first_free_ = std::max(first_free_, static_cast<uint32_t>(taken_.size() - open));
    while (first_free_ < taken_.size() && taken_[first_free_]) ++first_free_;
    return first_free_;
  }

  void Grow() {
    if (taken_.size() >= TrieLayout::kMaxUnits)
      throw std::length_error("the vocabulary is too big for the format's trie");
    taken_.resize(taken_.size() + TrieLayout::kBlock);
    base_used_.resize(taken_.size());
    taken_[0] = true;  // the root
  }

  std::vector<bool> taken_;
  std::vector<bool> base_used_;
  uint32_t first_free_ = 0;
};

// A node whose children have yet to be placed: the keys [first, last) begin alike in `depth` bytes.
struct Pending {
  size_t first, last, depth;
  uint32_t unit;
};

// What a tokenizer's normalizer makes of a text. One thread at a time.
class Normalizer {
 public:
  explicit Normalizer(const schema::TokenizerT& table) {
    StepList steps(NormalizerFlags{.clean_text = table.clean_text,
                                   .space_cjk = table.space_cjk,
                                   .strip_accents = table.strip_accents,
                                   .lowercase = table.lowercase});
    if (table.preparation != nullptr) {
      // The steps read the table as it lies in a file, so it is made into one.
      file_.Finish(schema::Preparation::Pack(file_, table.preparation.get()));
      steps = StepList(*flatbuffers::GetRoot<schema::Preparation>(file_.GetBufferPointer()));
    }
    Arena counting;
    NormalizerChain::Make(steps, &counting);
    memory_.resize(counting.Needed());
    Arena arena(memory_.data(), memory_.size());
    chain_ = NormalizerChain::Make(steps, &arena);
  }

  std::string Normalize(std::string_view text) {
    uint64_t steps = 0;
    chain_->Begin(RawCursor(text, 0, static_cast<uint32_t>(text.size()), &steps), 0);
    std::string normalized;
    for (TextChar c; chain_->Next(&c);) {
      uint8_t bytes[4];
      normalized.append(reinterpret_cast<const char*>(bytes), EncodeUtf8(c.code_point, bytes));
    }
    return normalized;
  }

 private:
  flatbuffers::FlatBufferBuilder file_;
  std::vector<uint8_t> memory_;
  NormalizerChain* chain_ = nullptr;
};

}  // namespace

void TrieBuilder::Add(std::string_view key, uint32_t value) {
  if (key.empty() || key.find('\0') != std::string_view::npos || value >= TrieLayout::kValueBit - 1) {
    throw std::invalid_argument("a key of the trie is empty or holds a NUL byte, or its value is too big");
  }
  values_.insert_or_assign(std::string(key), value);
}

// Depth first, so that the nodes of a key come to lie near each other.
std::vector<uint32_t> TrieBuilder::Build() const {
  const std::vector<std::pair<std::string_view, uint32_t>> keys(values_.begin(), values_.end());
  Placement placement;
  std::vector<uint32_t> units(TrieLayout::kBlock, TrieLayout::kEmpty);
  units[0] = 0;
  std::vector<Pending> pending;
  if (!keys.empty()) pending.push_back({0, keys.size(), 0, 0});
  std::vector<uint8_t> bytes;
  std::vector<size_t> begins;
  while (!pending.empty()) {
    const Pending node = pending.back();
    pending.pop_back();
    bytes.clear();
    begins.clear();
    for (size_t i = node.first; i < node.last; ++i) {
      const std::string_view key = keys[i].first;
      const uint8_t byte = key.size() == node.depth ? 0 : static_cast<uint8_t>(key[node.depth]);
      if (bytes.empty() || bytes.back() != byte) {
        bytes.push_back(byte);
        begins.push_back(i);
      }
    }
    begins.push_back(node.last);
    const uint32_t base = placement.Place(bytes);
    units.resize(placement.size(), TrieLayout::kEmpty);
    const bool has_value = bytes[0] == 0;  // the shortest key comes first
    units[node.unit] |= base << TrieLayout::kBaseShift | (has_value ? TrieLayout::kHasValue : 0);
    if (has_value) units[base] = TrieLayout::kValueBit | keys[begins[0]].second;
    for (size_t i = bytes.size(); i-- > (has_value ? 1u : 0u);) {
      units[base ^ bytes[i]] = bytes[i];
      pending.push_back({begins[i], begins[i + 1], node.depth + 1, base ^ bytes[i]});
    }
  }
  return units;
}

std::vector<uint32_t> BuildTrie(const schema::TokenizerT& table) {
  TrieBuilder builder;
  const auto add = [&builder](const std::string& key, uint32_t value) {
    // Text has no NUL byte behind the normalizer, and a piece may be empty where ids have gaps: neither is ever found.
    if (!key.empty() && key.find('\0') == std::string::npos) builder.Add(key, value);
  };
  uint32_t begin = 0;
  for (uint32_t id = 0; id < table.piece_ends.size(); ++id) {
    add(std::string(table.piece_bytes.begin() + begin, table.piece_bytes.begin() + table.piece_ends[id]), id);
    begin = table.piece_ends[id];
  }
  Normalizer normalizer(table);
  for (uint32_t i = 0; i < table.added_tokens.size(); ++i) {
    const schema::AddedTokenT& token = *table.added_tokens[i];
    const std::string text = token.normalized ? normalizer.Normalize(token.content) : token.content;
    if (text.empty()) continue;
    const uint8_t first = token.normalized ? TrieLayout::kNormalizedAddedToken : TrieLayout::kRawAddedToken;
    add(static_cast<char>(first) + text, i);
  }
  return builder.Build();
}

}  // namespace pbert::converter
