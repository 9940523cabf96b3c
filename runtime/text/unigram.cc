#include "text/unigram.h"

#include <algorithm>
#include <cmath>

#include "base/utf8.h"

namespace pbert {
namespace {

constexpr double kUnknownPenalty = 10;  // sentencepiece's
constexpr uint16_t kNotReached = UINT16_MAX;

}  // namespace

Status UnigramRules::Open(const Trie& trie, const uint32_t* words, uint32_t word_count, uint32_t piece_count,
                          uint32_t unknown_id) {
  if (word_count != piece_count && word_count != 2 * uint64_t{piece_count}) {
    return Status::Error(Code::kBadFile, "tokenizer: scores: %u words for %u pieces", word_count, piece_count);
  }
  trie_ = trie;
  words_ = words;
  words_each_ = word_count / piece_count;
  piece_count_ = piece_count;
  unknown_id_ = unknown_id;
  double lowest = HUGE_VAL;
  for (uint32_t id = 0; id < piece_count; ++id) {
    const double value = score(id);
    if (!std::isfinite(value)) {
      return Status::Error(Code::kBadFile, "tokenizer: score of piece %u: is not finite", id);
    }
    lowest = std::min(lowest, value);
  }
  unknown_score_ = lowest - kUnknownPenalty;
  return Status();
}

// The builtin of std::bit_cast, which the C++ library of older Emscriptens lacks.
double UnigramRules::score(uint32_t id) const {
  if (words_each_ == 1) return __builtin_bit_cast(float, words_[id]);
  return __builtin_bit_cast(double, uint64_t{words_[2 * size_t{id} + 1]} << 32 | words_[2 * size_t{id}]);
}

void Unigram::Begin() {
  size_ = live_ = 0;
  scores_[0] = 0;
  has_unknown_ = false;
}

// Viterbi's algorithm, one character at a time: every piece that may go on takes a step down the trie; where it arrives
// at a piece, what ends here may be best reached by that one. A character that is no piece by itself can also be
// unknown, for a score below that of any piece. Sums are doubles and are compared in the order of the reference: of
// equal ones the one whose last piece is longest wins.
void Unigram::Push(const TextChar& c, TokenQueue* queue) {
  if (size_ == kWindow) Settle(queue);
  begins_[size_] = c.begin;
  ends_[size_] = c.end;
  const uint32_t start = size_++;
  starts_[size_] = kNotReached;

  if (live_ == kMaxPiece) {
    std::copy(live_starts_ + 1, live_starts_ + live_, live_starts_);
    std::copy(live_states_ + 1, live_states_ + live_, live_states_);
    --live_;
  }
  live_starts_[live_] = static_cast<uint16_t>(start);
  live_states_[live_++] = Trie::kRoot;

  uint8_t bytes[4];
  const std::string_view utf8(reinterpret_cast<const char*>(bytes), EncodeUtf8(c.code_point, bytes));
  bool single = false;
  uint32_t alive = 0;
  *steps_ += live_;
  for (uint32_t i = 0; i < live_; ++i) {
    const Trie::State state = rules_.trie().Walk(live_states_[i], utf8);
    if (state == Trie::kDead) continue;
    const uint16_t from = live_starts_[i];
    live_starts_[alive] = from;
    live_states_[alive++] = state;
    const int32_t id = rules_.trie().Value(state);
    if (id < 0 || static_cast<uint32_t>(id) >= rules_.piece_count()) continue;
    Reach(from, static_cast<uint32_t>(id), rules_.score(static_cast<uint32_t>(id)));
    single |= from == start;
  }
  live_ = alive;
  if (!single) Reach(start, rules_.unknown_id(), rules_.unknown_score());
}

void Unigram::Reach(uint32_t start, uint32_t id, double score) {
  const double sum = score + scores_[start];
  if (starts_[size_] != kNotReached && !(sum > scores_[size_])) return;
  scores_[size_] = sum;
  starts_[size_] = static_cast<uint16_t>(start);
  ids_[size_] = id;
}

void Unigram::Finish(TokenQueue* queue) {
  AddPath(size_, queue);
  if (has_unknown_) queue->Add(static_cast<uint32_t>(unknown_.id), unknown_.begin, unknown_.end);
  Begin();
}

// Whatever follows, the best segmentation passes through the last character's end or through a place where a piece that
// may go on begins. What the best ways to all of these have in common is settled. It is looked for when the window is
// full.
void Unigram::Settle(TokenQueue* queue) {
  *steps_ += size_;
  uint32_t settled = CommonAncestor();
  if (settled == 0) {
    // Undecided for a whole window: the way to its end decides, up to the middle.
    for (settled = size_; settled > kWindow / 2;) settled = starts_[settled];
    if (settled == 0) settled = size_;
  }
  AddPath(settled, queue);

  const auto shift = [&](auto* array, uint32_t end) { std::copy(array + settled, array + end, array); };
  shift(begins_, size_);
  shift(ends_, size_);
  shift(scores_, size_ + 1);
  shift(ids_, size_ + 1);
  shift(starts_, size_ + 1);
  size_ -= settled;
  // A place whose way leads around the settled one is on no way any more.
  for (uint32_t i = 1; i <= size_; ++i) {
    const bool around = starts_[i] < settled;
    starts_[i] = around ? uint16_t{0} : static_cast<uint16_t>(starts_[i] - settled);
    if (around || scores_[starts_[i]] == -HUGE_VAL) scores_[i] = -HUGE_VAL;
  }
  uint32_t alive = 0;
  for (uint32_t i = 0; i < live_; ++i) {
    if (live_starts_[i] < settled || scores_[live_starts_[i] - settled] == -HUGE_VAL) continue;
    live_starts_[alive] = static_cast<uint16_t>(live_starts_[i] - settled);
    live_states_[alive++] = live_states_[i];
  }
  live_ = alive;
}

uint32_t Unigram::CommonAncestor() {
  std::fill(marks_, marks_ + size_ + 1, false);
  uint32_t marked = 1;
  marks_[size_] = true;
  for (uint32_t i = 0; i < live_; ++i) {
    marked += !marks_[live_starts_[i]];
    marks_[live_starts_[i]] = true;
  }
  for (uint32_t place = size_; place > 0; --place) {
    if (!marks_[place]) continue;
    if (marked == 1) return place;
    --marked;
    marked += !marks_[starts_[place]];
    marks_[starts_[place]] = true;
  }
  return 0;
}

void Unigram::AddPath(uint32_t position, TokenQueue* queue) {
  uint32_t count = 0;
  for (; position > 0; position = starts_[position]) path_[count++] = static_cast<uint16_t>(position);
  while (count > 0) {
    const uint32_t end = path_[--count];
    Add(ids_[end], begins_[starts_[end]], ends_[end - 1], queue);
  }
}

void Unigram::Add(uint32_t id, uint32_t begin, uint32_t end, TokenQueue* queue) {
  if (id == rules_.unknown_id()) {
    if (!has_unknown_) unknown_ = {static_cast<int32_t>(id), begin, end};
    unknown_.end = end;
    has_unknown_ = true;
    return;
  }
  if (has_unknown_) queue->Add(static_cast<uint32_t>(unknown_.id), unknown_.begin, unknown_.end);
  has_unknown_ = false;
  queue->Add(id, begin, end);
}

}  // namespace pbert
