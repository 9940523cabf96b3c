// Byte-pair encoding of the bytes of a pre-token (Sennrich et al. 2016; on bytes: GPT-2, Radford et al. 2019).
#ifndef POCKETBERT_TEXT_BYTE_PAIRS_H_
#define POCKETBERT_TEXT_BYTE_PAIRS_H_

#include <cstdint>

#include "text/merge_table.h"
#include "text/raw_cursor.h"
#include "text/token.h"
#include "text/trie.h"

namespace pbert {

// The character that stands for a byte in the pieces of a byte-level vocabulary: itself where it is printable in
// Latin-1, else the next one from U+0100 on.
char32_t ByteLevelChar(uint8_t byte);

// What is needed of a vocabulary in an open file. Thread-safe.
class BytePairRules {
 public:
  BytePairRules() = default;
  // Bytes without a piece become unknown tokens; `fuse_unknown`: neighbouring ones become one.
  BytePairRules(const Trie& trie, const MergeTable& merges, uint32_t piece_count, uint32_t unknown_id,
                bool fuse_unknown);

  const Trie& trie() const { return trie_; }
  const MergeTable& merges() const { return merges_; }
  uint32_t piece_count() const { return piece_count_; }
  uint32_t unknown_id() const { return unknown_id_; }
  bool fuse_unknown() const { return fuse_unknown_; }
  bool known(uint8_t byte) const { return byte_ids_[byte] < piece_count_; }
  uint32_t id(uint8_t byte) const { return known(byte) ? byte_ids_[byte] : unknown_id_; }

 private:
  Trie trie_;
  MergeTable merges_;
  uint32_t piece_count_ = 0;
  uint32_t unknown_id_ = 0;
  bool fuse_unknown_ = false;
  uint32_t byte_ids_[256];
};

// Encodes pre-tokens, one after another: Begin, Push each character, Finish. Pre-tokens of up to kWindow bytes are
// merged directly. Longer ones are encoded as they come, in fixed memory and linear time, and just as exactly: see the
// .cc file. Two limits are left: a vocabulary for which kWindow - kMaxPiece bytes do not settle where a single token
// ends, or whose pieces agree with so many others that more than kMergesPerByte symbols have to be looked at for each
// byte, has such a pre-token cut; and pieces of more than kMaxPiece bytes are not found in a long one. One thread at a
// time.
class BytePairs {
 public:
  static constexpr uint32_t kWindow = 1024;
  static constexpr uint32_t kMaxPiece = 256;
  static constexpr uint32_t kMergesPerByte = 2048;

  explicit BytePairs(const BytePairRules* rules) : rules_(*rules) {}

  // Before the first pre-token of a text; `steps` see TokenizerScratch::steps.
  void BeginText(uint64_t* steps) {
    steps_ = steps;
    allowance_ = kMaxAllowance;
  }
  void Begin();
  // May add tokens to the queue.
  void Push(const TextChar& c, TokenQueue* queue);
  void Finish(TokenQueue* queue);

 private:
  static constexpr uint16_t kUnknownByte = 256;

  uint32_t Merge(uint32_t first, uint32_t last);
  void AddMerged(uint32_t count, TokenQueue* queue) const;
  void ExtendTo(uint32_t end);
  void ExtendFrom(uint32_t position);
  bool FollowsTo(uint32_t position, uint32_t end, uint32_t piece);
  uint32_t CommonAncestor();
  void Settle(TokenQueue* queue);
  uint32_t PathTo(uint32_t position);
  void AddPath(uint32_t count, TokenQueue* queue) const;

  // Whether a piece may follow a token, as found once: what long pre-tokens ask again and again.
  struct Agreement {
    uint32_t before = ~0u;  // a token's id
    uint32_t piece = ~0u;   // the id by which the trie knows the piece
    uint32_t id = ~0u;      // of the token that it becomes behind the other; kDisagrees: none
  };
  static constexpr uint32_t kDisagrees = ~0u;
  // Sets of a few, the newest first, found by a hash: the dashes of GPT-2's vocabulary alone make 484.
  static constexpr uint32_t kSets = 256, kWays = 4;
  const Agreement* FindAgreement(uint32_t before, uint32_t piece);
  void KeepAgreement(const Agreement& agreement);

  const BytePairRules& rules_;
  uint64_t* steps_ = nullptr;
  // Symbols that FollowsTo may still look at: each byte adds kMergesPerByte, and what was not needed is kept, up to a
  // limit, for the places where a text is hard.
  static constexpr uint64_t kMaxAllowance = uint64_t{kMergesPerByte} * kWindow * 4;
  uint64_t allowance_ = 0;
  Agreement agreements_[kSets][kWays];

  // The pre-token's bytes, as far as they are not settled.
  uint32_t size_ = 0;
  uint16_t bytes_[kWindow];  // or kUnknownByte
  uint32_t ids_[kWindow];
  uint32_t begins_[kWindow], ends_[kWindow];

  // What Merge makes of some of them.
  uint32_t merged_ids_[kWindow];
  uint32_t ranks_[kWindow];       // of merging a symbol with the next one
  uint32_t results_[kWindow];     // what that gives
  uint16_t starts_[kWindow + 1];  // and where the last one ends

  // For long pre-tokens: the last token of what ends at each place; length 0: not known.
  bool long_ = false;
  uint32_t extended_ = 0;  // tokens that begin before it have been looked at
  uint16_t lengths_[kWindow + 1];
  uint32_t last_ids_[kWindow + 1];
  uint16_t path_[kWindow + 1];
  bool marks_[kWindow + 1];
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_BYTE_PAIRS_H_
