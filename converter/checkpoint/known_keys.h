// What a checkpoint's files may say: ONE table of all keys that the converter knows. A key that is not in it is one
// that nobody thought about, and may change the reference's answers without changing ours: it is warned of by name.
#ifndef POCKETBERT_CONVERTER_CHECKPOINT_KNOWN_KEYS_H_
#define POCKETBERT_CONVERTER_CHECKPOINT_KNOWN_KEYS_H_

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "converter/support/callbacks.h"
#include "converter/support/json.h"

namespace pbert::converter {

struct KnownKey {
  // Keys from the top joined by dots, `*` for any key; lists are passed through. In a component, which is an object
  // with a string "type", they begin anew with that type: "BertNormalizer.lowercase". What lies below a key that no
  // other row continues is not looked at.
  std::string_view path;
  // Why it does not change an answer; empty: it is honoured, or its values that are not supported are refused by name.
  std::string_view without_effect;
};

inline constexpr std::string_view kHonoured;

// The rows of a file, by its name. Empty for a file whose keys nobody has listed: it is not looked at.
std::span<const KnownKey> KnownKeysOf(std::string_view file);

// Those of config.json, which depend on the model's type, and of sentence-transformers' files: modules.json,
// config_sentence_transformers.json, pooling/config.json and, for all of its names, sentence_bert_config.json.
std::vector<KnownKey> KnownConfigKeys(std::string_view model_type);
std::span<const KnownKey> KnownSentenceTransformerKeys(std::string_view file);

// Warns of each key of `json`, the file `path`, that is not in `known`, once. The components of a type that is not in
// the table are left to whoever reads them.
void WarnOfUnknownKeys(const Json& json, const std::string& path, std::span<const KnownKey> known,
                       const WarningCallback& warn);

// The same for the files in `directory` itself that are listed and there.
void WarnOfUnknownKeys(const std::filesystem::path& directory, const WarningCallback& warn);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_CHECKPOINT_KNOWN_KEYS_H_
