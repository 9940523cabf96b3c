#include "converter/tokenizer/classes.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "converter/support/error.h"
#include "converter/tokenizer/tokenizer_json.h"

namespace pbert::converter {
namespace {

constexpr DefaultTokens kNoTokens = {};
constexpr DefaultTokens kBertTokens = {
    .unk = "[UNK]", .sep = "[SEP]", .pad = "[PAD]", .cls = "[CLS]", .mask = "[MASK]"};
constexpr DefaultTokens kRobertaTokens = {
    .bos = "<s>", .eos = "</s>", .unk = "<unk>", .sep = "</s>", .pad = "<pad>", .cls = "<s>", .mask = "<mask>"};
constexpr DefaultTokens kHerbertTokens = {
    .unk = "<unk>", .sep = "</s>", .pad = "<pad>", .cls = "<s>", .mask = "<mask>"};
constexpr DefaultTokens kMpnetTokens = {
    .bos = "<s>", .eos = "</s>", .unk = "[UNK]", .sep = "</s>", .pad = "<pad>", .cls = "<s>", .mask = "<mask>"};
constexpr DefaultTokens kAlbertTokens = {
    .bos = "[CLS]", .eos = "[SEP]", .unk = "<unk>", .sep = "[SEP]", .pad = "<pad>", .cls = "[CLS]", .mask = "[MASK]"};
constexpr DefaultTokens kBigBirdTokens = {
    .bos = "<s>", .eos = "</s>", .unk = "<unk>", .sep = "[SEP]", .pad = "<pad>", .cls = "[CLS]", .mask = "[MASK]"};
constexpr DefaultTokens kDebertaTokens = {
    .bos = "[CLS]", .eos = "[SEP]", .unk = "[UNK]", .sep = "[SEP]", .pad = "[PAD]", .cls = "[CLS]", .mask = "[MASK]"};

constexpr ClassOverride kNothing = ClassOverride::kNothing, kBert = ClassOverride::kBert,
                        kBertWithoutCjk = ClassOverride::kBertWithoutCjk, kRoberta = ClassOverride::kRoberta;

// Read off the classes of transformers 4.57.6, in their __init__ and model_input_names.
constexpr TokenizerClass kClasses[] = {
    // name, override, token types, vocab.txt, mask takes space, tokens
    {"PreTrainedTokenizer", kNothing, true, false, false, &kNoTokens},
    {"TokenizersBackend", kNothing, true, false, false, &kBertTokens},  // what version 5 writes for any class
    {"BertTokenizer", kBert, true, true, false, &kBertTokens},
    {"DistilBertTokenizer", kBert, false, true, false, &kBertTokens},
    {"ElectraTokenizer", kBert, true, true, false, &kBertTokens},
    {"MobileBertTokenizer", kBert, true, true, false, &kBertTokens},
    {"ConvBertTokenizer", kBert, true, true, false, &kBertTokens},
    {"SqueezeBertTokenizer", kBert, true, true, false, &kBertTokens},
    {"LayoutLMTokenizer", kBert, true, true, false, &kBertTokens},
    {"LxmertTokenizer", kBert, true, true, false, &kBertTokens},
    {"RetriBertTokenizer", kBert, false, true, false, &kBertTokens},
    {"RealmTokenizer", kBert, true, true, false, &kBertTokens},
    {"DPRContextEncoderTokenizer", kBert, true, true, false, &kBertTokens},
    {"DPRQuestionEncoderTokenizer", kBert, true, true, false, &kBertTokens},
    {"DPRReaderTokenizer", kBert, false, true, false, &kBertTokens},
    {"MPNetTokenizer", kBertWithoutCjk, false, false, true, &kMpnetTokens},
    {"RobertaTokenizer", kRoberta, false, false, true, &kRobertaTokens},
    {"LongformerTokenizer", kRoberta, false, false, true, &kRobertaTokens},
    {"BartTokenizer", kRoberta, false, false, true, &kRobertaTokens},
    {"XLMRobertaTokenizer", kNothing, false, false, true, &kRobertaTokens},
    {"CamembertTokenizer", kNothing, false, false, true, &kRobertaTokens},
    {"BarthezTokenizer", kNothing, false, false, true, &kRobertaTokens},
    {"HerbertTokenizer", kNothing, true, false, false, &kHerbertTokens},
    {"AlbertTokenizer", kNothing, true, false, true, &kAlbertTokens},
    {"RemBertTokenizer", kNothing, true, false, true, &kAlbertTokens},
    {"BigBirdTokenizer", kNothing, false, false, true, &kBigBirdTokens},
    {"DebertaTokenizer", kNothing, true, false, true, &kDebertaTokens},
    {"DebertaV2Tokenizer", kNothing, true, false, false, &kDebertaTokens},
};

constexpr struct {
  std::string_view model_type, name;
} kDefaults[] = {
    {"bert", "BertTokenizer"},
    {"distilbert", "DistilBertTokenizer"},
    {"roberta", "RobertaTokenizer"},
    {"xlm-roberta", "XLMRobertaTokenizer"},
    {"camembert", "CamembertTokenizer"},
    {"albert", "AlbertTokenizer"},
    {"electra", "ElectraTokenizer"},
    {"mobilebert", "MobileBertTokenizer"},
    {"mpnet", "MPNetTokenizer"},
    {"convbert", "ConvBertTokenizer"},
    {"squeezebert", "SqueezeBertTokenizer"},
    {"layoutlm", "LayoutLMTokenizer"},
    {"longformer", "LongformerTokenizer"},
    {"data2vec-text", "RobertaTokenizer"},
    {"roberta-prelayernorm", "RobertaTokenizer"},
    {"ibert", "RobertaTokenizer"},
    {"xlm-roberta-xl", "XLMRobertaTokenizer"},
    {"megatron-bert", "BertTokenizer"},
    {"nezha", "BertTokenizer"},
    {"ernie", "BertTokenizer"},
    {"modernbert", "PreTrainedTokenizer"},
    {"bert-japanese", "BertJapaneseTokenizer"},
};

const TokenizerClass* ClassNamed(std::string_view name) {
  if (name.ends_with("Fast")) name.remove_suffix(4);
  for (const TokenizerClass& entry : kClasses) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

std::optional<std::string> TextOf(const Json* json, const char* key, const std::string& where) {
  const Json* value = json == nullptr ? nullptr : Get(*json, key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) throw Error(where + ": \"" + key + "\" is not a name");
  return value->get<std::string>();
}

const TokenizerClass& RequireClass(const std::string& name, const std::string& where) {
  const TokenizerClass* found = ClassNamed(name);
  if (found != nullptr) return *found;
  throw Error(where + ": \"tokenizer_class\" is " + name +
              ", which is not supported (supported: BertTokenizer, DistilBertTokenizer, RobertaTokenizer, "
              "XLMRobertaTokenizer, AlbertTokenizer, PreTrainedTokenizerFast and others whose fast tokenizers are a "
              "tokenizer.json of WordPiece, byte-level BPE or Unigram)");
}

}  // namespace

bool IsGeneric(const TokenizerClass& tokenizer_class) {
  return tokenizer_class.name == "PreTrainedTokenizer" || tokenizer_class.name == "TokenizersBackend";
}

const TokenizerClass& FindTokenizerClass(const std::filesystem::path& directory, const Json* config) {
  const std::string stated_in = (directory / "tokenizer_config.json").string();
  if (const auto name = TextOf(config, "tokenizer_class", stated_in)) return RequireClass(*name, stated_in);
  const std::filesystem::path model_file = directory / "config.json";
  if (std::filesystem::exists(model_file)) {
    const Json model = ReadJsonFile(model_file);
    const std::string where = model_file.string();
    if (const auto name = TextOf(&model, "tokenizer_class", where)) return RequireClass(*name, where);
    const std::string model_type = TextOf(&model, "model_type", where).value_or("");
    for (const auto& entry : kDefaults) {
      if (entry.model_type == model_type) return RequireClass(std::string(entry.name), where);
    }
  }
  return *ClassNamed(config != nullptr ? "BertTokenizer" : "TokenizersBackend");
}

}  // namespace pbert::converter
