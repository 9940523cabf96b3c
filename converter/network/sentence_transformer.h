// Directories that the sentence-transformers library writes: an encoder, and what makes one embedding of its rows.
#ifndef POCKETBERT_CONVERTER_NETWORK_SENTENCE_TRANSFORMER_H_
#define POCKETBERT_CONVERTER_NETWORK_SENTENCE_TRANSFORMER_H_

#include <cstdint>
#include <filesystem>

#include "converter/support/callbacks.h"
#include "schema/model_generated.h"

namespace pbert::converter {

struct SentenceTransformer {
  bool exists = false;            // there is a modules.json
  std::filesystem::path encoder;  // the directory with config.json, weights and tokenizer
  schema::Pooling pooling = schema::Pooling::None;
  bool normalize = false;
  uint32_t max_tokens = 0;        // max_seq_length; 0: none stated, and the tokenizer's counts
  schema::TextPreparationT text;  // what encode() does before the tokenizer does anything
};

// Reads modules.json and what it names. Without one, `encoder` is the directory itself. Warns of keys that are not
// known. Throws Error naming what is not supported.
SentenceTransformer ReadSentenceTransformer(const std::filesystem::path& directory, const WarningCallback& warn);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_NETWORK_SENTENCE_TRANSFORMER_H_
