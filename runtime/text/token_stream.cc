#include "text/token_stream.h"

#include <algorithm>

#include "base/parts.h"
#include "text/tokenizer.h"

namespace pbert {
namespace {

// What trimming takes off a token: spaces, and the character that stands for one in a byte-level piece.
bool IsTrimmed(char32_t c) { return c == ByteLevelChar(' ') || (unicode::RecordOf(c).flags & unicode::kSpace) != 0; }

// How many of them a text begins and ends with.
struct Spaces {
  uint32_t leading = 0, trailing = 0;
};
Spaces CountSpaces(std::string_view text) {
  Spaces spaces;
  bool all = true;
  while (!text.empty()) {
    const Utf8Char next = DecodeUtf8(text.data(), text.size());
    text.remove_prefix(next.length);
    if (IsTrimmed(next.code_point)) {
      ++spaces.trailing;
      spaces.leading += all;
    } else {
      spaces.trailing = 0;
      all = false;
    }
  }
  return spaces;
}

uint32_t CountCodePoints(std::string_view text) {
  uint32_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(DecodeUtf8(text.data(), text.size()).length);
  return count;
}

// Whether `text` has at least so many.
bool HasCodePoints(std::string_view text, uint32_t count) {
  for (; count > 0 && !text.empty(); --count) text.remove_prefix(DecodeUtf8(text.data(), text.size()).length);
  return count == 0;
}

}  // namespace

bool LookAhead::Read(uint32_t* position, TextChar* c) {
  *position = std::max(*position, begin_);
  if (*position == end_) {
    if (!chain_->Next(&kept_[end_ % kSize])) return false;
    if (++end_ - begin_ > kSize) ++begin_;
  }
  *c = kept_[(*position)++ % kSize];
  return true;
}

TokenStream::TokenStream(const Tokenizer& tokenizer)
    : tokenizer_(tokenizer), trims_(tokenizer.steps().own() != nullptr && tokenizer.table().trim_offsets()) {}

TokenStream* TokenStream::Make(const Tokenizer& tokenizer, Arena* arena) {
  TokenStream unused(tokenizer);  // stands for the real one where the arena only counts
  TokenStream* const made = arena->Make<TokenStream>(tokenizer);
  TokenStream* const stream = made == nullptr ? &unused : made;
  const StepList& steps = tokenizer.steps();
  stream->chain_ = NormalizerChain::Make(steps, arena);
  if (tokenizer.normalized_tokens().longest > 0) {
    stream->ahead_chain_ = NormalizerChain::Make(steps, arena);
    stream->ahead_ = arena->Make<LookAhead>();
  }
  stream->pre_tokens_ = PreTokens::Make(steps, stream->chain_, arena);
  stream->queue_.capacity = TokenQueue::kSize;
  switch (tokenizer.table().kind()) {
    case schema::TokenizerKind::WordPiece:
      if (kHasWordPiece) stream->word_ = arena->Make<Word>();
      stream->queue_.capacity = kMaxWordChars;
      break;
    case schema::TokenizerKind::ByteLevelBpe:
      if (kHasBytePairs) stream->byte_pairs_ = arena->Make<BytePairs>(&tokenizer.byte_pair_rules());
      break;
    case schema::TokenizerKind::Unigram:
      if (kHasUnigram) stream->unigram_ = arena->Make<Unigram>(&tokenizer.unigram_rules());
      break;
  }
  stream->queue_.tokens = arena->Take<Token>(stream->queue_.capacity);
  return made;
}

void TokenStream::Begin(std::string_view text) {
  text_ = text.substr(0, UINT32_MAX);
  at_end_ = has_added_ = in_word_ = has_char_ = false;
  is_first_ = true;
  word_number_ = 0;
  queue_.Clear();
  if (kHasBytePairs && byte_pairs_ != nullptr) byte_pairs_->BeginText(&steps_);
  if (kHasUnigram && unigram_ != nullptr) unigram_->BeginText(&steps_);
  raw_finder_ = AddedTokenFinder<RawCursor>(tokenizer_.raw_tokens(),
                                            RawCursor(text_, 0, static_cast<uint32_t>(text_.size()), &steps_), &steps_);
  stretch_begin_ = 0;
  BeginStretch();
}

void TokenStream::BeginStretch() {
  has_raw_match_ = raw_finder_.Next(&raw_match_);
  const uint32_t end = has_raw_match_ ? raw_match_.start : static_cast<uint32_t>(text_.size());
  const RawCursor stretch(text_, stretch_begin_, end, &steps_);
  chain_->Begin(stretch, stretch_begin_);
  has_normalized_match_ = false;
  if (ahead_ != nullptr) {
    ahead_chain_->Begin(stretch, stretch_begin_);
    ahead_->Begin(ahead_chain_);
    normalized_finder_ =
        AddedTokenFinder<LookAheadCursor>(tokenizer_.normalized_tokens(), LookAheadCursor(ahead_), &steps_);
    has_normalized_match_ = normalized_finder_.Next(&normalized_match_);
  }
  BeginPiece();
}

void TokenStream::BeginPiece() { pre_tokens_->Begin(has_normalized_match_ ? normalized_match_.start : UINT32_MAX); }

TokenStream::Event TokenStream::NextEvent(PreChar* c) {
  if (at_end_) return Event::kEnd;
  return pre_tokens_->Next(c) ? Event::kChar : AfterPiece();
}

TokenStream::Event TokenStream::AfterPiece() {
  if (has_normalized_match_) {
    added_ = normalized_match_;
    for (TextChar skipped; chain_->position() < added_.resume && chain_->Next(&skipped);) {
    }
    has_normalized_match_ = normalized_finder_.Next(&normalized_match_);
    BeginPiece();
    return Event::kAddedToken;
  }
  if (has_raw_match_) {
    added_ = raw_match_;
    stretch_begin_ = raw_match_.resume;
    BeginStretch();
    return Event::kAddedToken;
  }
  at_end_ = true;
  return Event::kEnd;
}

bool TokenStream::Next(Token* token) {
  for (;;) {
    if (!queue_.empty()) {
      *token = queue_.tokens[queue_.next++];
      if (trims_) Trim(false, token);
      return true;
    }
    queue_.Clear();
    if (has_added_) {
      has_added_ = false;
      ++word_number_;
      *token = {static_cast<int32_t>(added_.token->id()), added_.begin, added_.end};
      if (trims_) Trim(true, token);
      return true;
    }
    if (has_char_) {
      has_char_ = false;
      BeginWord();
      Push(char_);
      if (!queue_.empty()) continue;
    }
    PreChar c;
    Event event = NextEvent(&c);
    while (event == Event::kChar && in_word_ && !c.first) {
      Push(c.c);
      if (!queue_.empty()) break;
      event = NextEvent(&c);
    }
    if (!queue_.empty()) continue;
    if (in_word_) FinishWord();
    switch (event) {
      case Event::kChar:
        char_ = c.c;
        has_char_ = true;
        break;
      case Event::kAddedToken:
        has_added_ = true;
        break;
      case Event::kEnd:
        if (queue_.empty()) return false;
        break;
    }
  }
}

void TokenStream::BeginWord() {
  ++word_number_;  // the last word's tokens have all been taken
  in_word_ = true;
  if (kHasWordPiece && word_ != nullptr) word_->Clear();
  if (kHasBytePairs && byte_pairs_ != nullptr) byte_pairs_->Begin();
  if (kHasUnigram && unigram_ != nullptr) unigram_->Begin();
}

void TokenStream::Push(const TextChar& c) {
  if (kHasWordPiece && word_ != nullptr) {
    word_->Append(c);
  } else if (kHasBytePairs && byte_pairs_ != nullptr) {
    byte_pairs_->Push(c, &queue_);
  } else if (kHasUnigram) {
    unigram_->Push(c, &queue_);
  }
}

void TokenStream::FinishWord() {
  in_word_ = false;
  if (kHasWordPiece && word_ != nullptr) queue_.size = tokenizer_.word_piece().Split(*word_, queue_.tokens, &steps_);
  if (kHasBytePairs && byte_pairs_ != nullptr) byte_pairs_->Finish(&queue_);
  if (kHasUnigram && unigram_ != nullptr) unigram_->Finish(&queue_);
}

// The reference's trim_offsets: the spaces that a token's own text begins and ends with are taken off its extent,
// counted in code points, whatever stands there in the original. A single space before the first token counts as put
// there.
void TokenStream::Trim(bool added, Token* token) {
  const bool is_first = is_first_ || token->begin == 0;
  is_first_ = false;
  const std::string_view covered = Covered(*token);
  Spaces spaces = CountSpaces(added ? covered : tokenizer_.model_piece(token->id));
  if (spaces.leading == 1 && is_first && tokenizer_.table().trim_keeps_first()) spaces.leading = 0;
  token->begin = Advance(token->begin, token->end, spaces.leading);
  if (spaces.trailing == 0 || !HasCodePoints({text_.data(), token->end}, spaces.trailing)) return;
  const uint32_t size = CountCodePoints(Covered(*token));
  token->end = Advance(token->begin, token->end, size - std::min(size, spaces.trailing));
}

// Not substr, which can throw.
std::string_view TokenStream::Covered(const Token& token) const {
  return {text_.data() + token.begin, token.end - token.begin};
}

// The place `count` code points behind `begin`, but at most `end`.
uint32_t TokenStream::Advance(uint32_t begin, uint32_t end, uint32_t count) const {
  for (; count > 0 && begin < end; --count) begin += DecodeUtf8(text_.data() + begin, text_.size() - begin).length;
  return begin;
}

}  // namespace pbert
