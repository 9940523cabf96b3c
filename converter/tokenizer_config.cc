#include "converter/tokenizer_config.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>

#include "converter/error.h"
#include "converter/tokenizer_json.h"

namespace pbert {
namespace {

// A special token is a string, or an object with its "content".
std::string ReadContent(const Json& value, const std::string& where) {
  const Json* content = value.is_object() ? Get(value, "content") : &value;
  if (content == nullptr || !content->is_string() || content->get<std::string>().empty()) {
    throw Error(where + ": " + value.dump().substr(0, 80) + " is not a token");
  }
  return content->get<std::string>();
}

void ReadSpecialTokens(const Json& json, const std::string& where, TokenizerConfig* config) {
  const std::map<const char*, std::string*> tokens = {{"unk_token", &config->unk},
                                                      {"cls_token", &config->cls},
                                                      {"sep_token", &config->sep},
                                                      {"pad_token", &config->pad},
                                                      {"mask_token", &config->mask}};
  for (const auto& [key, token] : tokens) {
    if (const Json* value = Get(json, key)) *token = ReadContent(*value, where + ": \"" + key + "\"");
  }
  for (const char* key : {"additional_special_tokens", "extra_special_tokens"}) {
    const Json* list = Get(json, key);
    if (list == nullptr) continue;
    if (!list->is_array() && !list->is_object()) throw Error(where + ": \"" + key + "\" is not a list of tokens");
    for (const Json& value : *list) config->additional.push_back(ReadContent(value, where + ": \"" + key + "\""));
  }
}

// {"103": {"content": "[MASK]", ...}, ...}. The keys do not choose the ids, their order does.
void ReadDecoder(const Json& decoder, const std::string& where, TokenizerConfig* config) {
  if (!decoder.is_object()) throw Error(where + ": not an object of ids and tokens");
  std::map<uint64_t, const Json*> by_id;
  for (const auto& [key, token] : decoder.items()) {
    uint64_t id = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
    if (error != std::errc() || end != key.data() + key.size()) throw Error(where + ": \"" + key + "\" is not an id");
    by_id[id] = &token;
  }
  for (const auto& [id, token] : by_id) config->added.push_back(ReadAddedToken(*token, where));
}

uint32_t ReadMaxTokens(const Json& json, const std::string& where) {
  const Json* value = Get(json, "model_max_length");
  if (value == nullptr) value = Get(json, "max_len");
  if (value == nullptr) return 0;
  if (!value->is_number() || !(value->get<double>() >= 1)) {
    throw Error(where + ": \"model_max_length\" is " + value->dump() + ", expected a number of at least 1");
  }
  // What has no limit is saved as int(1e30).
  const double tokens = value->get<double>();
  return tokens > std::numeric_limits<int32_t>::max() ? 0 : static_cast<uint32_t>(tokens);
}

}  // namespace

schema::AddedTokenT ReadAddedToken(const Json& json, const std::string& where) {
  if (!json.is_object()) throw Error(where + ": an added token is not an object");
  schema::AddedTokenT token;
  token.content = ReadContent(json, where);
  token.special = ReadFlag(json, "special", false, where);
  token.single_word = ReadFlag(json, "single_word", false, where);
  token.lstrip = ReadFlag(json, "lstrip", false, where);
  token.rstrip = ReadFlag(json, "rstrip", false, where);
  token.normalized = ReadFlag(json, "normalized", !token.special, where);
  return token;
}

bool TokenizerConfig::generic() const {
  return tokenizer_class == "PreTrainedTokenizerFast" || tokenizer_class == "PreTrainedTokenizer" ||
         tokenizer_class == "TokenizersBackend";
}

TokenizerConfig ReadTokenizerConfig(const std::filesystem::path& directory) {
  TokenizerConfig config;
  const std::filesystem::path file = directory / "tokenizer_config.json";
  config.where = file.string();
  config.exists = std::filesystem::exists(file);
  bool has_decoder = false;
  if (config.exists) {
    const Json json = ReadJsonFile(file);
    const std::string& where = config.where;
    if (const Json* name = Get(json, "tokenizer_class")) {
      if (!name->is_string()) throw Error(where + ": \"tokenizer_class\" is not a name");
      config.tokenizer_class = name->get<std::string>();
    }
    config.lowercase = ReadFlag(json, "do_lower_case", true, where);
    config.space_cjk = ReadFlag(json, "tokenize_chinese_chars", true, where);
    if (Get(json, "strip_accents")) config.strip_accents = ReadFlag(json, "strip_accents", false, where);
    config.max_tokens = ReadMaxTokens(json, where);
    ReadSpecialTokens(json, where, &config);
    if (const Json* decoder = Get(json, "added_tokens_decoder")) {
      has_decoder = true;
      ReadDecoder(*decoder, where + ": \"added_tokens_decoder\"", &config);
    }
  }
  // Since added_tokens_decoder exists, special_tokens_map.json says nothing new.
  const std::filesystem::path map = directory / "special_tokens_map.json";
  if (!has_decoder && std::filesystem::exists(map)) ReadSpecialTokens(ReadJsonFile(map), map.string(), &config);
  return config;
}

}  // namespace pbert
