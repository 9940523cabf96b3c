#include "converter/tokenizer/tokenizer_config.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <set>

#include "converter/support/error.h"
#include "converter/tokenizer/tokenizer_json.h"
#include "converter/tokenizer/version.h"

namespace pbert::converter {
namespace {

// A special token is a string, or an object with its "content".
std::string ReadContent(const Json& value, const std::string& where) {
  const Json* content = value.is_object() ? Get(value, "content") : &value;
  if (content == nullptr || !content->is_string() || content->get<std::string>().empty()) {
    throw Error(where + ": " + Excerpt(value) + " is not a token");
  }
  return content->get<std::string>();
}

SpecialToken ReadSpecialToken(const Json& value, const std::string& where) {
  SpecialToken token;
  token.stated = true;
  if (value.is_null()) return token;  // said to be missing
  token.content = ReadContent(value, where);
  if (value.is_object()) token.object = ReadAddedToken(value, where, true);
  return token;
}

void ReadSpecialTokens(const Json& json, const std::string& where, TokenizerConfig* config) {
  const std::map<const char*, SpecialToken*> tokens = {{"bos_token", &config->bos},  {"eos_token", &config->eos},
                                                       {"unk_token", &config->unk},  {"cls_token", &config->cls},
                                                       {"sep_token", &config->sep},  {"pad_token", &config->pad},
                                                       {"mask_token", &config->mask}};
  for (const auto& [key, token] : tokens) {
    const auto value = json.find(key);
    if (value != json.end()) *token = ReadSpecialToken(*value, where + ": \"" + key + "\"");
  }
  for (const char* key : {"additional_special_tokens", "extra_special_tokens"}) {
    const Json* list = Get(json, key);
    if (list == nullptr) continue;
    if (!list->is_array() && !list->is_object()) throw Error(where + ": \"" + key + "\" is not a list of tokens");
    for (const Json& value : *list) {
      config->additional.push_back(ReadSpecialToken(value, where + ": \"" + key + "\""));
    }
  }
}

void SetDefaultTokens(TokenizerConfig* config) {
  const DefaultTokens& tokens = *config->tokenizer_class->tokens;
  config->bos.content = tokens.bos;
  config->eos.content = tokens.eos;
  config->unk.content = tokens.unk;
  config->sep.content = tokens.sep;
  config->pad.content = tokens.pad;
  config->cls.content = tokens.cls;
  config->mask.content = tokens.mask;
}

// {"103": {"content": "[MASK]", ...}, ...}. The keys do not choose the ids, their order does.
void ReadAddedDecoder(const Json& decoder, const std::string& where, TokenizerConfig* config) {
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

// added_tokens.json: {"[NEW]": 30522, ...}. Again only the order of the ids counts.
void ReadAddedTokensFile(const Json& json, const std::string& where, TokenizerConfig* config) {
  std::map<uint64_t, std::string> by_id;
  for (const auto& [content, id] : json.items()) {
    if (!id.is_number_unsigned() || content.empty()) {
      throw Error(where + ": \"" + content + "\": " + Excerpt(id) + " is not an id");
    }
    by_id[id.get<uint64_t>()] = content;
  }
  std::set<std::string> specials;
  for (const SpecialToken* special : config->Specials()) {
    if (special->stated) specials.insert(special->content);
  }
  for (const auto& [id, content] : by_id) {
    schema::AddedTokenT token;
    token.content = content;
    token.id = static_cast<uint32_t>(std::min<uint64_t>(id, std::numeric_limits<uint32_t>::max()));
    token.special = specials.contains(token.content);
    token.normalized = !token.special;
    config->added.push_back(std::move(token));
  }
}

uint32_t ReadMaxTokens(const Json& json, const std::string& where) {
  // The old name counts only where the new one is not there at all; a null is there, and says that there is no limit.
  const char* const key = json.contains("model_max_length") ? "model_max_length" : "max_len";
  const Json* value = Get(json, key);
  if (value == nullptr) return 0;
  if (!value->is_number() || !(value->get<double>() >= 1)) {
    throw Error(where + ": \"" + key + "\" is " + Excerpt(*value) + ", expected a number of at least 1");
  }
  // What has no limit is saved as int(1e30).
  const double tokens = value->get<double>();
  return tokens > std::numeric_limits<int32_t>::max() ? 0 : static_cast<uint32_t>(tokens);
}

std::optional<bool> ReadOptionalFlag(const Json& json, const char* key, const std::string& where) {
  if (Get(json, key) == nullptr) return std::nullopt;
  return ReadFlag(json, key, false, where);
}

std::optional<bool> ReadLeft(const Json& json, const char* key, const std::string& where) {
  const Json* value = Get(json, key);
  if (value == nullptr) return std::nullopt;
  if (*value != "left" && *value != "right") {
    throw Error(where + ": \"" + key + "\" is " + Excerpt(*value) +
                ", which is not supported (supported: left, right)");
  }
  return *value == "left";
}

// The names of what the tokenizer answers with; of these only the types are not always needed.
bool ReadTokenTypes(const Json& json, bool default_value, const std::string& where) {
  const Json* names = Get(json, "model_input_names");
  if (names == nullptr) return default_value;
  if (!names->is_array()) throw Error(where + ": \"model_input_names\" is not a list of names");
  return std::find(names->begin(), names->end(), "token_type_ids") != names->end();
}

void ReadConfigFile(const Json& json, TokenizerConfig* config) {
  const std::string& where = config->where;
  config->lowercase = ReadFlag(json, "do_lower_case", true, where);
  config->space_cjk = ReadFlag(json, "tokenize_chinese_chars", true, where);
  config->strip_accents = ReadOptionalFlag(json, "strip_accents", where);
  config->add_prefix_space = ReadOptionalFlag(json, "add_prefix_space", where);
  config->trim_offsets = ReadOptionalFlag(json, "trim_offsets", where);
  config->max_tokens = ReadMaxTokens(json, where);
  config->truncate_left = ReadLeft(json, "truncation_side", where);
  config->pad_left = ReadLeft(json, "padding_side", where);
  config->split_special = ReadFlag(json, "split_special_tokens", false, where);
  config->clean_up = ReadFlag(json, "clean_up_tokenization_spaces", false, where);
  config->token_types = ReadTokenTypes(json, config->token_types, where);
  if (const Json* files = Get(json, "fast_tokenizer_files")) {
    config->tokenizer_file = FastTokenizerFile(*files, where + ": \"fast_tokenizer_files\"");
  }
  ReadSpecialTokens(json, where, config);
  if (const Json* decoder = Get(json, "added_tokens_decoder")) {
    config->has_decoder = true;
    ReadAddedDecoder(*decoder, where + ": \"added_tokens_decoder\"", config);
  }
}

}  // namespace

schema::AddedTokenT ReadAddedToken(const Json& json, const std::string& where, bool special) {
  if (!json.is_object()) throw Error(where + ": an added token is not an object");
  schema::AddedTokenT token;
  token.content = ReadContent(json, where);
  token.special = ReadFlag(json, "special", special, where);
  token.single_word = ReadFlag(json, "single_word", false, where);
  token.lstrip = ReadFlag(json, "lstrip", false, where);
  token.rstrip = ReadFlag(json, "rstrip", false, where);
  token.normalized = ReadFlag(json, "normalized", !token.special, where);
  return token;
}

std::vector<const SpecialToken*> TokenizerConfig::Specials() const {
  std::vector<const SpecialToken*> list = {&bos, &eos, &unk, &sep, &pad, &cls, &mask};
  for (const SpecialToken& token : additional) list.push_back(&token);
  return list;
}

TokenizerConfig ReadTokenizerConfig(const std::filesystem::path& directory) {
  TokenizerConfig config;
  const std::filesystem::path file = directory / "tokenizer_config.json";
  config.where = file.string();
  config.exists = std::filesystem::exists(file);
  config.vocabulary_alone = !config.exists && std::filesystem::exists(directory / "vocab.txt");
  Json json;
  if (config.exists) json = ReadJsonFile(file);
  config.tokenizer_class = &FindTokenizerClass(directory, config.exists ? &json : nullptr);
  config.token_types = config.tokenizer_class->token_types;
  SetDefaultTokens(&config);
  if (config.exists) ReadConfigFile(json, &config);
  // Since added_tokens_decoder exists, the other two files say nothing new.
  if (config.has_decoder) return config;
  const std::filesystem::path map = directory / "special_tokens_map.json";
  if (std::filesystem::exists(map)) ReadSpecialTokens(ReadJsonFile(map), map.string(), &config);
  const std::filesystem::path added = directory / "added_tokens.json";
  if (std::filesystem::exists(added)) ReadAddedTokensFile(ReadJsonFile(added), added.string(), &config);
  return config;
}

}  // namespace pbert::converter
