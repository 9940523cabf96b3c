#include "text/prepared_stream.h"

#include <algorithm>
#include <new>

#include "text/tokenizer.h"

namespace pbert {
namespace {

bool HasNormalizedTokens(const schema::Tokenizer& table) {
  const auto* tokens = table.added_tokens();
  return tokens != nullptr &&
         std::any_of(tokens->begin(), tokens->end(), [](const auto* t) { return t->normalized(); });
}

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

PreparedStream* PreparedStream::Make(const Tokenizer& tokenizer, Arena* arena) {
  PreparedStream unused(tokenizer);  // stands for the real one where the arena only counts
  PreparedStream* const made = arena->Make<PreparedStream>(tokenizer);
  PreparedStream* const stream = made == nullptr ? &unused : made;
  const schema::Preparation& preparation = *tokenizer.table().preparation();
  stream->chain_ = NormalizerChain::Make(preparation, arena);
  if (HasNormalizedTokens(tokenizer.table())) {
    stream->ahead_chain_ = NormalizerChain::Make(preparation, arena);
    stream->ahead_ = arena->Make<LookAhead>();
  }
  stream->pre_tokens_ = PreTokens::Make(preparation, stream->chain_, arena);
  switch (tokenizer.table().kind()) {
    case schema::TokenizerKind::WordPiece:
      stream->word_ = arena->Make<Word>();
      break;
    case schema::TokenizerKind::ByteLevelBpe:
      stream->byte_pairs_ = arena->Make<BytePairs>(&tokenizer.byte_pair_rules());
      break;
    case schema::TokenizerKind::Unigram:
      stream->unigram_ = arena->Make<Unigram>(&tokenizer.unigram_rules());
      break;
  }
  return made;
}

void PreparedStream::Begin(std::string_view text, uint64_t* steps) {
  text_ = text.substr(0, UINT32_MAX);
  steps_ = steps;
  at_end_ = has_added_ = in_word_ = has_char_ = false;
  is_first_ = true;
  queue_.Clear();
  if (byte_pairs_ != nullptr) byte_pairs_->BeginText(steps_);
  if (unigram_ != nullptr) unigram_->BeginText(steps_);
  const WordRules& rules = tokenizer_.word_rules();
  raw_finder_ = AddedTokenFinder<RawCursor>(rules.trie, rules.raw_root, rules.added_tokens, rules.longest_raw,
                                            RawCursor(text_, 0, static_cast<uint32_t>(text_.size()), steps_), steps_);
  stretch_begin_ = 0;
  BeginStretch();
}

void PreparedStream::BeginStretch() {
  has_raw_match_ = raw_finder_.Next(&raw_match_);
  const uint32_t end = has_raw_match_ ? raw_match_.start : static_cast<uint32_t>(text_.size());
  const RawCursor stretch(text_, stretch_begin_, end, steps_);
  chain_->Begin(stretch, stretch_begin_);
  has_normalized_match_ = false;
  if (ahead_ != nullptr) {
    ahead_chain_->Begin(stretch, stretch_begin_);
    ahead_->Begin(ahead_chain_);
    const WordRules& rules = tokenizer_.word_rules();
    normalized_finder_ = AddedTokenFinder<LookAheadCursor>(rules.trie, rules.normalized_root, rules.added_tokens,
                                                           kMaxAddedToken, LookAheadCursor(ahead_), steps_);
    has_normalized_match_ = normalized_finder_.Next(&normalized_match_);
  }
  BeginPiece();
}

void PreparedStream::BeginPiece() { pre_tokens_->Begin(has_normalized_match_ ? normalized_match_.start : UINT32_MAX); }

PreparedStream::Event PreparedStream::NextEvent(PreChar* c) {
  if (at_end_) return Event::kEnd;
  if (pre_tokens_->Next(c)) return Event::kChar;
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

bool PreparedStream::Next(Token* token) {
  for (;;) {
    if (!queue_.empty()) {
      *token = queue_.tokens[queue_.next++];
      Trim(false, token);
      return true;
    }
    queue_.Clear();
    if (has_added_) {
      has_added_ = false;
      ++word_number_;
      *token = {static_cast<int32_t>(added_.token->id()), added_.begin, added_.end};
      Trim(true, token);
      return true;
    }
    if (has_char_) {
      has_char_ = false;
      BeginWord();
      Push(char_);
      continue;
    }
    PreChar c;
    const Event event = NextEvent(&c);
    if (event == Event::kChar && in_word_ && !c.first) {
      Push(c.c);
      continue;
    }
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

void PreparedStream::BeginWord() {
  ++word_number_;  // the last word's tokens have all been taken
  in_word_ = true;
  if (word_ != nullptr) word_->Clear();
  if (byte_pairs_ != nullptr) byte_pairs_->Begin();
  if (unigram_ != nullptr) unigram_->Begin();
}

void PreparedStream::Push(const TextChar& c) {
  if (word_ != nullptr) word_->Append(c);
  if (byte_pairs_ != nullptr) byte_pairs_->Push(c, &queue_);
  if (unigram_ != nullptr) unigram_->Push(c, &queue_);
}

void PreparedStream::FinishWord() {
  in_word_ = false;
  if (word_ != nullptr) queue_.size = tokenizer_.word_piece().Split(*word_, queue_.tokens, steps_);
  if (byte_pairs_ != nullptr) byte_pairs_->Finish(&queue_);
  if (unigram_ != nullptr) unigram_->Finish(&queue_);
}

// The reference's trim_offsets: the spaces that a token's own text begins and ends with are taken off its extent,
// counted in code points, whatever stands there in the original. A single space before the first token counts as put
// there.
void PreparedStream::Trim(bool added, Token* token) {
  const bool is_first = is_first_ || token->begin == 0;
  is_first_ = false;
  const schema::Tokenizer& table = tokenizer_.table();
  if (!table.trim_offsets()) return;
  const std::string_view covered = Covered(*token);
  Spaces spaces = CountSpaces(added ? covered : tokenizer_.model_piece(token->id));
  if (spaces.leading == 1 && is_first && table.trim_keeps_first()) spaces.leading = 0;
  token->begin = Advance(token->begin, token->end, spaces.leading);
  if (spaces.trailing == 0 || !HasCodePoints({text_.data(), token->end}, spaces.trailing)) return;
  const uint32_t size = CountCodePoints(Covered(*token));
  token->end = Advance(token->begin, token->end, size - std::min(size, spaces.trailing));
}

// Not substr, which can throw.
std::string_view PreparedStream::Covered(const Token& token) const {
  return {text_.data() + token.begin, token.end - token.begin};
}

// The place `count` code points behind `begin`, but at most `end`.
uint32_t PreparedStream::Advance(uint32_t begin, uint32_t end, uint32_t count) const {
  for (; count > 0 && begin < end; --count) begin += DecodeUtf8(text_.data() + begin, text_.size() - begin).length;
  return begin;
}

}  // namespace pbert
