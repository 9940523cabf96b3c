// What the reference's tokenizer classes change in a tokenizer.json.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_OVERRIDE_H_
#define POCKETBERT_CONVERTER_TOKENIZER_OVERRIDE_H_

#include "converter/json.h"
#include "converter/tokenizer_config.h"

namespace pbert {

// Only outermost components are looked at, as there, and only keys that they have are set:
//  - BERT's classes: lower case, accents and Chinese characters of a BertNormalizer. NOT as there where a vocab.txt
//  lies
//    beside tokenizer.json and no tokenizer_config.json does: the reference would lower-case cased vocabularies then,
//    and tokenizer.json stands, as the goldens of shared/check/tokenizers.py have it, which are the tokenizers
//    library's;
//  - all: "add_prefix_space" of a ByteLevel pre-tokenizer, which is off unless stated;
//  - RoBERTa's: the same of the post-processor, and its "trim_offsets", which is on unless stated.
void OverrideByClass(const TokenizerConfig& config, Json* tokenizer);

}  // namespace pbert

#endif  // POCKETBERT_CONVERTER_TOKENIZER_OVERRIDE_H_
