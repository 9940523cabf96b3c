#include "converter/network/architectures.h"

#include <cmath>

#include "converter/network/distilbert.h"
#include "converter/network/family.h"
#include "converter/network/heads.h"
#include "converter/support/error.h"
#include "model/limits.h"

namespace pbert::converter {
namespace {

constexpr char kTokens[] = "embeddings.word_embeddings.weight";
constexpr char kPositions[] = "embeddings.position_embeddings.weight";
constexpr char kTypes[] = "embeddings.token_type_embeddings.weight";

const Family& FamilyOf(const Config& config) {
  std::string supported;
  for (const Family& family : Families()) {
    if (family.model_type == config.model_type()) return family;
    supported += (supported.empty() ? "" : ", ") + family.model_type;
  }
  config.Fail("model_type",
              "is \"" + config.model_type() + "\", which is not supported (supported: " + supported + ")");
}

// What would make another network of the same tensors.
void CheckVariants(const Config& config) {
  if (const std::string kind = config.Text("position_embedding_type", "absolute"); kind != "absolute") {
    config.Fail("position_embedding_type", "is \"" + kind + "\", which is not supported (supported: absolute)");
  }
  for (const char* key : {"is_decoder", "add_cross_attention", "is_encoder_decoder"}) {
    if (config.Flag(key, false)) config.Fail(key, "is true: decoders are not supported, only encoders");
  }
  if (!config.Empty("pruned_heads")) {
    config.Fail("pruned_heads",
                "names attention heads that were cut out of some layers, which is not supported: all layers must have "
                "all of their heads");
  }
  if (!config.Empty("quantization_config")) {
    config.Fail("quantization_config", "says that the weights are quantized already; convert the original checkpoint");
  }
}

// save_pretrained writes the encoder's name in front of its tensors, but not when the encoder is saved alone.
Prefixes FindPrefixes(const Family& family, const Plan& plan) {
  for (const std::string& prefix : {std::string(), family.prefix}) {
    if (plan.Has(prefix + kTokens)) return {prefix};
  }
  return {family.prefix};
}

// The numbers of the encoder. Positions before `first_position` are never used.
std::unique_ptr<schema::EncoderT> ReadDimensions(const FamilyConfig& keys, const Config& config,
                                                 uint32_t first_position) {
  auto encoder = std::make_unique<schema::EncoderT>();
  encoder->hidden_size = config.Count(keys.hidden, keys.hidden_default);
  encoder->embedding_size =
      keys.embedding_default == 0 ? encoder->hidden_size : config.Count("embedding_size", keys.embedding_default);
  encoder->head_count = config.Count(keys.heads, keys.heads_default);
  encoder->ffn_size = config.Count(keys.ffn, keys.ffn_default);
  const uint32_t positions = config.Count("max_position_embeddings", 512);
  if (positions <= first_position) {
    config.Fail("max_position_embeddings", "is " + std::to_string(positions) + ", of which the first " +
                                               std::to_string(first_position) + " are not used");
  }
  // A table that is computed has no tensor to be compared with.
  if (positions > kLimits.positions) {
    config.Fail("max_position_embeddings", "is " + std::to_string(positions) + ", and a .pbert file holds at most " +
                                               std::to_string(kLimits.positions));
  }
  encoder->max_tokens = positions - first_position;
  encoder->norm_epsilon = keys.has_norm_epsilon ? config.Fraction("layer_norm_eps", 1e-12f) : 1e-12f;
  encoder->activation = config.Activation(keys.activation, keys.activation_default);
  if (encoder->hidden_size % encoder->head_count != 0) {
    config.Fail(keys.heads, "is " + std::to_string(encoder->head_count) + ", which does not divide " + keys.hidden +
                                ", " + std::to_string(encoder->hidden_size));
  }
  return encoder;
}

// The checkpoint's position table counts, as in the reference, also where it is called sinusoidal; only when it
// was left out of the file is it computed.
std::unique_ptr<schema::EmbeddingsT> DescribeEmbeddings(const Family& family, const std::string& prefix,
                                                        const Config& config, uint32_t first_position,
                                                        const schema::EncoderT& encoder, Plan* plan) {
  const uint32_t width = encoder.embedding_size;
  const uint32_t vocabulary = config.Count("vocab_size", family.config.vocabulary_default);
  const SourceTensor* tokens = plan->Find(prefix + kTokens);
  if (tokens != nullptr && tokens->shape.size() == 2 && tokens->shape[0] != vocabulary) {
    config.Fail("vocab_size", "is " + std::to_string(vocabulary) + ", but tensor \"" + tokens->name + "\" has " +
                                  std::to_string(tokens->shape[0]) +
                                  " rows: config.json and weights are not of one "
                                  "model, or one was edited; save them again together with save_pretrained");
  }
  auto embeddings = std::make_unique<schema::EmbeddingsT>();
  embeddings->token = plan->Matrix("embeddings.token", vocabulary, width, {prefix + kTokens});
  const uint32_t positions = first_position + encoder.max_tokens;
  if (family.config.sinusoidal && config.Flag("sinusoidal_pos_embds", false) && !plan->Has(prefix + kPositions)) {
    embeddings->position = plan->Computed("embeddings.position", positions, width, SinusoidalPosition);
  } else {
    embeddings->position = plan->Matrix("embeddings.position", positions, width, {prefix + kPositions});
  }
  embeddings->position_offset = first_position;
  embeddings->uncounted_id = static_cast<int32_t>(first_position) - 1;
  if (family.config.token_types_default != 0) {
    const uint32_t types = config.Count("type_vocab_size", family.config.token_types_default);
    embeddings->token_type = plan->Matrix("embeddings.token_type", types, width, {prefix + kTypes});
  }
  embeddings->norm = plan->Norm("embeddings.norm", width, prefix + "embeddings.LayerNorm");
  if (!family.projection.empty() && (family.projection_always || width != encoder.hidden_size)) {
    embeddings->projection =
        plan->Linear("embeddings.projection", encoder.hidden_size, width, {prefix + family.projection});
  }
  return embeddings;
}

// 1/sqrt(head size), by which attention scales its scores, is moved into Q's weights and bias: the scores
// are linear in Q, so the network stays the same and runs one multiplication per score less.
std::unique_ptr<schema::LayerT> DescribeLayer(const LayerNames& names, const std::string& name,
                                              const std::string& source, const schema::EncoderT& encoder, Plan* plan) {
  const uint32_t hidden = encoder.hidden_size;
  const float query_factor = 1 / std::sqrt(static_cast<float>(hidden / encoder.head_count));
  auto layer = std::make_unique<schema::LayerT>();
  layer->query = plan->Linear(name + "query", hidden, hidden, {source + names.query, query_factor});
  layer->key = plan->Linear(name + "key", hidden, hidden, {source + names.key});
  layer->value = plan->Linear(name + "value", hidden, hidden, {source + names.value});
  layer->attention_output = plan->Linear(name + "attention_output", hidden, hidden, {source + names.attention_output});
  layer->attention_norm = plan->Norm(name + "attention_norm", hidden, source + names.attention_norm);
  layer->ffn_in = plan->Linear(name + "ffn_in", encoder.ffn_size, hidden, {source + names.ffn_in});
  layer->ffn_out = plan->Linear(name + "ffn_out", hidden, encoder.ffn_size, {source + names.ffn_out});
  layer->ffn_norm = plan->Norm(name + "ffn_norm", hidden, source + names.ffn_norm);
  return layer;
}

// Layers in groups (ALBERT): each pass runs all layers of its group, and the passes are divided among the groups in
// order. Distinct layers are stored once; `order` says what runs when.
void DescribeGroups(const Family& family, const std::string& prefix, const Config& config, uint32_t passes,
                    schema::EncoderT* encoder, Plan* plan) {
  const uint32_t groups = config.Count("num_hidden_groups", 1);
  const uint32_t per_group = config.Count("inner_group_num", 1);
  if (groups > passes) {
    config.Fail("num_hidden_groups",
                "is " + std::to_string(groups) + ", more than the layers, " + std::to_string(passes));
  }
  if (uint64_t{groups} * per_group > 256 || uint64_t{passes} * per_group > 256) {
    config.Fail("num_hidden_layers", "and the groups ask for more than 256 layers, which a .pbert file cannot hold");
  }
  for (uint32_t i = 0; i < groups * per_group; ++i) {
    const std::string source = prefix + family.layers + std::to_string(i / per_group) + "." + family.group_layers +
                               std::to_string(i % per_group) + ".";
    encoder->layers.push_back(DescribeLayer(family.layer, "layer." + std::to_string(i) + ".", source, *encoder, plan));
  }
  for (uint32_t pass = 0; pass < passes; ++pass) {
    // As the reference divides, in floating point: int(pass / (passes / groups)).
    const auto group = static_cast<uint32_t>(pass / (static_cast<double>(passes) / groups));
    for (uint32_t i = 0; i < per_group; ++i) encoder->order.push_back(static_cast<uint8_t>(group * per_group + i));
  }
}

}  // namespace

ConvertedNetwork DescribeNetwork(const Config& config, const std::string& task, Plan* plan,
                                 const WarningCallback& warn) {
  const Family& family = FamilyOf(config);
  CheckVariants(config);
  const Prefixes prefixes = FindPrefixes(family, *plan);
  const HeadNames& head = ChooseHead(family, config, prefixes, *plan, task);
  if (task.empty() && warn) WarnOfLeftHead(family, config, head, prefixes, *plan, warn);
  uint32_t first_position = 0;
  if (family.config.padding_default >= 0) {
    if (config.IsNull("pad_token_id")) config.Fail("pad_token_id", "is null, but positions are counted from it");
    first_position = 1 + config.Natural("pad_token_id", static_cast<uint32_t>(family.config.padding_default));
  }
  ConvertedNetwork network;
  // Where the head was chosen by us, it gets the name that the reference would give it.
  network.architecture = task.empty() && !config.architecture().empty() ? config.architecture() : head.classes.front();
  network.encoder = ReadDimensions(family.config, config, first_position);
  schema::EncoderT& encoder = *network.encoder;
  encoder.embeddings = DescribeEmbeddings(family, prefixes.encoder, config, first_position, encoder, plan);
  const uint32_t layers = config.Count(family.config.layers, family.config.layers_default);
  if (layers > kLimits.layers) {
    config.Fail(family.config.layers, "is " + std::to_string(layers) + ", and a .pbert file holds at most " +
                                          std::to_string(kLimits.layers) + " layers");
  }
  if (family.config.groups) {
    DescribeGroups(family, prefixes.encoder, config, layers, &encoder, plan);
  } else {
    for (uint32_t i = 0; i < layers; ++i) {
      const std::string number = std::to_string(i);
      encoder.layers.push_back(DescribeLayer(family.layer, "layer." + number + ".",
                                             prefixes.encoder + family.layers + number + ".", encoder, plan));
    }
  }
  network.encoder_tensors = plan->tensors().size();
  network.head = DescribeHead(head, config, prefixes, encoder, plan);
  return network;
}

}  // namespace pbert::converter
