// The tokens of a text.
#ifndef POCKETBERT_TEXT_TOKEN_STREAM_H_
#define POCKETBERT_TEXT_TOKEN_STREAM_H_

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "text/added_tokens.h"
#include "text/byte_pairs.h"
#include "text/pre_tokens.h"
#include "text/preparation.h"
#include "text/token.h"
#include "text/unigram.h"
#include "text/word_piece.h"

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

// The tokens of one text after another, one token at a time, without special tokens around them. Added tokens are found
// in the raw text; each stretch between them is normalized by itself; added tokens with `normalized` are found in the
// outcome; each piece between those is split by the pre-tokenizers; and each pre-token goes to the vocabulary. Where
// there are added tokens with `normalized`, the normalizer runs twice: ahead, to find them, and behind. These are found
// if they have up to kMaxAddedToken code points, and not among the spaces that another one takes (rstrip), where these
// are more than LookAhead::kSize.
//
// Text of any length passes in linear time through fixed memory, which lies in the scratch. Bytes that are not UTF-8
// are read as U+FFFD, one per maximal ill-formed subsequence as Python's decoder counts them. Of a text of 4 GB or
// more, only what 32-bit offsets reach is read. One thread at a time.
class TokenStream {
 public:
  static constexpr uint32_t kMaxAddedToken = LookAhead::kSize / 2;

  // Takes the same bytes from every arena, and only what the tokenizer, which must outlive it, needs; nullptr where the
  // arena gives none.
  static TokenStream* Make(const Tokenizer& tokenizer, Arena* arena);

  explicit TokenStream(const Tokenizer& tokenizer);
  TokenStream(const TokenStream&) = delete;
  TokenStream& operator=(const TokenStream&) = delete;

  // Forgets the text before. The text must stay while tokens are taken.
  void Begin(std::string_view text);
  // False at the end of the text.
  bool Next(Token* token);
  // A number that the tokens of one word have in common, a word being what the pre-tokenizer made or an added token;
  // later words have higher ones. Of the token that came last.
  uint32_t word() const { return word_number_; }
  // See TokenizerScratch::steps.
  uint64_t steps() const { return steps_; }

 private:
  enum class Event : uint8_t { kChar, kAddedToken, kEnd };

  void BeginStretch();
  void BeginPiece();
  Event NextEvent(PreChar* c);
  Event AfterPiece();
  void BeginWord();
  void Push(const TextChar& c);
  void FinishWord();
  void Trim(bool added, Token* token);
  std::string_view Covered(const Token& token) const;
  uint32_t Advance(uint32_t begin, uint32_t end, uint32_t count) const;

  const Tokenizer& tokenizer_;
  const bool trims_;
  NormalizerChain* chain_ = nullptr;
  NormalizerChain* ahead_chain_ = nullptr;  // none: no added token has `normalized`
  LookAhead* ahead_ = nullptr;
  PreTokens* pre_tokens_ = nullptr;
  Word* word_ = nullptr;  // one of these three
  BytePairs* byte_pairs_ = nullptr;
  Unigram* unigram_ = nullptr;

  std::string_view text_;
  uint64_t steps_ = 0;
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

// Memory that a TokenStream works in, for text after text, one at a time. Bounded: it does not grow with the text.
class TokenizerScratch {
 public:
  // For texts of this tokenizer, which must outlive it. Takes the same bytes from every arena; a counting arena tells
  // how many.
  static TokenizerScratch Take(const Tokenizer& tokenizer, Arena* arena) {
    return TokenizerScratch(TokenStream::Make(tokenizer, arena));
  }
  TokenizerScratch() = default;

  // The tokens of `text`. Those of the text before are gone.
  TokenStream& Begin(std::string_view text) {
    stream_->Begin(text);
    return *stream_;
  }

  // What has been done so far: code points decoded, looking ahead and reading again included, nodes of the trie tried,
  // symbols looked at by merges. A measure of work that tests can compare, because it does not depend on the machine.
  uint64_t steps() const { return stream_->steps(); }

 private:
  explicit TokenizerScratch(TokenStream* stream) : stream_(stream) {}
  TokenStream* stream_ = nullptr;
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_TOKEN_STREAM_H_
