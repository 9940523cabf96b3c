// The tokens of a text whose file has its own way from text to words.
#ifndef POCKETBERT_TEXT_PREPARED_STREAM_H_
#define POCKETBERT_TEXT_PREPARED_STREAM_H_

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "text/added_tokens.h"
#include "text/byte_pairs.h"
#include "text/pre_tokens.h"
#include "text/preparation.h"
#include "text/token.h"
#include "text/unigram.h"
#include "text/words.h"

namespace pbert {

class Tokenizer;

// The next code points of a normalizer, kept for a while, so that cheap copies of a cursor can look ahead.
// One thread at a time.
class LookAhead {
 public:
  static constexpr uint32_t kSize = 512;

  // `chain` has just begun.
  void Begin(NormalizerChain* chain) {
    chain_ = chain;
    begin_ = end_ = 0;
  }
  // Code point `*position`, or, where that is forgotten already, the first that is not; and steps behind it.
  bool Read(uint32_t* position, TextChar* c);

 private:
  NormalizerChain* chain_ = nullptr;
  uint32_t begin_ = 0, end_ = 0;  // positions in the stretch; at most the last kSize of them are kept
  TextChar kept_[kSize];
};

// A place in a LookAhead, for AddedTokenFinder.
class LookAheadCursor {
 public:
  LookAheadCursor() = default;
  explicit LookAheadCursor(LookAhead* text) : text_(text) {}
  bool Next(TextChar* c) { return text_->Read(&position_, c); }
  uint32_t position() const { return position_; }

 private:
  LookAhead* text_ = nullptr;
  uint32_t position_ = 0;
};

// As WordStream is for BERT: added tokens are found in the raw text; each stretch between them is normalized by itself;
// added tokens with `normalized` are found in the outcome; each piece between those is split by the pre-tokenizers; and
// each pre-token goes to the vocabulary. A normalizer that is not empty runs twice when there are such tokens: ahead,
// to find them, and behind. Added tokens with `normalized` are found if they have up to LookAhead::kSize / 2 code
// points. Lives in the scratch memory; fixed size, linear time. One thread at a time.
class PreparedStream {
 public:
  static constexpr uint32_t kMaxAddedToken = LookAhead::kSize / 2;

  // Takes the same bytes from every arena; nullptr where the arena gives none.
  static PreparedStream* Make(const Tokenizer& tokenizer, Arena* arena);

  explicit PreparedStream(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  // `steps` see RawCursor.
  void Begin(std::string_view text, uint64_t* steps);
  bool Next(Token* token);
  // See TokenStream::word().
  uint32_t word_number() const { return word_number_; }

 private:
  enum class Event : uint8_t { kChar, kAddedToken, kEnd };

  void BeginStretch();
  void BeginPiece();
  Event NextEvent(PreChar* c);
  void BeginWord();
  void Push(const TextChar& c);
  void FinishWord();
  void Trim(bool added, Token* token);
  std::string_view Covered(const Token& token) const;
  uint32_t Advance(uint32_t begin, uint32_t end, uint32_t count) const;

  const Tokenizer& tokenizer_;
  NormalizerChain* chain_ = nullptr;
  NormalizerChain* ahead_chain_ = nullptr;  // none: no added token has `normalized`
  LookAhead* ahead_ = nullptr;
  PreTokens* pre_tokens_ = nullptr;
  Word* word_ = nullptr;  // one of these three
  BytePairs* byte_pairs_ = nullptr;
  Unigram* unigram_ = nullptr;

  std::string_view text_;
  uint64_t* steps_ = nullptr;
  bool at_end_ = true;
  bool is_first_ = true;  // no token has been given

  AddedTokenFinder<RawCursor> raw_finder_;
  uint32_t stretch_begin_ = 0;
  bool has_raw_match_ = false;  // one ends the stretch
  AddedMatch raw_match_{};
  AddedTokenFinder<LookAheadCursor> normalized_finder_;
  bool has_normalized_match_ = false;  // one ends the piece
  AddedMatch normalized_match_{};

  AddedMatch added_{};
  bool has_added_ = false;  // found, but its turn is after the pre-token that it ended
  bool in_word_ = false;
  uint32_t word_number_ = 0;
  bool has_char_ = false;  // read, and it begins the next pre-token
  TextChar char_{};
  TokenQueue queue_;
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_PREPARED_STREAM_H_
