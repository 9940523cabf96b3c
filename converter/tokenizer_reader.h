// The tokenizer files of a checkpoint as the schema's tokenizer table.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_READER_H_
#define POCKETBERT_CONVERTER_TOKENIZER_READER_H_

#include <cstdint>
#include <filesystem>
#include <memory>

#include "schema/model_generated.h"

namespace pbert {

// Reads tokenizer.json or, where there is none, vocab.txt; and tokenizer_config.json beside it, with what the
// reference's fast BERT tokenizers make of them:
//  - tokenizer.json gives vocabulary, normalizer, added tokens and the frame of special tokens; its `truncation` and
//    `padding` are ignored;
//  - tokenizer_config.json overrides lower-casing, accents and Chinese characters (where it does not mention them, by
//    the reference's defaults), unless its tokenizer_class is the generic PreTrainedTokenizerFast; it adds special
//    and added tokens and gives model_max_length. Without that file tokenizer.json stands as it is.
// `embedding_rows` is the size of the token embedding: every id must be below it.
// Throws Error naming the file, and whatever is in it that is not supported.
std::unique_ptr<schema::TokenizerT> ReadTokenizer(const std::filesystem::path& directory, uint32_t embedding_rows);

}  // namespace pbert

#endif  // POCKETBERT_CONVERTER_TOKENIZER_READER_H_
