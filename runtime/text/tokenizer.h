// Text to token ids, as the reference tokenizers do it, in bounded memory.
#ifndef POCKETBERT_TEXT_TOKENIZER_H_
#define POCKETBERT_TEXT_TOKENIZER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "model/model.h"
#include "schema/model_generated.h"
#include "text/added_tokens.h"
#include "text/byte_pairs.h"
#include "text/preparation.h"
#include "text/unigram.h"
#include "text/word_piece.h"

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
  const StepList& steps() const { return steps_; }
  const AddedTokens& raw_tokens() const { return raw_tokens_; }
  const AddedTokens& normalized_tokens() const { return normalized_tokens_; }
  const WordPiece& word_piece() const { return word_piece_; }
  const BytePairRules& byte_pair_rules() const { return byte_pair_rules_; }
  const UnigramRules& unigram_rules() const { return unigram_rules_; }

 private:
  // Behind CheckTokenizer.
  static Status OpenChecked(const schema::Tokenizer& table, uint32_t vocabulary_size, Tokenizer* tokenizer);
  std::string_view StoredPiece(uint32_t index) const;
  Status OpenModel();
  Status CheckPieceSizes() const;
  Status FindAddedTokens();

  const schema::Tokenizer* table_ = nullptr;
  uint32_t vocabulary_size_ = 0;
  std::string_view unknown_piece_;  // which may be an added token's
  Trie trie_;
  StepList steps_;
  AddedTokens raw_tokens_, normalized_tokens_;
  WordPiece word_piece_;  // one of these three
  BytePairRules byte_pair_rules_;
  UnigramRules unigram_rules_;
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_TOKENIZER_H_
