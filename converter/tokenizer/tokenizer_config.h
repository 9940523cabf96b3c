// tokenizer_config.json, and the files beside it that say the same: special_tokens_map.json and added_tokens.json of
// older checkpoints, config.json where it names the tokenizer's class.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_TOKENIZER_CONFIG_H_
#define POCKETBERT_CONVERTER_TOKENIZER_TOKENIZER_CONFIG_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "converter/support/json.h"
#include "converter/tokenizer/classes.h"
#include "schema/model_generated.h"

namespace pbert::converter {

// An added token of tokenizer.json or of `added_tokens_decoder`. Flags that are not there have the reference's
// defaults. `special` is what it is where the token does not say.
schema::AddedTokenT ReadAddedToken(const Json& json, const std::string& where, bool special = false);

// A token that plays a part, such as the mask.
struct SpecialToken {
  std::string content;  // empty: there is none
  bool stated = false;  // by a file, rather than by the class
  // Its flags, where it was given as an object; as a string it has none.
  std::optional<schema::AddedTokenT> object;
};

struct TokenizerConfig {
  bool exists = false;            // the file is there
  bool vocabulary_alone = false;  // it is not, but a vocab.txt is
  std::string where;              // its path
  const TokenizerClass* tokenizer_class = nullptr;
  std::string tokenizer_file = "tokenizer.json";  // or the one for this version of the reference
  bool lowercase = true;
  std::optional<bool> strip_accents;  // none: as `lowercase`
  bool space_cjk = true;
  std::optional<bool> add_prefix_space, trim_offsets;
  uint32_t max_tokens = 0;  // 0: none stated, or the "no limit" that the reference writes as 1e30
  std::optional<bool> truncate_left, pad_left;
  bool split_special = false;  // special tokens in a text are read as text
  bool clean_up = false;       // decoded text loses the blanks before punctuation
  bool token_types = true;     // the model sees the tokens' types
  SpecialToken bos, eos, unk, sep, pad, cls, mask;
  std::vector<SpecialToken> additional;
  bool has_decoder = false;                // added_tokens_decoder is there
  std::vector<schema::AddedTokenT> added;  // it, or else added_tokens.json, in order of ids

  // In the order in which the reference gives them ids.
  std::vector<const SpecialToken*> Specials() const;
};

// Reads what is there of these files in `directory`. Throws Error.
TokenizerConfig ReadTokenizerConfig(const std::filesystem::path& directory);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_TOKENIZER_TOKENIZER_CONFIG_H_
