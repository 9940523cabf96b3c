#include "converter/checkpoint/config.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "converter/checkpoint/known_keys.h"
#include "converter/support/error.h"
#include "model/limits.h"

namespace pbert::converter {
namespace {

constexpr uint32_t kLargestCount = 1u << 30;

// A key that is null counts as missing: save_pretrained writes null for what is not set.
const Json* Get(const Json& json, const std::string& key) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

// The attribute_map of the reference's configuration classes (transformers 4.57.6); of the supported ones only this one
// has any.
struct Alias {
  const char *model_type, *alias, *key;
};
constexpr Alias kAliases[] = {{"distilbert", "hidden_size", "dim"},
                              {"distilbert", "num_attention_heads", "n_heads"},
                              {"distilbert", "num_hidden_layers", "n_layers"}};

// Of the reference's ACT2CLS. All that are GeluTanh are one formula, sqrt(2/pi) written with more or fewer digits.
struct ActivationName {
  const char* name;
  schema::Activation activation;
};
constexpr ActivationName kActivations[] = {{"gelu", schema::Activation::GeluErf},
                                           {"gelu_python", schema::Activation::GeluErf},
                                           {"gelu_new", schema::Activation::GeluTanh},
                                           {"gelu_pytorch_tanh", schema::Activation::GeluTanh},
                                           {"gelu_python_tanh", schema::Activation::GeluTanh},
                                           {"gelu_accurate", schema::Activation::GeluTanh},
                                           {"gelu_fast", schema::Activation::GeluTanh},
                                           {"quick_gelu", schema::Activation::QuickGelu},
                                           {"relu", schema::Activation::Relu},
                                           {"silu", schema::Activation::Silu},
                                           {"swish", schema::Activation::Silu},
                                           {"tanh", schema::Activation::Tanh}};

}  // namespace

Config::Config(const std::filesystem::path& file)
    : where_(file.string()), json_(std::make_unique<Json>(ReadJsonFile(file))) {
  ReadKind();
}

Config::Config(const std::string& where, Json json) : where_(where), json_(std::make_unique<Json>(std::move(json))) {
  ReadKind();
}

Config::~Config() = default;

void Config::Fail(const std::string& key, const std::string& why) const {
  throw Error(where_ + ": \"" + key + "\" " + why);
}

void Config::ReadKind() {
  const Json* type = Get(*json_, "model_type");
  if (type == nullptr) Fail("model_type", "is missing: is this the config.json of a model?");
  if (!type->is_string()) Fail("model_type", "is not a string");
  model_type_ = type->get<std::string>();
  if (const Json* list = Get(*json_, "architectures"); list != nullptr && !list->empty()) {
    const auto is_name = [](const Json& entry) { return entry.is_string(); };
    if (!list->is_array() || !std::all_of(list->begin(), list->end(), is_name)) {
      Fail("architectures", "is not a list of names");
    }
    const auto head = std::find_if(list->begin(), list->end(), [](const Json& entry) {
      return !std::string_view(entry.get_ref<const std::string&>()).ends_with("Model");
    });
    architecture_ = (head == list->end() ? list->front() : *head).get<std::string>();
  }
  ResolveAliases();
}

// Where both names are there the alias counts: the reference sets it last.
void Config::ResolveAliases() {
  for (const Alias& known : kAliases) {
    if (model_type_ != known.model_type) continue;
    if (const Json* value = Get(*json_, known.alias)) (*json_)[known.key] = Json(*value);
  }
}

bool Config::IsNull(const std::string& key) const {
  const auto found = json_->find(key);
  return found != json_->end() && found->is_null();
}

bool Config::Empty(const std::string& key) const {
  const Json* value = Get(*json_, key);
  return value == nullptr || value->empty();
}

void Config::RefuseTaskParameters(const std::string& task) const {
  const Json* tasks = Get(*json_, "task_specific_params");
  if (tasks == nullptr || !tasks->is_object()) return;
  const Json* own = Get(*tasks, task);
  if (own == nullptr || own->empty()) return;
  Fail("task_specific_params",
       "says " + Excerpt(*own) + " for " + task + ": write it at the top of the file, or leave it out");
}

bool Config::Has(const std::string& key) const { return Get(*json_, key) != nullptr; }

uint32_t Config::WholeNumber(const std::string& key, uint32_t least, uint32_t default_value) const {
  const Json* value = Get(*json_, key);
  if (value == nullptr) return default_value;
  if (!value->is_number_unsigned() || value->get<uint64_t>() < least || value->get<uint64_t>() > kLargestCount) {
    Fail(key, "is " + Excerpt(*value) + ", expected a whole number of at least " + std::to_string(least));
  }
  return value->get<uint32_t>();
}

uint32_t Config::Count(const std::string& key, uint32_t default_value) const {
  return WholeNumber(key, 1, default_value);
}

uint32_t Config::Natural(const std::string& key, uint32_t default_value) const {
  return WholeNumber(key, 0, default_value);
}

float Config::Fraction(const std::string& key, float default_value) const {
  const Json* value = Get(*json_, key);
  if (value == nullptr) return default_value;
  const double number = value->is_number() ? value->get<double>() : 0;
  if (!(number > 0 && number < 1)) Fail(key, "is " + Excerpt(*value) + ", expected a number between 0 and 1");
  return static_cast<float>(number);
}

std::string Config::Text(const std::string& key, std::string_view default_value) const {
  const Json* value = Get(*json_, key);
  if (value == nullptr) return std::string(default_value);
  if (!value->is_string()) Fail(key, "is " + Excerpt(*value) + ", expected a name");
  return value->get<std::string>();
}

bool Config::Flag(const std::string& key, bool default_value) const {
  const Json* value = Get(*json_, key);
  if (value == nullptr) return default_value;
  if (!value->is_boolean()) Fail(key, "is " + Excerpt(*value) + ", expected true or false");
  return value->get<bool>();
}

schema::Activation Config::Activation(const std::string& key, std::string_view default_value) const {
  const Json* value = Get(*json_, key);
  if (value != nullptr && !value->is_string()) Fail(key, "is not the name of an activation");
  const std::string name = value == nullptr ? std::string(default_value) : value->get<std::string>();
  for (const ActivationName& known : kActivations) {
    if (name == known.name) return known.activation;
  }
  std::string supported;
  for (const ActivationName& known : kActivations)
    supported += (supported.empty() ? "" : ", ") + std::string(known.name);
  Fail(key, "is \"" + name + "\", which is not supported (supported: " + supported + ")");
}

// The names of label2id in the order of its numbers, which must be 0, 1, ...; empty where they are not.
std::vector<std::string> Config::LabelsById() const {
  const Json* ids = Get(*json_, "label2id");
  if (ids == nullptr || !ids->is_object()) return {};
  std::vector<std::string> labels(ids->size());
  std::vector<bool> named(ids->size(), false);
  for (const auto& [label, id] : ids->items()) {
    if (!id.is_number_unsigned() || id.get<uint64_t>() >= labels.size() || named[id.get<size_t>()]) return {};
    labels[id.get<size_t>()] = label;
    named[id.get<size_t>()] = true;
  }
  return labels;
}

// The reference reads id2label, else num_labels, else takes two outputs, and names them LABEL_0 ...; label2id is only
// the way back. A classifier that does not have so many outputs the reference cannot load: there label2id is read, if
// it names them all.
size_t Config::LabelCount(size_t outputs) const {
  if (const Json* named = Get(*json_, "id2label")) {
    if (!named->is_object() || named->empty()) Fail("id2label", "is not an object of names");
    return named->size();
  }
  const size_t count = Count("num_labels", 2);
  return outputs != count && outputs != 0 && LabelsById().size() == outputs ? outputs : count;
}

std::vector<std::string> Config::Labels(size_t outputs) const {
  const Json* named = Get(*json_, "id2label");
  if (named == nullptr) {
    const size_t count = LabelCount(outputs);
    if (outputs != 0 && count == outputs && count != Count("num_labels", 2)) return LabelsById();
    if (count > kLimits.labels) {
      Fail("num_labels", "is " + std::to_string(count) + ", and a .pbert file holds at most " +
                             std::to_string(kLimits.labels) + " labels");
    }
    std::vector<std::string> labels(count);
    for (size_t i = 0; i < labels.size(); ++i) labels[i] = "LABEL_" + std::to_string(i);
    return labels;
  }
  (void)LabelCount();
  std::vector<std::string> labels;
  for (size_t i = 0; i < named->size(); ++i) {
    const Json* label = Get(*named, std::to_string(i));
    if (label == nullptr) {
      Fail("id2label", "has " + std::to_string(named->size()) + " labels but none for output " + std::to_string(i));
    }
    // The reference keeps numbers as they are and prints them so; here all labels are strings.
    if (label->is_boolean()) {
      labels.push_back(*label == true ? "True" : "False");
    } else if (label->is_number()) {
      labels.push_back(label->dump());
    } else if (label->is_string()) {
      labels.push_back(label->get<std::string>());
    } else {
      Fail("id2label", "has " + Excerpt(*label) + " as the label of output " + std::to_string(i) + ", expected a name");
    }
  }
  return labels;
}

int32_t Config::Entailment() const {
  const Json* ids = Get(*json_, "label2id");
  if (ids == nullptr || !ids->is_object()) return -2;
  for (const auto& [name, id] : ids->items()) {
    std::string begin = name.substr(0, 6);
    for (char& c : begin) c = LowerAscii(c);
    if (begin == "entail" && id.is_number_integer() && id >= 0 && id <= INT32_MAX) return id.get<int32_t>();
  }
  return -1;
}

void Config::WarnOfUnknownKeys(const WarningCallback& warn) const {
  converter::WarnOfUnknownKeys(*json_, where_, KnownConfigKeys(model_type_), warn);
  const Json* all = Get(*json_, "return_all_scores");
  if (warn && all != nullptr && *all == true) {
    warn(where_ +
         ": key \"return_all_scores\": it makes the reference's text-classification pipeline answer with all " +
         "labels in their order; here `run --top-k 0` shows all of them, best first");
  }
}

schema::ProblemType Config::ProblemType(size_t outputs) const {
  const Json* value = Get(*json_, "problem_type");
  if (value != nullptr && !value->is_string()) Fail("problem_type", "is not a string");
  const std::string type = value == nullptr ? "" : value->get<std::string>();
  if (type == "regression") return schema::ProblemType::Regression;
  if (type != "" && type != "multi_label_classification" && type != "single_label_classification") {
    Fail("problem_type",
         "is \"" + type + "\", expected regression, single_label_classification or multi_label_classification");
  }
  const bool sigmoid = type == "multi_label_classification" || LabelCount(outputs) == 1;
  return sigmoid ? schema::ProblemType::MultiLabel : schema::ProblemType::SingleLabel;
}

}  // namespace pbert::converter
