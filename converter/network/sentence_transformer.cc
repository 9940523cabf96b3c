#include "converter/network/sentence_transformer.h"

#include <nlohmann/json.hpp>
#include <string>

#include "converter/checkpoint/known_keys.h"
#include "converter/support/error.h"
#include "converter/support/file.h"
#include "converter/support/json.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;

const Json* ValueOf(const Json& json, const std::string& key) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

// As Python asks whether a value is true.
bool Truth(const Json& json, const std::string& key, bool default_value) {
  const Json* value = ValueOf(json, key);
  if (value == nullptr) return json.contains(key) ? false : default_value;
  if (value->is_boolean()) return value->get<bool>();
  if (value->is_number()) return *value != 0;
  return !value->empty();
}

Json ReadKnown(const fs::path& file, const char* table, const WarningCallback& warn) {
  Json json = ReadJsonValueFile(file);
  WarnOfUnknownKeys(json, file.string(), KnownSentenceTransformerKeys(table), warn);
  return json;
}

struct PoolingMode {
  const char *name, *flag;
  schema::Pooling pooling;
};
constexpr PoolingMode kPoolingModes[] = {
    {"cls", "pooling_mode_cls_token", schema::Pooling::Cls},
    {"mean", "pooling_mode_mean_tokens", schema::Pooling::Mean},
    {"max", "pooling_mode_max_tokens", schema::Pooling::Max},
    {"mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens", schema::Pooling::MeanSqrtLength},
    {"weightedmean", "pooling_mode_weightedmean_tokens", schema::Pooling::WeightedMean},
    {"lasttoken", "pooling_mode_lasttoken", schema::Pooling::Last}};

// 1_Pooling/config.json: a name, or else flags, of which the mean's is true unless it is there.
void ReadPooling(const fs::path& file, const WarningCallback& warn, SentenceTransformer* result) {
  const Json json = ReadKnown(file, "pooling/config.json", warn);
  result->text.skip_prompt = !Truth(json, "include_prompt", true);
  const Json* named = ValueOf(json, "pooling_mode");
  std::string supported, chosen;
  for (const PoolingMode& mode : kPoolingModes) {
    supported += (supported.empty() ? "" : ", ") + std::string(mode.name);
    std::string name = named != nullptr && named->is_string() ? named->get<std::string>() : "";
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const bool on =
        named != nullptr ? name == mode.name : Truth(json, mode.flag, mode.pooling == schema::Pooling::Mean);
    if (!on) continue;
    chosen += (chosen.empty() ? "" : " and ") + std::string(mode.name);
    if (result->pooling != schema::Pooling::None) {
      throw Error(file.string() + ": several poolings at once, " + chosen +
                  ", are not supported (a \"pooling_mode_mean_tokens\" that is missing is true)");
    }
    result->pooling = mode.pooling;
  }
  if (result->pooling != schema::Pooling::None) return;
  throw Error(
      file.string() + ": " +
      (named != nullptr ? "pooling " + Excerpt(*named) + " is not supported" : "no \"pooling_mode_...\" is true") +
      " (supported: " + supported + ")");
}

// {"max_seq_length": 256, "do_lower_case": false}: the first of these files that says anything.
void ReadLimits(const fs::path& directory, const WarningCallback& warn, SentenceTransformer* result) {
  for (const char* kind : {"bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"}) {
    const fs::path file = directory / (std::string("sentence_") + kind + "_config.json");
    if (!fs::exists(file)) continue;
    const Json json = ReadKnown(file, "sentence_bert_config.json", warn);
    if (!json.is_object()) throw Error(file.string() + ": not a JSON object");
    if (json.empty()) continue;
    if (const Json* length = ValueOf(json, "max_seq_length")) {
      if (!length->is_number_unsigned() || *length < 1 || *length > (1u << 30)) {
        throw Error(file.string() + ": \"max_seq_length\" is " + Excerpt(*length) +
                    ", expected a whole number of at least 1");
      }
      result->max_tokens = length->get<uint32_t>();
    }
    result->text.lowercase = Truth(json, "do_lower_case", false);
    for (const char* key : {"model_args", "tokenizer_args", "config_args", "tokenizer_name_or_path"}) {
      if (Truth(json, key, false)) {
        throw Error(file.string() + ": \"" + key +
                    "\" changes what the checkpoint itself says, which is not supported");
      }
    }
    return;
  }
}

// The prompt of that name is what encode() puts in front of each text.
void ReadPrompt(const fs::path& file, const WarningCallback& warn, SentenceTransformer* result) {
  if (!fs::exists(file)) return;
  const Json json = ReadKnown(file, "config_sentence_transformers.json", warn);
  if (!json.is_object()) throw Error(file.string() + ": not a JSON object");
  if (const Json* type = ValueOf(json, "model_type"); type != nullptr && *type != "SentenceTransformer") {
    throw Error(file.string() + ": \"model_type\" is " + Excerpt(*type) +
                ", which is not supported (supported: SentenceTransformer)");
  }
  if (!Truth(json, "default_prompt_name", false)) return;
  const Json& name = json["default_prompt_name"];
  const Json* prompts = ValueOf(json, "prompts");
  const Json* prompt = nullptr;
  if (name.is_string() && prompts != nullptr && prompts->is_object())
    prompt = ValueOf(*prompts, name.get<std::string>());
  // These two every model has, with nothing in them.
  if (prompt == nullptr && (name == "query" || name == "document")) return;
  if (prompt == nullptr || !prompt->is_string()) {
    throw Error(file.string() + ": \"default_prompt_name\" is " + Excerpt(name) + ", but \"prompts\" has no such text");
  }
  result->text.prompt = prompt->get<std::string>();
}

// "sentence_transformers.models.Pooling": the last part, or "" for a class of somebody else's.
std::string KindOf(const std::string& type) {
  return type.starts_with("sentence_transformers.") ? type.substr(type.rfind('.') + 1) : "";
}

}  // namespace

SentenceTransformer ReadSentenceTransformer(const fs::path& directory, const WarningCallback& warn) {
  SentenceTransformer result;
  result.encoder = directory;
  const fs::path file = directory / "modules.json";
  if (!fs::exists(file)) return result;
  // A list of objects, each with the module's class and folder.
  const Json modules = ReadKnown(file, "modules.json", warn);
  if (!modules.is_array()) throw Error(file.string() + ": not a list of modules");
  result.exists = true;
  result.text.strip = true;
  bool has_encoder = false;
  for (const Json& module : modules) {
    const bool known = module.is_object() && module.contains("type") && module["type"].is_string() &&
                       module.contains("path") && module["path"].is_string();
    if (!known) throw Error(file.string() + ": a module without type and path");
    const std::string type = module["type"].get<std::string>(), kind = KindOf(type);
    const fs::path folder = PathInside(directory, module["path"].get<std::string>(), file.string());
    if (kind == "Transformer" && !has_encoder) {
      has_encoder = true;
      result.encoder = module["path"].get<std::string>().empty() ? directory : folder;
      ReadLimits(result.encoder, warn, &result);
    } else if (kind == "Pooling" && has_encoder && result.pooling == schema::Pooling::None) {
      ReadPooling(folder / "config.json", warn, &result);
    } else if (kind == "Normalize" && result.pooling != schema::Pooling::None) {
      result.normalize = true;
    } else if (kind != "Dropout") {  // it drops only in training
      throw Error(file.string() + ": module " + type +
                  " is not supported here (supported: Transformer, then Pooling, then Normalize)");
    }
  }
  if (result.pooling == schema::Pooling::None) {
    throw Error(file.string() + ": no pooling: it makes no sentence embeddings");
  }
  ReadPrompt(directory / "config_sentence_transformers.json", warn, &result);
  // Without a prompt there is nothing to leave out.
  if (result.text.prompt.empty()) result.text.skip_prompt = false;
  return result;
}

}  // namespace pbert::converter
