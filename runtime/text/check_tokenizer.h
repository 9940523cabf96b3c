// Do a tokenizer's ids, pieces and frames fit each other, and the model that it is part of?
#ifndef POCKETBERT_TEXT_CHECK_TOKENIZER_H_
#define POCKETBERT_TEXT_CHECK_TOKENIZER_H_

#include <cstdint>

#include "base/status.h"
#include "model/model.h"
#include "schema/model_generated.h"

namespace pbert {

// Checks every number by which the tokenizer is followed, and that the rest of the file has what it asks for: rows of
// the embeddings, positions, a mask token for a fill-mask head. FORMAT.md lists the rules. Whether the tokenizer's
// kind is implemented, and its trie good, is not asked: Tokenizer::Open does that behind these checks.
// `vocabulary_size` becomes the least number above every id that a text can give.
Status CheckTokenizer(const Model& model, uint32_t* vocabulary_size);

// The same for a tokenizer without a model, which has no embedding to fit.
Status CheckTokenizer(const schema::Tokenizer& tokenizer, uint32_t* vocabulary_size);

}  // namespace pbert

#endif  // POCKETBERT_TEXT_CHECK_TOKENIZER_H_
