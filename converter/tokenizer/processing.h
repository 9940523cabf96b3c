// tokenizer.json's "post_processor": the special tokens around a text, and which spaces belong to a token's extent.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_PROCESSING_H_
#define POCKETBERT_CONVERTER_TOKENIZER_PROCESSING_H_

#include <cstdint>
#include <string>

#include "converter/support/json.h"
#include "schema/model_generated.h"

namespace pbert::converter {

// Fills in the frames and the trim flags. `processor` may be null. Ids must be below `embedding_rows`. Throws Error,
// whose text begins with `where` and which names what is not supported.
void ReadProcessing(const Json* processor, uint32_t embedding_rows, const std::string& where,
                    schema::TokenizerT* table);

// RoBERTa's frame: cls first sep, and for a pair another sep, second, sep; all of type 0.
void SetRobertaFrame(uint32_t cls, uint32_t sep, schema::TokenizerT* table);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_TOKENIZER_PROCESSING_H_
