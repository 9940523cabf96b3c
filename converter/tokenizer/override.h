// What the reference's tokenizer classes change in a tokenizer.json.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_OVERRIDE_H_
#define POCKETBERT_CONVERTER_TOKENIZER_OVERRIDE_H_

#include "converter/support/json.h"
#include "converter/tokenizer/tokenizer_config.h"

namespace pbert::converter {

// Only outermost components are looked at, as there, and only keys that they have are set:
//  - BERT's classes: lower case, accents and Chinese characters of a BertNormalizer. One case differs from the
//    reference: where vocab.txt lies beside tokenizer.json and tokenizer_config.json is missing, the reference would
//    lower-case the texts of cased vocabularies. Here tokenizer.json decides, and the goldens, which the tokenizers
//    library made, agree;
//  - all: "add_prefix_space" of a ByteLevel pre-tokenizer, which is off unless stated;
//  - RoBERTa's: the same of the post-processor, and its "trim_offsets", which is on unless stated.
void OverrideByClass(const TokenizerConfig& config, Json* tokenizer);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_TOKENIZER_OVERRIDE_H_
