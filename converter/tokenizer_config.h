// tokenizer_config.json, and special_tokens_map.json of older checkpoints.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_CONFIG_H_
#define POCKETBERT_CONVERTER_TOKENIZER_CONFIG_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "converter/json.h"
#include "schema/model_generated.h"

namespace pbert {

// An added token of tokenizer.json or of `added_tokens_decoder`. Flags that are not there have the reference's
// defaults.
schema::AddedTokenT ReadAddedToken(const Json& json, const std::string& where);

struct TokenizerConfig {
  bool exists = false;          // the file is there
  std::string where;            // its path
  std::string tokenizer_class;  // empty: not stated
  bool lowercase = true;
  std::optional<bool> strip_accents;  // none: as `lowercase`
  bool space_cjk = true;
  uint32_t max_tokens = 0;  // 0: none stated, or the "no limit" that the reference writes as 1e30
  std::string unk = "[UNK]", cls = "[CLS]", sep = "[SEP]", pad = "[PAD]", mask = "[MASK]";
  std::vector<std::string> additional;
  std::vector<schema::AddedTokenT> added;  // added_tokens_decoder, in order of its ids

  // True for the class that takes tokenizer.json as it is, flags of its own notwithstanding.
  bool generic() const;
};

// Reads what is there of both files in `directory`. Throws Error.
TokenizerConfig ReadTokenizerConfig(const std::filesystem::path& directory);

}  // namespace pbert

#endif  // POCKETBERT_CONVERTER_TOKENIZER_CONFIG_H_
