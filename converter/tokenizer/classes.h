// The reference's fast tokenizer classes: what each makes of the files, as data.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_CLASSES_H_
#define POCKETBERT_CONVERTER_TOKENIZER_CLASSES_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "converter/support/json.h"

namespace pbert::converter {

// What a class sets in tokenizer.json by tokenizer_config.json or, where that does not say, by its own defaults.
enum class ClassOverride {
  kNothing,
  kBert,            // lower case, accents and Chinese characters of an outermost BertNormalizer
  kBertWithoutCjk,  // the first two
  kRoberta,         // "add_prefix_space" and "trim_offsets" of the post-processor
};

// The special tokens of a class where nobody states them; empty: it has none.
struct DefaultTokens {
  std::string_view bos = {}, eos = {}, unk = {}, sep = {}, pad = {}, cls = {}, mask = {};
};

struct TokenizerClass {
  std::string_view name;  // without "Fast"
  ClassOverride override;
  bool token_types;  // its answers tell them, so that the model sees them
  bool reads_vocab_text;
  bool mask_takes_space;  // a mask token that is no object has lstrip
  const DefaultTokens* tokens;
};

// The class that rules in `directory`: the one that tokenizer_config.json (`config`, or null) names, else config.json,
// else the default of config.json's model_type. Without any of these BERT's where there is a tokenizer_config.json, and
// else the generic one. Throws Error for a class that is not supported, naming it and the file.
const TokenizerClass& FindTokenizerClass(const std::filesystem::path& directory, const Json* config);

// True for a class that takes tokenizer.json as it is, flags of tokenizer_config.json notwithstanding.
bool IsGeneric(const TokenizerClass& tokenizer_class);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_TOKENIZER_CLASSES_H_
