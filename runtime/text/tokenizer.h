// Text to token ids, as the reference tokenizers do it, in bounded memory.
#ifndef POCKETBERT_TEXT_TOKENIZER_H_
#define POCKETBERT_TEXT_TOKENIZER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/arena.h"
#include "base/status.h"
#include "model/model.h"
#include "schema/model_generated.h"
#include "text/byte_pairs.h"
#include "text/prepared_stream.h"
#include "text/token.h"
#include "text/unigram.h"
#include "text/word_piece.h"
#include "text/words.h"

namespace pbert {

// A read-only view of the tokenizer in an open file: its tables are used where they lie.
// Thread-safe after Open.
class Tokenizer {
 public:
  // What bounds the work for each place of a text. Of published vocabularies the longest piece has 256 bytes, and the
  // longest added token far fewer.
  static constexpr uint32_t kMaxPieceBytes = 1024;
  static constexpr uint32_t kMaxAddedTokenBytes = 256;

  // Checks what the model's own gates leave to the tokenizer (text/check_tokenizer.h), and its trie and its rules, and
  // refuses, by name, what is not implemented. The model must outlive the tokenizer.
  static Status Open(const Model& model, Tokenizer* tokenizer);
  // The same for a tokenizer alone, which the flatbuffer verifier has passed.
  static Status Open(const schema::Tokenizer& table, Tokenizer* tokenizer);

  // Every id that a text can give is below it: pieces and added tokens counted.
  uint32_t vocabulary_size() const { return vocabulary_size_; }
  // The piece's bytes, as stored ("##ing"); empty when the id is not in the vocabulary or among the added tokens.
  std::string_view piece(int32_t id) const;
  // -1 when there is no such piece.
  int32_t id_of(std::string_view piece) const;
  // The piece of a token that is no added one, in constant time.
  std::string_view model_piece(int32_t id) const;
  const schema::Tokenizer& table() const { return *table_; }

  // For the stages of a TokenStream.
  const WordRules& word_rules() const { return word_rules_; }
  const WordPiece& word_piece() const { return word_piece_; }
  const BytePairRules& byte_pair_rules() const { return byte_pair_rules_; }
  const UnigramRules& unigram_rules() const { return unigram_rules_; }

 private:
  // Behind CheckTokenizer.
  static Status OpenChecked(const schema::Tokenizer& table, uint32_t vocabulary_size, Tokenizer* tokenizer);
  std::string_view StoredPiece(uint32_t index) const;
  Status OpenModel(const Trie& trie);
  Status CheckPieceSizes() const;
  Status FindAddedTokens();

  const schema::Tokenizer* table_ = nullptr;
  uint32_t vocabulary_size_ = 0;
  std::string_view unknown_piece_;  // which may be an added token's
  WordRules word_rules_;
  WordPiece word_piece_;  // one of these three
  BytePairRules byte_pair_rules_;
  UnigramRules unigram_rules_;
};

// Memory that a TokenStream works in; may be reused for stream after stream, one at a time.
// Bounded: it does not grow with the text.
class TokenizerScratch {
 public:
  // For streams of this tokenizer, which must outlive it. Takes the same bytes from every arena; a counting arena tells
  // how many.
  static TokenizerScratch Take(const Tokenizer& tokenizer, Arena* arena);

  // What all streams have done so far: code points decoded, looking ahead and reading again included, nodes of the trie
  // tried, symbols looked at by merges. A measure of work that tests can compare, because it does not depend on the
  // machine.
  uint64_t steps() const { return *steps_; }

 private:
  friend class TokenStream;
  struct Work {
    Token tokens[kMaxWordChars];  // of the word below
    Word word;
  };
  uint64_t* steps_ = nullptr;
  Work* work_ = nullptr;                // for BERT's way from text to words,
  PreparedStream* prepared_ = nullptr;  // or for the file's own
};

// The tokens of one text, one at a time, without special tokens around them; the scratch must be the tokenizer's. Text
// of any length passes in linear time through fixed memory. Bytes that are not UTF-8 are read as U+FFFD, one per
// maximal ill-formed subsequence as Python's decoder counts them. Of a text of 4 GB or more, only what
// 32-bit offsets reach is read. One thread at a time.
class TokenStream {
 public:
  TokenStream(const Tokenizer& tokenizer, std::string_view text, TokenizerScratch* scratch);
  // False at the end of the text.
  bool Next(Token* token);
  // A number that the tokens of one word have in common, a word being what the pre-tokenizer made or an added token;
  // later words have higher ones. Of the token that came last.
  uint32_t word() const { return prepared_ != nullptr ? prepared_->word_number() : word_number_; }

 private:
  bool NextOfWord(Token* token);

  const WordPiece& word_piece_;
  uint64_t* const steps_;
  TokenizerScratch::Work* const work_;
  PreparedStream* const prepared_;
  std::optional<WordStream> words_;
  uint32_t count_ = 0;  // tokens of the current word
  uint32_t next_ = 0;
  uint32_t word_number_ = 0;
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_TOKENIZER_H_
