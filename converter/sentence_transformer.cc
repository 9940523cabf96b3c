#include "converter/sentence_transformer.h"

#include <nlohmann/json.hpp>
#include <string>

#include "converter/error.h"
#include "converter/file.h"
#include "converter/json.h"

namespace pbert {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kLargestList = 1u << 20;

// How 1_Pooling/config.json says it: one of several flags, or, in later versions, a name.
schema::Pooling ReadPooling(const fs::path& directory) {
  const fs::path file = directory / "config.json";
  const Json json = ReadJsonFile(file);
  const auto choose = [&](const std::string& mode) {
    if (mode == "cls") return schema::Pooling::Cls;
    if (mode == "mean") return schema::Pooling::Mean;
    if (mode == "max") return schema::Pooling::Max;
    throw Error(file.string() + ": pooling \"" + mode + "\" is not supported (supported: cls, mean, max)");
  };
  if (const auto mode = json.find("pooling_mode"); mode != json.end() && mode->is_string()) {
    return choose(mode->get<std::string>());
  }
  schema::Pooling pooling = schema::Pooling::None;
  for (const auto& [key, value] : json.items()) {
    if (!key.starts_with("pooling_mode_") || value != true) continue;
    const schema::Pooling found = choose(key == "pooling_mode_cls_token"     ? "cls"
                                         : key == "pooling_mode_mean_tokens" ? "mean"
                                         : key == "pooling_mode_max_tokens"  ? "max"
                                                                             : key.substr(13));
    if (pooling != schema::Pooling::None) throw Error(file.string() + ": several poolings at once are not supported");
    pooling = found;
  }
  if (pooling == schema::Pooling::None) throw Error(file.string() + ": no \"pooling_mode_...\" is true");
  return pooling;
}

// {"max_seq_length": 256, "do_lower_case": false}
void ReadLimits(const fs::path& file, SentenceTransformer* result) {
  if (!fs::exists(file)) return;
  const Json json = ReadJsonFile(file);
  if (const auto length = json.find("max_seq_length"); length != json.end() && !length->is_null()) {
    if (!length->is_number_unsigned() || *length < 1 || *length > (1u << 30)) {
      throw Error(file.string() + ": \"max_seq_length\" is " + length->dump() +
                  ", expected a whole number of at least 1");
    }
    result->max_tokens = length->get<uint32_t>();
  }
  if (const auto lower = json.find("do_lower_case"); lower != json.end()) result->lowercase = *lower == true;
}

}  // namespace

SentenceTransformer ReadSentenceTransformer(const fs::path& directory) {
  SentenceTransformer result;
  result.encoder = directory;
  const fs::path file = directory / "modules.json";
  if (!fs::exists(file)) return result;
  const std::string text = ReadTextFile(file, kLargestList);
  // A list of objects, each with the module's class and folder.
  const Json modules = Json::parse(text, nullptr, false);
  if (!modules.is_array()) throw Error(file.string() + ": not a list of modules");
  result.exists = true;
  bool has_encoder = false;
  for (const Json& module : modules) {
    const bool known = module.is_object() && module.contains("type") && module["type"].is_string() &&
                       module.contains("path") && module["path"].is_string();
    if (!known) throw Error(file.string() + ": a module without type and path");
    const std::string type = module["type"].get<std::string>();
    const std::string kind = type.substr(type.rfind('.') + 1);
    const fs::path folder = directory / module["path"].get<std::string>();
    if (kind == "Transformer" && !has_encoder) {
      has_encoder = true;
      result.encoder = module["path"].get<std::string>().empty() ? directory : folder;
      ReadLimits(result.encoder / "sentence_bert_config.json", &result);
    } else if (kind == "Pooling" && has_encoder && result.pooling == schema::Pooling::None) {
      result.pooling = ReadPooling(folder);
    } else if (kind == "Normalize" && result.pooling != schema::Pooling::None) {
      result.normalize = true;
    } else {
      throw Error(file.string() + ": module " + type +
                  " is not supported here (supported: Transformer, then Pooling, then Normalize)");
    }
  }
  if (result.pooling == schema::Pooling::None)
    throw Error(file.string() + ": no pooling: it makes no sentence embeddings");
  return result;
}

}  // namespace pbert
