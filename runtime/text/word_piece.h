// WordPiece: a word as the longest pieces of a vocabulary.
#ifndef POCKETBERT_TEXT_WORD_PIECE_H_
#define POCKETBERT_TEXT_WORD_PIECE_H_

#include <cstdint>
#include <string_view>

#include "base/utf8.h"
#include "text/raw_cursor.h"
#include "text/token.h"
#include "text/trie.h"

namespace pbert {

// The longest word limit that is implemented (files say 100).
inline constexpr uint32_t kMaxWordChars = 512;

// One word, normalized. The first kMaxWordChars characters are stored, the others only counted.
// Several kilobytes: lives in the scratch memory. One thread at a time.
class Word {
 public:
  void Clear() { size_ = stored_ = byte_count_ = 0; }
  void Append(const TextChar& c) {
    if (stored_ < kMaxWordChars) {
      begins_[stored_] = c.begin;
      ends_[stored_] = c.end;
      starts_[stored_] = static_cast<uint16_t>(byte_count_);
      if (c.code_point < 0x80) {
        bytes_[byte_count_++] = static_cast<uint8_t>(c.code_point);
      } else {
        byte_count_ += EncodeUtf8(c.code_point, bytes_ + byte_count_);
      }
      starts_[++stored_] = static_cast<uint16_t>(byte_count_);
    }
    ++size_;
    end_ = c.end;
  }
  bool empty() const { return size_ == 0; }

  uint32_t size() const { return size_; }      // in code points
  uint32_t stored() const { return stored_; }  // how many of them can be looked at
  // UTF-8 of the stored character `i`.
  std::string_view Bytes(uint32_t i) const {
    return {reinterpret_cast<const char*>(bytes_) + starts_[i], static_cast<size_t>(starts_[i + 1] - starts_[i])};
  }
  // Bytes of the original text.
  uint32_t Begin(uint32_t i) const { return begins_[i]; }
  uint32_t End(uint32_t i) const { return ends_[i]; }
  uint32_t begin() const { return begins_[0]; }
  uint32_t end() const { return end_; }

 private:
  uint32_t size_;
  uint32_t stored_;
  uint32_t byte_count_;
  uint32_t end_;
  uint32_t begins_[kMaxWordChars];
  uint32_t ends_[kMaxWordChars];
  uint16_t starts_[kMaxWordChars + 1];
  uint8_t bytes_[4 * kMaxWordChars];
};

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
