// Unigram: the segmentation of a pre-token whose pieces have the highest sum of scores (Kudo 2018).
#ifndef POCKETBERT_TEXT_UNIGRAM_H_
#define POCKETBERT_TEXT_UNIGRAM_H_

#include <cstdint>

#include "base/status.h"
#include "text/raw_cursor.h"
#include "text/token.h"
#include "text/trie.h"

namespace pbert {

// What is needed of a vocabulary in an open file. Thread-safe.
class UnigramRules {
 public:
  UnigramRules() = default;
  // `words` as Tokenizer.scores has them: one or two for each piece. Fails when there are others, or one is not finite.
  Status Open(const Trie& trie, const uint32_t* words, uint32_t word_count, uint32_t piece_count, uint32_t unknown_id);

  const Trie& trie() const { return trie_; }
  uint32_t piece_count() const { return piece_count_; }
  double score(uint32_t id) const;
  uint32_t unknown_id() const { return unknown_id_; }
  double unknown_score() const { return unknown_score_; }

 private:
  Trie trie_;
  const uint32_t* words_ = nullptr;
  uint32_t words_each_ = 1;
  uint32_t piece_count_ = 0;
  uint32_t unknown_id_ = 0;
  double unknown_score_ = 0;
};

// Segments pre-tokens, one after another: Begin, Push each character, Finish. Pre-tokens may have any length: memory is
// fixed and time linear, see the .cc file. Two limits are left. Where for kWindow characters no border is shared by all
// the segmentations that may still become the best, as in one letter repeated a thousand times, the one that leads to
// the window's end is taken, which may cost score at that place. And pieces have at most kMaxPiece characters. One
// thread at a time.
class Unigram {
 public:
  static constexpr uint32_t kWindow = 1024;
  static constexpr uint32_t kMaxPiece = 256;

  explicit Unigram(const UnigramRules* rules) : rules_(*rules) {}

  // Before the first pre-token of a text; `steps` see TokenizerScratch::steps.
  void BeginText(uint64_t* steps) { steps_ = steps; }
  void Begin();
  // May add tokens to the queue.
  void Push(const TextChar& c, TokenQueue* queue);
  void Finish(TokenQueue* queue);

 private:
  void Reach(uint32_t start, uint32_t id, double score);
  uint32_t CommonAncestor();
  void Settle(TokenQueue* queue);
  void AddPath(uint32_t position, TokenQueue* queue);
  void Add(uint32_t id, uint32_t begin, uint32_t end, TokenQueue* queue);

  const UnigramRules& rules_;
  uint64_t* steps_ = nullptr;

  // The pre-token's characters, as far as they are not settled, and the best segmentation of what ends before each: its
  // score since the pre-token's beginning, and its last piece.
  uint32_t size_ = 0;
  uint32_t begins_[kWindow], ends_[kWindow];
  double scores_[kWindow + 1];
  uint32_t ids_[kWindow + 1];
  uint16_t starts_[kWindow + 1];

  // Where pieces that may go on begin, ascending, and their nodes in the trie.
  uint32_t live_ = 0;
  uint16_t live_starts_[kMaxPiece];
  Trie::State live_states_[kMaxPiece];

  bool has_unknown_ = false;  // neighbouring unknown tokens become one, which is given when another follows
  Token unknown_{};

  bool marks_[kWindow + 1];
  uint16_t path_[kWindow + 1];
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_UNIGRAM_H_
