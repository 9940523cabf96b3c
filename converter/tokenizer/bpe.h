// Byte-level BPE vocabularies: tokenizer.json's model, or vocab.json and merges.txt.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_BPE_H_
#define POCKETBERT_CONVERTER_TOKENIZER_BPE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "converter/support/json.h"
#include "converter/tokenizer/vocabulary.h"
#include "schema/model_generated.h"

namespace pbert::converter {

// Fills in what is byte-level BPE's own: kind, merges, unknown tokens. Returns the vocabulary. Throws Error beginning
// with `where`: for what is not supported, for merges of pieces that are not there, and for a byte that has no piece
// when there is no unknown token for it.
Vocabulary ReadBpeModel(const Json& model, const std::string& where, schema::TokenizerT* table);

// The two files of before tokenizer.json, as a model object of tokenizer.json. merges.txt: a merge a line, its pieces
// separated by a space; a first line "#version: ..." is skipped.
Json BpeModelOfFiles(Json vocab, std::string_view merges);

// The parts around that model in a tokenizer.json of RoBERTa's: "pre_tokenizer" and "post_processor".
using TokenAndId = std::pair<std::string, uint32_t>;
Json RobertaPipeline(const TokenAndId& cls, const TokenAndId& sep);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_TOKENIZER_BPE_H_
