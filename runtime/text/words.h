// A text as words and added tokens: what comes before the word pieces.
#ifndef POCKETBERT_TEXT_WORDS_H_
#define POCKETBERT_TEXT_WORDS_H_

#include <cstdint>
#include <string_view>

#include "text/added_tokens.h"
#include "text/normalizer.h"

namespace pbert {

// The longest word limit that is implemented (files say 100).
inline constexpr uint32_t kMaxWordChars = 512;

// One word, normalized. The first kMaxWordChars characters are stored, the others only counted.
// Several kilobytes: lives in the scratch memory. One thread at a time.
class Word {
 public:
  void Clear() { size_ = stored_ = byte_count_ = 0; }
  void Append(const TextChar& c);
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

// What WordStream must know of a tokenizer. The tables outlive the streams.
struct WordRules {
  NormalizerFlags normalizer;
  Trie trie;
  Trie::State raw_root = Trie::kDead;         // of added tokens looked for in raw text; kDead: there are none
  Trie::State normalized_root = Trie::kDead;  // of those with `normalized`
  const AddedTokenFinder<RawCursor>::TokenList* added_tokens = nullptr;
  uint32_t longest_raw = 0, longest_normalized = 0;  // the longest token of either kind, in code points
};

// BERT's way from text to words: added tokens are found in the raw text; each stretch between them is normalized by
// itself; added tokens with `normalized` are found in the outcome; and what is left is split at spaces, which are
// dropped, and at punctuation, of which each character is a word. Fixed memory, linear time. One thread at a time.
class WordStream {
 public:
  enum class Kind : uint8_t { kEnd, kWord, kAddedToken };

  // `word` is the stream's to write in; `steps` see RawCursor.
  WordStream(const WordRules& rules, std::string_view text, Word* word, uint64_t* steps);

  // kWord: *word is the next one. kAddedToken: added() is.
  Kind Next();
  const AddedMatch& added() const { return added_; }

 private:
  enum class Stage : uint8_t { kStretch, kAfterStretch, kEnd };

  void BeginStretch();
  Kind NextInStretch();

  const WordRules& rules_;
  std::string_view text_;
  Word* const word_;
  uint64_t* const steps_;
  Stage stage_ = Stage::kStretch;
  AddedMatch added_{};

  AddedTokenFinder<RawCursor> raw_finder_;
  uint32_t stretch_begin_ = 0;
  bool has_raw_match_ = false;  // one ends the stretch
  AddedMatch raw_match_{};

  NormalizerCursor stretch_;
  AddedTokenFinder<NormalizerCursor> normalized_finder_;
  bool has_normalized_match_ = false;  // one lies ahead in the stretch
  AddedMatch normalized_match_{};

  bool has_punctuation_ = false;  // read, but its turn is after the word that it ended
  TextChar punctuation_{};
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_WORDS_H_
