#include "text/words.h"

namespace pbert {

void Word::Append(const TextChar& c) {
  if (stored_ < kMaxWordChars) {
    begins_[stored_] = c.begin;
    ends_[stored_] = c.end;
    starts_[stored_] = static_cast<uint16_t>(byte_count_);
    byte_count_ += EncodeUtf8(c.code_point, bytes_ + byte_count_);
    starts_[++stored_] = static_cast<uint16_t>(byte_count_);
  }
  ++size_;
  end_ = c.end;
}

WordStream::WordStream(const WordRules& rules, std::string_view text, Word* word, uint64_t* steps)
    : rules_(rules),
      text_(text.substr(0, UINT32_MAX)),
      word_(word),
      steps_(steps),
      raw_finder_(rules.trie, rules.raw_root, rules.added_tokens, rules.longest_raw,
                  RawCursor(text_, 0, static_cast<uint32_t>(text_.size()), steps), steps) {
  BeginStretch();
}

void WordStream::BeginStretch() {
  has_raw_match_ = raw_finder_.Next(&raw_match_);
  const uint32_t end = has_raw_match_ ? raw_match_.start : static_cast<uint32_t>(text_.size());
  stretch_ = NormalizerCursor(rules_.normalizer, RawCursor(text_, stretch_begin_, end, steps_));
  has_normalized_match_ = false;
  if (rules_.normalized_root != Trie::kDead) {
    normalized_finder_ = AddedTokenFinder<NormalizerCursor>(rules_.trie, rules_.normalized_root, rules_.added_tokens,
                                                            rules_.longest_normalized, stretch_, steps_);
    has_normalized_match_ = normalized_finder_.Next(&normalized_match_);
  }
  stage_ = Stage::kStretch;
}

WordStream::Kind WordStream::Next() {
  word_->Clear();
  for (;;) {
    switch (stage_) {
      case Stage::kStretch: {
        const Kind kind = NextInStretch();
        if (kind != Kind::kEnd) return kind;
        stage_ = Stage::kAfterStretch;
        break;
      }
      case Stage::kAfterStretch:
        if (!has_raw_match_) {
          stage_ = Stage::kEnd;
          break;
        }
        added_ = raw_match_;
        stretch_begin_ = raw_match_.resume;
        BeginStretch();
        return Kind::kAddedToken;
      case Stage::kEnd:
        return Kind::kEnd;
    }
  }
}

// The next word or added token of the stretch; kEnd at its end.
WordStream::Kind WordStream::NextInStretch() {
  if (has_punctuation_) {
    has_punctuation_ = false;
    word_->Append(punctuation_);
    return Kind::kWord;
  }
  TextChar c;
  for (;;) {
    if (has_normalized_match_ && stretch_.position() >= normalized_match_.start) {
      if (!word_->empty()) return Kind::kWord;
      added_ = normalized_match_;
      while (stretch_.position() < normalized_match_.resume && stretch_.Next(&c)) {
      }
      has_normalized_match_ = normalized_finder_.Next(&normalized_match_);
      return Kind::kAddedToken;
    }
    if (!stretch_.Next(&c)) return word_->empty() ? Kind::kEnd : Kind::kWord;
    const uint8_t flags = unicode::RecordOf(c.code_point).flags;
    if (flags & unicode::kSpace) {
      if (!word_->empty()) return Kind::kWord;
    } else if (!(flags & unicode::kPunctuation)) {
      word_->Append(c);
    } else if (word_->empty()) {
      word_->Append(c);
      return Kind::kWord;
    } else {
      punctuation_ = c;
      has_punctuation_ = true;
      return Kind::kWord;
    }
  }
}

}  // namespace pbert
