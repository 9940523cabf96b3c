// Tokenizers for tests, made in memory as the converter makes them in a file.
#ifndef POCKETBERT_TESTS_TEXT_TOKENIZER_FIXTURE_H_
#define POCKETBERT_TESTS_TEXT_TOKENIZER_FIXTURE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "converter/tokenizer/trie_builder.h"
#include "schema/model_generated.h"
#include "text/encoding.h"
#include "text/tokenizer.h"

namespace pbert::test {

// The lines of a file, without their ends.
std::vector<std::string> ReadLines(const std::string& path);

// A lower-casing BERT tokenizer over `pieces`, which hold [PAD], [UNK], [CLS], [SEP] and [MASK]: with these as added
// tokens and [CLS] A [SEP] B [SEP] as its frame. The trie is not built yet: change what you like first.
schema::TokenizerT BertTable(const std::vector<std::string>& pieces);

// Adds a token that is not in the vocabulary, with the next free id, which is returned.
struct AddedTokenFlags {
  bool single_word = false, lstrip = false, rstrip = false, normalized = false;
};
uint32_t AddToken(schema::TokenizerT* table, const std::string& content, const AddedTokenFlags& flags);

// Builds the trie if there is none, serialises the table and opens it from there.
class TestTokenizer {
 public:
  explicit TestTokenizer(schema::TokenizerT table);
  TestTokenizer(const TestTokenizer&) = delete;
  TestTokenizer& operator=(const TestTokenizer&) = delete;

  const Status& status() const { return status_; }
  const Tokenizer& get() const { return tokenizer_; }
  TokenizerScratch* scratch() { return &scratch_; }

  // All tokens of a text, without the frame.
  std::vector<Token> Tokens(std::string_view text);
  // "hel(0,3) ##lo(3,5)": pieces and byte offsets, easy to read in a failed check.
  std::string Describe(std::string_view text);
  // An encoding of up to `max_tokens` tokens, valid until the next one.
  const Encoding& Encoded(std::string_view text, size_t max_tokens);
  const Encoding& EncodedPair(std::string_view text, std::string_view pair, size_t max_tokens);

 private:
  void MakeRoom(size_t max_tokens);

  std::vector<uint8_t> file_;
  Tokenizer tokenizer_;
  Status status_;
  std::vector<uint8_t> scratch_memory_;
  TokenizerScratch scratch_;
  std::vector<uint8_t> encoding_memory_;
  Encoding encoding_;
};

}  // namespace pbert::test

#endif  // POCKETBERT_TESTS_TEXT_TOKENIZER_FIXTURE_H_
