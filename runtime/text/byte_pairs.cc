#include "text/byte_pairs.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "base/utf8.h"

namespace pbert {
namespace {

Trie::State StepByte(const Trie& trie, Trie::State state, uint8_t byte) {
  uint8_t utf8[4];
  const uint32_t size = EncodeUtf8(ByteLevelChar(byte), utf8);
  return trie.Walk(state, std::string_view(reinterpret_cast<const char*>(utf8), size));
}

// Of 256 sets.
uint32_t SetOf(uint32_t before, uint32_t piece) { return ((before * 0x9E3779B1u + piece) * 0x85EBCA77u) >> 24; }

}  // namespace

char32_t ByteLevelChar(uint8_t byte) {
  // Not printable: 00 to 20, 7F to A0, AD.
  if (byte <= 0x20) return 0x100u + byte;
  if (byte >= 0x7F && byte <= 0xA0) return 0x121u + (byte - 0x7Fu);
  if (byte == 0xAD) return 0x143;
  return byte;
}

BytePairRules::BytePairRules(const Trie& trie, const MergeTable& merges, uint32_t piece_count, uint32_t unknown_id,
                             bool fuse_unknown)
    : trie_(trie), merges_(merges), piece_count_(piece_count), unknown_id_(unknown_id), fuse_unknown_(fuse_unknown) {
  for (uint32_t byte = 0; byte < 256; ++byte) {
    const Trie::State state = StepByte(trie, Trie::kRoot, static_cast<uint8_t>(byte));
    byte_ids_[byte] = state == Trie::kDead ? ~0u : static_cast<uint32_t>(trie.Value(state));
  }
}

void BytePairs::Begin() {
  size_ = 0;
  long_ = false;
}

void BytePairs::Push(const TextChar& c, TokenQueue* queue) {
  uint8_t bytes[4];
  const uint32_t count = EncodeUtf8(c.code_point, bytes);
  for (uint32_t i = 0; i < count; ++i) {
    const uint8_t byte = bytes[i];
    const bool known = rules_.known(byte);
    if (!known && rules_.fuse_unknown() && size_ > 0 && bytes_[size_ - 1] == kUnknownByte) {
      ends_[size_ - 1] = c.end;
      continue;
    }
    if (size_ == kWindow) Settle(queue);
    allowance_ = std::min(allowance_ + kMergesPerByte, kMaxAllowance);
    bytes_[size_] = known ? byte : kUnknownByte;
    ids_[size_] = rules_.id(byte);
    begins_[size_] = c.begin;
    ends_[size_++] = c.end;
  }
}

void BytePairs::Finish(TokenQueue* queue) {
  if (!long_) {
    AddMerged(Merge(0, size_), queue);
  } else {
    ExtendTo(size_);
    if (lengths_[size_] != 0) {
      AddPath(PathTo(size_), queue);
    } else {
      AddMerged(Merge(0, size_), queue);  // merges and pieces contradict each other
    }
  }
  Begin();
}

// The definition: as long as two neighbours can merge, those of the lowest rank do, the leftmost of equal ones first.
// Of symbols [first, last); returns how many symbols are left. Pre-tokens are short, so a scan finds the lowest rank.
uint32_t BytePairs::Merge(uint32_t first, uint32_t last) {
  uint32_t count = last - first;
  *steps_ += count;
  const auto look_up = [&](uint32_t i) {
    const MergeTable::Merge merge = i + 1 < count ? rules_.merges().Find(merged_ids_[i], merged_ids_[i + 1])
                                                  : MergeTable::Merge{MergeTable::kNone, 0};
    ranks_[i] = merge.rank;
    results_[i] = merge.id;
  };
  for (uint32_t i = 0; i < count; ++i) {
    merged_ids_[i] = ids_[first + i];
    starts_[i] = static_cast<uint16_t>(first + i);
  }
  for (uint32_t i = 0; i < count; ++i) look_up(i);
  while (count > 1) {
    *steps_ += count;
    const auto i = static_cast<uint32_t>(std::min_element(ranks_, ranks_ + count) - ranks_);
    if (ranks_[i] == MergeTable::kNone) break;
    merged_ids_[i] = results_[i];
    const auto close_gap = [&](auto* array) { std::copy(array + i + 2, array + count, array + i + 1); };
    close_gap(merged_ids_);
    close_gap(starts_);
    close_gap(ranks_);
    close_gap(results_);
    --count;
    if (i > 0) look_up(i - 1);
    look_up(i);
  }
  starts_[count] = static_cast<uint16_t>(last);
  return count;
}

// What Merge left behind it. From the first to the last by pointers: g++ 12 for AArch64 turns the loop over an index
// into one that never runs (-fno-ivopts would mend it, too).
void BytePairs::AddMerged(uint32_t count, TokenQueue* queue) const {
  const uint16_t* start = starts_;
  for (const uint32_t id : std::span(merged_ids_, count)) {
    queue->Add(id, begins_[start[0]], ends_[start[1] - 1]);
    ++start;
  }
}

// Long pre-tokens. Two facts make it possible to encode one from left to right without having it whole:
//
//  * A row of tokens is the encoding of its text exactly if every two neighbours are the encoding of theirs. For the
//    merging never looks further than a pair: as long as no merge crosses the border between two tokens, what happens
//    inside the two of them is what would happen if they were alone; and the first merge that crossed it would do
//    so there as well.
//  * Hence the encoding of a text's beginning, cut between two of its tokens, is the beginning of the encoding, and
//  every
//    beginning of a text has exactly one last token: the one that agrees with the last token of what comes before it.
//
// So for every place the last token of what ends there is found by trying the pieces that end there, and each chain of
// last tokens is the encoding of what ends at its head. When all pieces that begin before some place have been tried,
// the whole text's encoding goes on from one of the ends that they reach at or behind that place, whatever follows:
// what the chains of all of these have in common is settled and is given.
void BytePairs::ExtendTo(uint32_t end) {
  for (; extended_ < end; ++extended_) {
    if (extended_ == 0 || lengths_[extended_] != 0) ExtendFrom(extended_);
  }
}

void BytePairs::ExtendFrom(uint32_t position) {
  const uint32_t last = std::min(size_, position + kMaxPiece);
  Trie::State state = Trie::kRoot;
  for (uint32_t end = position + 1; end <= last; ++end) {
    const uint16_t byte = bytes_[end - 1];
    ++*steps_;
    if (state != Trie::kDead) {
      state = byte == kUnknownByte ? Trie::kDead : StepByte(rules_.trie(), state, static_cast<uint8_t>(byte));
    }
    const bool single = end == position + 1;
    if (state == Trie::kDead && !single) break;
    const int32_t piece = state == Trie::kDead ? -1 : rules_.trie().Value(state);
    if (!single && piece < 0) continue;
    if (lengths_[end] == 0 && FollowsTo(position, end, static_cast<uint32_t>(piece))) {
      lengths_[end] = static_cast<uint16_t>(end - position);
    }
  }
}

// Whether [position, end), which the trie knows as `piece` (-1: it does not), is a token that agrees with the last
// token of what ends at `position`. What was found is kept, since it depends on the two alone: a long pre-token is
// nearly always a repetition. Without that, and for a vocabulary made for it, each byte could cost a merge of 2 *
// kMaxPiece symbols for each of kMaxPiece pieces, so that there is a limit.
bool BytePairs::FollowsTo(uint32_t position, uint32_t end, uint32_t piece) {
  const uint32_t before = lengths_[position];
  // At the beginning there is no token before, and a byte that is no piece has the id of another token.
  const bool kept = before > 0 && piece < rules_.piece_count() && bytes_[position - 1] != kUnknownByte;
  if (const Agreement* known = kept ? FindAgreement(last_ids_[position], piece) : nullptr; known != nullptr) {
    last_ids_[end] = known->id;
    return known->id != kDisagrees;
  }
  const uint64_t cost = uint64_t{end - position + before} * (end - position + before) / 2;
  if (cost > allowance_) return false;
  allowance_ -= cost;
  const uint32_t count = Merge(position - before, end);
  const bool agrees = before == 0 ? count == 1 : count == 2 && starts_[1] == position;
  last_ids_[end] = agrees ? merged_ids_[count - 1] : kDisagrees;
  if (kept) KeepAgreement({last_ids_[position], piece, last_ids_[end]});
  return agrees;
}

const BytePairs::Agreement* BytePairs::FindAgreement(uint32_t before, uint32_t piece) {
  ++*steps_;
  for (const Agreement& known : agreements_[SetOf(before, piece)]) {
    if (known.before == before && known.piece == piece) return &known;
  }
  return nullptr;
}

void BytePairs::KeepAgreement(const Agreement& agreement) {
  auto& set = agreements_[SetOf(agreement.before, agreement.piece)];
  std::copy_backward(set, set + kWays - 1, set + kWays);
  set[0] = agreement;
}

// The last place that the chains of all places behind extended_ have in common; 0: there is none.
uint32_t BytePairs::CommonAncestor() {
  std::fill(marks_, marks_ + size_ + 1, false);
  uint32_t marked = 0;
  for (uint32_t place = extended_; place <= size_; ++place) {
    marks_[place] = lengths_[place] != 0;
    marked += marks_[place];
  }
  for (uint32_t place = size_; place > 0 && marked > 0; --place) {
    if (!marks_[place]) continue;
    if (marked == 1) return place;
    const uint32_t parent = place - lengths_[place];
    --marked;
    if (!marks_[parent]) ++marked;
    marks_[parent] = true;
  }
  return 0;
}

// The window is full: gives what is settled, but for its last token, which those behind it must agree with.
void BytePairs::Settle(TokenQueue* queue) {
  if (!long_) {
    long_ = true;
    extended_ = 0;
    std::fill(lengths_, lengths_ + kWindow + 1, uint16_t{0});
  }
  *steps_ += size_;
  ExtendTo(size_ - kMaxPiece);
  const uint32_t ancestor = CommonAncestor();
  const uint32_t kept = ancestor - lengths_[ancestor];  // where the last settled token begins
  if (kept == 0) {
    AddMerged(Merge(0, size_), queue);
    Begin();
    return;
  }
  AddPath(PathTo(kept), queue);

  const uint32_t length = lengths_[ancestor];
  std::fill(lengths_, lengths_ + ancestor, uint16_t{0});
  const auto shift = [&](auto* array, uint32_t end) { std::copy(array + kept, array + end, array); };
  shift(bytes_, size_);
  shift(ids_, size_);
  shift(begins_, size_);
  shift(ends_, size_);
  shift(lengths_, size_ + 1);
  shift(last_ids_, size_ + 1);
  std::fill(lengths_ + (size_ + 1 - kept), lengths_ + kWindow + 1, uint16_t{0});
  lengths_[length] = static_cast<uint16_t>(length);
  size_ -= kept;
  extended_ = std::max(extended_ - kept, length);
}

// Writes the places of the chain that ends at `position` into path_, last first; returns their number.
uint32_t BytePairs::PathTo(uint32_t position) {
  uint32_t count = 0;
  for (; position > 0 && lengths_[position] != 0; position -= lengths_[position]) {
    path_[count++] = static_cast<uint16_t>(position);
  }
  return count;
}

void BytePairs::AddPath(uint32_t count, TokenQueue* queue) const {
  while (count > 0) {
    const uint32_t end = path_[--count];
    queue->Add(last_ids_[end], begins_[end - lengths_[end]], ends_[end - 1]);
  }
}

}  // namespace pbert
