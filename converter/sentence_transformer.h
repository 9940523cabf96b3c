// Directories that the sentence-transformers library writes: an encoder, and what makes one embedding of its rows.
#ifndef POCKETBERT_CONVERTER_SENTENCE_TRANSFORMER_H_
#define POCKETBERT_CONVERTER_SENTENCE_TRANSFORMER_H_

#include <cstdint>
#include <filesystem>

#include "schema/model_generated.h"

namespace pbert {

struct SentenceTransformer {
  bool exists = false;            // there is a modules.json
  std::filesystem::path encoder;  // the directory with config.json, weights and tokenizer
  schema::Pooling pooling = schema::Pooling::None;
  bool normalize = false;
  uint32_t max_tokens = 0;  // sentence_bert_config.json's max_seq_length; 0: none stated
  bool lowercase = false;   // it lower-cases before the tokenizer does anything
};

// Reads modules.json and what it names. Without one, `encoder` is the directory itself. Throws Error naming a module
// that is not supported.
SentenceTransformer ReadSentenceTransformer(const std::filesystem::path& directory);

}  // namespace pbert

#endif  // POCKETBERT_CONVERTER_SENTENCE_TRANSFORMER_H_
