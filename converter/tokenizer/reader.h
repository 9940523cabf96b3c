// The tokenizer files of a checkpoint as the schema's tokenizer table.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_READER_H_
#define POCKETBERT_CONVERTER_TOKENIZER_READER_H_

#include <cstdint>
#include <filesystem>
#include <memory>

#include "schema/model_generated.h"

namespace pbert::converter {

// Reads tokenizer.json (of several, the one for the reference's version) or, where there is none, vocab.txt or
// vocab.json and merges.txt; and tokenizer_config.json and its companions beside it, with what the reference's fast
// tokenizers make of them:
//  - tokenizer.json gives vocabulary, normalizer, added tokens, the frame of special tokens and the decoder; of its
//    `truncation` and `padding` only the directions count, and these only where tokenizer_config.json has none;
//  - the class (classes.h) overrides parts of that, by tokenizer_config.json or by its own defaults;
//  - tokenizer_config.json adds special and added tokens and gives model_max_length.
// `embedding_rows` is the size of the token embedding: every id must be below it. `answers_questions`: that is what the
// model is for.
// Throws Error naming the file, and whatever is in it that is not supported.
std::unique_ptr<schema::TokenizerT> ReadTokenizer(const std::filesystem::path& directory, uint32_t embedding_rows,
                                                  bool answers_questions = false);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_TOKENIZER_READER_H_
