#include "text/word_piece.h"

namespace pbert {

// Greedy, as in the reference: from the word's beginning the longest piece of the vocabulary, then from there on the
// longest continuation piece, and so forth. When at some place there is none, the whole word is unknown. A walk down
// the trie sees all pieces that begin at a place, shortest first. The word limit bounds the work per character.
uint32_t WordPiece::Split(const Word& word, Token* tokens, uint64_t* steps) const {
  uint32_t count = 0;
  if (word.size() <= max_chars_) {
    uint32_t first = 0;
    while (first < word.stored()) {
      const uint32_t end = LongestPiece(word, first, &tokens[count], steps);
      if (end == first) break;
      first = end;
      ++count;
    }
    if (first == word.size()) return count;
  }
  tokens[0] = {static_cast<int32_t>(unknown_id_), word.begin(), word.end()};
  return 1;
}

// The longest piece that begins with character `first`; returns where it ends, or `first` when there is none.
uint32_t WordPiece::LongestPiece(const Word& word, uint32_t first, Token* token, uint64_t* steps) const {
  uint32_t end = first;
  Trie::State state = first == 0 ? Trie::kRoot : continuing_;
  for (uint32_t i = first; i < word.stored(); ++i) {
    state = trie_.Walk(state, word.Bytes(i));
    ++*steps;
    if (state == Trie::kDead) break;
    const int32_t id = trie_.Value(state);
    if (id < 0 || static_cast<uint32_t>(id) >= piece_count_) continue;
    *token = {id, word.Begin(first), word.End(i)};
    end = i + 1;
  }
  return end;
}

}  // namespace pbert
