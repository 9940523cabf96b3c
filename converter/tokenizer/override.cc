#include "converter/tokenizer/override.h"

#include <nlohmann/json.hpp>

#include "converter/tokenizer/tokenizer_json.h"

namespace pbert::converter {
namespace {

void OverrideNormalizer(const TokenizerConfig& config, Json* normalizer) {
  const bool cjk = config.tokenizer_class->override == ClassOverride::kBert;
  const Json strip = config.strip_accents ? Json(*config.strip_accents) : Json();
  (*normalizer)["lowercase"] = config.lowercase;
  (*normalizer)["strip_accents"] = strip;
  if (cjk) (*normalizer)["handle_chinese_chars"] = config.space_cjk;
}

}  // namespace

void OverrideByClass(const TokenizerConfig& config, Json* tokenizer) {
  const auto set = [&](const char* part, const char* key, bool value) {
    if (Get(*tokenizer, part) != nullptr && (*tokenizer)[part].contains(key)) (*tokenizer)[part][key] = value;
  };
  const ClassOverride override = config.tokenizer_class->override;
  const bool bert = override == ClassOverride::kBert || override == ClassOverride::kBertWithoutCjk;
  if (bert && !config.vocabulary_alone && TypeOf(Get(*tokenizer, "normalizer")) == "BertNormalizer") {
    OverrideNormalizer(config, &(*tokenizer)["normalizer"]);
  }
  // The newest class of the reference takes the file as it is.
  const bool as_it_is = config.tokenizer_class->name == "TokenizersBackend";
  const bool prefix = config.add_prefix_space.value_or(false);
  if (TypeOf(Get(*tokenizer, "pre_tokenizer")) == "ByteLevel" && (!as_it_is || config.add_prefix_space)) {
    set("pre_tokenizer", "add_prefix_space", prefix);
  }
  if (override != ClassOverride::kRoberta) return;
  set("post_processor", "add_prefix_space", prefix);
  set("post_processor", "trim_offsets", config.trim_offsets.value_or(true));
}

}  // namespace pbert::converter
