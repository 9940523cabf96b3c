// Added tokens ("[MASK]", or a word that a user added), found as a whole before text is split into words.
#ifndef POCKETBERT_TEXT_ADDED_TOKENS_H_
#define POCKETBERT_TEXT_ADDED_TOKENS_H_

#include <cstdint>

#include "schema/model_generated.h"
#include "text/raw_cursor.h"
#include "text/trie.h"
#include "text/unicode.h"

namespace pbert {

// Where an added token was found. Positions are the cursor's: bytes of raw text, or code points of normalized text.
struct AddedMatch {
  const schema::AddedToken* token;
  uint32_t begin, end;  // bytes of the original text, with the spaces that lstrip and rstrip take
  uint32_t start;       // text before the match ends here
  uint32_t resume;      // text behind the match begins here
};

using AddedTokenList = flatbuffers::Vector<flatbuffers::Offset<schema::AddedToken>>;

// A file's added tokens of one kind: those looked for in raw text, or those with `normalized`.
struct AddedTokens {
  Trie trie;
  Trie::State root = Trie::kDead;  // their node; kDead: there are none
  const AddedTokenList* list = nullptr;
  uint32_t longest = 0;  // no token has more code points: a hostile trie can lead on without end
};

// Finds the added tokens of one kind, one by one, in the text of a RawCursor or of a LookAheadCursor. The reference's
// rules: the leftmost match wins, then the longest; a match of a single_word token that touches a word character is
// dropped, like any of a token that is split, and the search goes on behind it; lstrip and rstrip take the spaces
// around a match, but only as far as the match before. One thread at a time.
template <typename Cursor>
class AddedTokenFinder {
 public:
  AddedTokenFinder() = default;
  // `steps` see TokenizerScratch::steps.
  AddedTokenFinder(const AddedTokens& tokens, const Cursor& text, uint64_t* steps)
      : tokens_(tokens), cursor_(text), steps_(steps) {}

  // The next match; false when there are no more.
  bool Next(AddedMatch* match) {
    if (tokens_.root == Trie::kDead || tokens_.list == nullptr) return false;
    TextChar first;
    for (;;) {
      const uint32_t start = cursor_.position();
      if (!cursor_.Next(&first)) return false;
      Candidate longest;
      if (!Longest(first, &longest)) {
        Track(first, start);
        continue;
      }
      *match = {longest.token, first.begin, longest.end, start, longest.after.position()};
      const bool accepted =
          !longest.token->split() && (!longest.token->single_word() || (!after_word_ && !BeforeWord(longest.after)));
      if (accepted) TakeSpaces(longest.after, match);
      // Whether accepted or not, the search goes on behind the match, in sight of what it passes.
      Track(first, start);
      while (cursor_.position() < longest.after.position()) {
        const uint32_t position = cursor_.position();
        if (!cursor_.Next(&first)) break;
        Track(first, position);
      }
      if (accepted) return true;
    }
  }

 private:
  struct Candidate {
    const schema::AddedToken* token = nullptr;
    uint32_t end = 0;
    Cursor after;
  };

  // The longest token that begins with `first`, which the cursor has just passed.
  bool Longest(TextChar c, Candidate* longest) const {
    Trie::State state = Step(tokens_.root, c.code_point);
    if (state == Trie::kDead) return false;  // nearly always: not even the cursor is copied
    uint32_t length = 1;
    for (Cursor ahead = cursor_;; ++length) {
      ++*steps_;
      const int32_t index = tokens_.trie.Value(state);
      if (index >= 0 && static_cast<uint32_t>(index) < tokens_.list->size()) {
        *longest = {tokens_.list->Get(static_cast<uint32_t>(index)), c.end, ahead};
      }
      if (length >= tokens_.longest || !ahead.Next(&c)) break;
      state = Step(state, c.code_point);
      if (state == Trie::kDead) break;
    }
    return longest->token != nullptr;
  }

  Trie::State Step(Trie::State state, char32_t code_point) const {
    uint8_t bytes[4];
    const uint32_t length = EncodeUtf8(code_point, bytes);
    for (uint32_t i = 0; i < length && state != Trie::kDead; ++i) state = tokens_.trie.Step(state, bytes[i]);
    return state;
  }

  static bool BeforeWord(Cursor after) {
    TextChar c;
    return after.Next(&c) && (unicode::RecordOf(c.code_point).flags & unicode::kWord);
  }

  void TakeSpaces(Cursor after, AddedMatch* match) {
    if (match->token->lstrip() && in_spaces_) {
      match->start = spaces_start_;
      match->begin = spaces_begin_;
    }
    TextChar c;
    while (match->token->rstrip() && after.Next(&c) && (unicode::RecordOf(c.code_point).flags & unicode::kSpace)) {
      match->resume = after.position();
      match->end = c.end;
    }
    resume_ = match->resume;
    in_spaces_ = false;
  }

  // Remembers what a later match must know of the text before it: whether it ends with a word character, and where
  // the spaces at its end begin, of those behind the last match.
  void Track(const TextChar& c, uint32_t position) {
    const uint16_t flags = unicode::RecordOf(c.code_point).flags;
    after_word_ = flags & unicode::kWord;
    if (!(flags & unicode::kSpace) || position < resume_) {
      in_spaces_ = false;
    } else if (!in_spaces_) {
      in_spaces_ = true;
      spaces_start_ = position;
      spaces_begin_ = c.begin;
    }
  }

  AddedTokens tokens_;
  Cursor cursor_;
  uint64_t* steps_ = nullptr;
  uint32_t resume_ = 0;
  bool after_word_ = false;
  bool in_spaces_ = false;
  uint32_t spaces_start_ = 0;
  uint32_t spaces_begin_ = 0;
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_ADDED_TOKENS_H_
