// What tells one family of encoders from another, as data: the names of their tensors and of the numbers in
// config.json. One table for each in bert.cc, distilbert.cc, roberta.cc, albert.cc and electra.cc; what reads them is
// in architectures.cc and heads.cc. The names are those of the reference's modules (transformers 4.57).
#ifndef POCKETBERT_CONVERTER_NETWORK_FAMILY_H_
#define POCKETBERT_CONVERTER_NETWORK_FAMILY_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "schema/model_generated.h"

namespace pbert::converter {

// How many outputs a linear layer of a head has.
enum class Outputs { kHidden, kEmbedding, kLabels, kTwo, kVocabulary };

// The activation of a head's step; kEncoder: the one that config.json gives for the whole network.
enum class StepActivation { kNone, kEncoder, kGelu, kRelu, kTanh };

// Linear, activation, norm.
struct StepNames {
  std::string linear;  // has .weight and .bias; behind "@" it is one of the encoder's own (its pooler)
  Outputs outputs;
  StepActivation activation = StepActivation::kNone;
  std::string norm = {};
  // Of an output layer over the vocabulary, whose weight is the token embedding's while config.json ties them: the
  // names that its bias may have, when LINEAR.bias is not the only one. Where a checkpoint has several, with different
  // values, the first counts: the one that is left when the reference's from_pretrained has tied them (the module's
  // _tie_weights).
  std::vector<std::string> biases = {};
};

// One head of a family. An empty list of steps is the encoder alone.
struct HeadNames {
  std::vector<std::string> classes;  // the reference's class names that carry it
  schema::Task task;
  std::vector<StepNames> steps;
};

// Keys of config.json, and the reference's defaults where one is missing.
struct FamilyConfig {
  std::string hidden = "hidden_size", heads = "num_attention_heads", ffn = "intermediate_size",
              layers = "num_hidden_layers", activation = "hidden_act";
  uint32_t vocabulary_default, hidden_default, heads_default, ffn_default, layers_default;
  uint32_t embedding_default = 0;    // 0: the embeddings are as wide as the layers
  uint32_t token_types_default = 0;  // 0: the family has none
  std::string activation_default = "gelu";
  bool has_norm_epsilon = true;  // false: 1e-12, and no key
  bool sinusoidal = false;       // may compute its positions
  int32_t padding_default = -1;  // positions begin behind the padding token's id; -1: they begin at 0
  bool groups = false;           // layers are shared in groups
};

// Behind the number of a layer.
struct LayerNames {
  std::string query, key, value, attention_output, attention_norm, ffn_in, ffn_out, ffn_norm;
};

struct Family {
  std::string model_type;
  std::string prefix;  // of the encoder's tensors beneath a head: "bert."
  FamilyConfig config;
  std::string layers;             // "encoder.layer."
  std::string group_layers = {};  // behind the number of a group, if there are any
  LayerNames layer;
  std::string projection = {};     // embedding size -> hidden size
  bool projection_always = false;  // even where both are equal
  std::vector<HeadNames> heads;
};

// The layers of BERT, which others have as they are.
const LayerNames& BertLayerNames();

// None throws: of a nested list of strings that runs out of memory in its middle g++ 12 destroys parts twice, so the
// process had better end there (std::terminate).
Family DistilBert() noexcept;
Family Bert() noexcept;
Family Roberta() noexcept;
Family XlmRoberta() noexcept;
Family Camembert() noexcept;
Family Albert() noexcept;
Family Electra() noexcept;

// All of them.
std::span<const Family> Families();

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_NETWORK_FAMILY_H_
