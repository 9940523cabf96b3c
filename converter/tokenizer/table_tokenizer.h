// Text to ids by a tokenizer's table that is in no file yet.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_TABLE_TOKENIZER_H_
#define POCKETBERT_CONVERTER_TOKENIZER_TABLE_TOKENIZER_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "schema/model_generated.h"
#include "text/token_stream.h"
#include "text/tokenizer.h"

namespace pbert::converter {

// The runtime's own tokenizer over a copy of the table. One thread at a time.
class TableTokenizer {
 public:
  // Throws Error where the runtime refuses the table.
  explicit TableTokenizer(const schema::TokenizerT& table);
  TableTokenizer(const TableTokenizer&) = delete;
  TableTokenizer& operator=(const TableTokenizer&) = delete;

  // Of the whole text, without special tokens around it. Valid until the next call.
  const std::vector<uint32_t>& Ids(std::string_view text);

 private:
  flatbuffers::FlatBufferBuilder file_;
  Tokenizer tokenizer_;
  std::vector<uint8_t> memory_;
  TokenizerScratch scratch_;
  std::vector<uint32_t> ids_;
};

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_TOKENIZER_TABLE_TOKENIZER_H_
