// WordPiece: a word as the longest pieces of a vocabulary.
#ifndef POCKETBERT_TEXT_WORD_PIECE_H_
#define POCKETBERT_TEXT_WORD_PIECE_H_

#include <cstdint>

#include "text/token.h"
#include "text/trie.h"
#include "text/words.h"

namespace pbert {

// A view of the vocabulary in an open file. Thread-safe.
class WordPiece {
 public:
  WordPiece() = default;
  // `continuing` is the trie's node of the continuing prefix ("##"); kDead when no piece has it.
  WordPiece(const Trie& trie, Trie::State continuing, uint32_t piece_count, uint32_t unknown_id, uint32_t max_chars)
      : trie_(trie),
        continuing_(continuing),
        piece_count_(piece_count),
        unknown_id_(unknown_id),
        max_chars_(max_chars) {}

  // Writes the tokens of a word that is not empty and returns their number, at most kMaxWordChars: the pieces, or the
  // unknown token for a word that is too long or has no pieces.
  // `steps` see TokenizerScratch::steps.
  uint32_t Split(const Word& word, Token* tokens, uint64_t* steps) const;

 private:
  uint32_t LongestPiece(const Word& word, uint32_t first, Token* token, uint64_t* steps) const;

  Trie trie_;
  Trie::State continuing_ = Trie::kDead;
  uint32_t piece_count_ = 0;
  uint32_t unknown_id_ = 0;
  uint32_t max_chars_ = 0;
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_WORD_PIECE_H_
