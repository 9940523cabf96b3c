#include "converter/tokenizer/table_tokenizer.h"

#include "base/arena.h"
#include "converter/support/error.h"

namespace pbert::converter {

TableTokenizer::TableTokenizer(const schema::TokenizerT& table) {
  file_.Finish(schema::Tokenizer::Pack(file_, &table));
  ThrowIfError(Tokenizer::Open(*flatbuffers::GetRoot<schema::Tokenizer>(file_.GetBufferPointer()), &tokenizer_));
  Arena counting;
  (void)TokenizerScratch::Take(tokenizer_, &counting);
  memory_.resize(counting.Needed());
  Arena arena(memory_.data(), memory_.size());
  scratch_ = TokenizerScratch::Take(tokenizer_, &arena);
}

const std::vector<uint32_t>& TableTokenizer::Ids(std::string_view text) {
  ids_.clear();
  TokenStream& stream = scratch_.Begin(text);
  for (Token token; stream.Next(&token);) ids_.push_back(static_cast<uint32_t>(token.id));
  return ids_;
}

}  // namespace pbert::converter
