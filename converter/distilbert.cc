#include "converter/distilbert.h"

#include <cmath>

#include "converter/error.h"

namespace pbert {
namespace {

constexpr float kNormEpsilon = 1e-12f;  // fixed in the reference, not in config.json

constexpr char kArchitecture[] = "DistilBertForSequenceClassification";

// The head that the checkpoint was saved with. Old files do not say; there the tensors tell.
void CheckArchitecture(const Config& config, const Plan& plan) {
  if (config.architecture() == kArchitecture) return;
  if (!config.architecture().empty()) {
    config.Fail("architectures",
                "names " + config.architecture() + ", which is not supported (supported: " + kArchitecture + ")");
  }
  if (!plan.Has("classifier.weight") || !plan.Has("pre_classifier.weight")) {
    config.Fail("architectures", std::string("is missing, and the weights have no classifier (supported: ") +
                                     kArchitecture + ")");
  }
}

// 1/sqrt(head size), by which attention scales its scores, is moved into Q's weights and bias: the scores
// are linear in Q, so the network stays the same and runs one multiplication per score less.
std::unique_ptr<schema::LayerT> DescribeLayer(const std::string& name, const std::string& source,
                                              const schema::EncoderT& encoder, Plan* plan) {
  const uint32_t hidden = encoder.hidden_size;
  const float query_factor = 1 / std::sqrt(static_cast<float>(hidden / encoder.head_count));
  auto layer = std::make_unique<schema::LayerT>();
  layer->qkv = plan->Linear(
      name + "qkv", 3 * hidden, hidden,
      {{source + "attention.q_lin", query_factor}, {source + "attention.k_lin"}, {source + "attention.v_lin"}});
  layer->attention_output =
      plan->Linear(name + "attention_output", hidden, hidden, {{source + "attention.out_lin"}});
  layer->attention_norm = plan->Norm(name + "attention_norm", hidden, source + "sa_layer_norm");
  layer->ffn_in = plan->Linear(name + "ffn_in", encoder.ffn_size, hidden, {{source + "ffn.lin1"}});
  layer->ffn_out = plan->Linear(name + "ffn_out", hidden, encoder.ffn_size, {{source + "ffn.lin2"}});
  layer->ffn_norm = plan->Norm(name + "ffn_norm", hidden, source + "output_layer_norm");
  return layer;
}

// The checkpoint's position table counts, as in the reference, also where it is called sinusoidal; only when it
// was left out of the file is it computed.
std::unique_ptr<schema::EmbeddingsT> DescribeEmbeddings(const std::string& source, const Config& config,
                                                        const schema::EncoderT& encoder, Plan* plan) {
  const uint32_t hidden = encoder.hidden_size;
  const std::string positions = source + "position_embeddings.weight";
  auto embeddings = std::make_unique<schema::EmbeddingsT>();
  embeddings->token = plan->Matrix("embeddings.token", config.Count("vocab_size", 30522), hidden,
                                   {{source + "word_embeddings.weight"}});
  if (config.Flag("sinusoidal_pos_embds", false) && !plan->Has(positions)) {
    embeddings->position = plan->Computed("embeddings.position", encoder.max_tokens, hidden, SinusoidalPosition);
  } else {
    embeddings->position = plan->Matrix("embeddings.position", encoder.max_tokens, hidden, {{positions}});
  }
  embeddings->norm = plan->Norm("embeddings.norm", hidden, source + "LayerNorm");
  return embeddings;
}

// First token -> linear -> ReLU -> linear. The ReLU is the head's own, whatever the encoder uses.
std::unique_ptr<schema::HeadT> DescribeHead(const Config& config, uint32_t hidden, Plan* plan) {
  auto head = std::make_unique<schema::HeadT>();
  head->name = "classifier";
  head->task = schema::Task::TextClassification;
  head->problem_type = config.ProblemType();
  head->rows = schema::RowChoice::First;
  head->labels = config.Labels();
  auto dense = std::make_unique<schema::HeadStepT>();
  dense->linear = plan->Linear("classifier.dense", hidden, hidden, {{"pre_classifier"}});
  dense->activation = schema::Activation::Relu;
  head->steps.push_back(std::move(dense));
  auto output = std::make_unique<schema::HeadStepT>();
  const auto labels = static_cast<uint32_t>(head->labels.size());
  output->linear = plan->Linear("classifier.output", labels, hidden, {{"classifier"}});
  head->steps.push_back(std::move(output));
  return head;
}

}  // namespace

void SinusoidalPosition(uint32_t position, std::span<float> out) {
  for (size_t column = 0; column < out.size(); ++column) {
    const double exponent = static_cast<double>(column / 2 * 2) / static_cast<double>(out.size());
    const double angle = position / std::pow(10000.0, exponent);
    out[column] = static_cast<float>(column % 2 == 0 ? std::sin(angle) : std::cos(angle));
  }
}

Network DescribeDistilBert(const Config& config, Plan* plan) {
  CheckArchitecture(config, *plan);
  Network network;
  network.architecture = kArchitecture;
  network.encoder = std::make_unique<schema::EncoderT>();
  schema::EncoderT& encoder = *network.encoder;
  encoder.hidden_size = config.Count("dim", 768);
  encoder.embedding_size = encoder.hidden_size;
  encoder.head_count = config.Count("n_heads", 12);
  encoder.ffn_size = config.Count("hidden_dim", 4 * 768);
  encoder.max_tokens = config.Count("max_position_embeddings", 512);
  encoder.norm_epsilon = kNormEpsilon;
  encoder.activation = config.Activation("activation", "gelu");
  if (encoder.hidden_size % encoder.head_count != 0) {
    config.Fail("n_heads", "is " + std::to_string(encoder.head_count) + ", which does not divide dim, " +
                               std::to_string(encoder.hidden_size));
  }
  const std::string prefix = plan->Prefix({"", "distilbert."}, "embeddings.word_embeddings.weight");
  encoder.embeddings = DescribeEmbeddings(prefix + "embeddings.", config, encoder, plan);
  const uint32_t layers = config.Count("n_layers", 6);
  for (uint32_t i = 0; i < layers; ++i) {
    const std::string number = std::to_string(i);
    encoder.layers.push_back(DescribeLayer("layer." + number + ".", prefix + "transformer.layer." + number + ".",
                                           encoder, plan));
  }
  network.head = DescribeHead(config, encoder.hidden_size, plan);
  return network;
}

}  // namespace pbert
