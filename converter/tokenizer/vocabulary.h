// A vocabulary: pieces by id, ids by piece.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_VOCABULARY_H_
#define POCKETBERT_CONVERTER_TOKENIZER_VOCABULARY_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "converter/support/json.h"

namespace pbert::converter {

class Vocabulary {
 public:
  // vocab.txt: a piece a line, its line number the id. As Python reads it, lines end in \n, \r\n or \r and nothing
  // else is trimmed. A blank line is a piece that no text can produce: it uses up its id; at the end it is dropped.
  // A piece that appears twice is an error: the reference would let the later id win without a word.
  static Vocabulary FromText(std::string_view text, const std::string& where);
  // tokenizer.json's "vocab": {piece: id}. Ids without a piece are allowed, two pieces with one id are not.
  static Vocabulary FromJson(const Json& vocab, const std::string& where);
  // Pieces by id. A piece that appears twice is an error.
  static Vocabulary FromPieces(std::vector<std::string> pieces, const std::string& where);

  // One per id; empty where there is none.
  const std::vector<std::string>& pieces() const { return pieces_; }
  // How many pieces there are, as the reference counts: the next added token's id.
  size_t count() const { return ids_.size() + (has_blank_ ? 1 : 0); }
  // -1 when there is no such piece.
  int64_t IdOf(const std::string& piece) const;

 private:
  std::vector<std::string> pieces_;
  std::unordered_map<std::string, uint32_t> ids_;
  bool has_blank_ = false;
};

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_TOKENIZER_VOCABULARY_H_
