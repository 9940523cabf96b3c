// Unigram vocabularies of tokenizer.json.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_UNIGRAM_H_
#define POCKETBERT_CONVERTER_TOKENIZER_UNIGRAM_H_

#include <string>

#include "converter/support/json.h"
#include "converter/tokenizer/vocabulary.h"
#include "schema/model_generated.h"

namespace pbert::converter {

// Fills in what is Unigram's own: kind, scores, unknown token. Returns the vocabulary. Throws Error beginning with
// `where`.
Vocabulary ReadUnigramModel(const Json& model, const std::string& where, schema::TokenizerT* table);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_TOKENIZER_UNIGRAM_H_
