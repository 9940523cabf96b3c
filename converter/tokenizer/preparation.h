// tokenizer.json's "normalizer" and "pre_tokenizer", where they are not BERT's.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_PREPARATION_H_
#define POCKETBERT_CONVERTER_TOKENIZER_PREPARATION_H_

#include <memory>
#include <string>

#include "converter/support/json.h"
#include "schema/model_generated.h"

namespace pbert::converter {

// Whether these two are what the tokenizer table says with BERT's flags alone: a BertNormalizer, or none, and a
// BertPreTokenizer.
bool IsBertPreparation(const Json* normalizer, const Json* pre_tokenizer);

// As steps of the schema. Either may be null. Throws Error, beginning with `where`, that names what is not supported.
std::unique_ptr<schema::PreparationT> ReadPreparation(const Json* normalizer, const Json* pre_tokenizer,
                                                      const std::string& where);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_TOKENIZER_PREPARATION_H_
