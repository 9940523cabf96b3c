#include "tests/engine/network_file.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <utility>

#include "quant/quantize.h"

namespace pbert::test {
namespace {

class Builder {
 public:
  explicit Builder(const NetworkShape& shape) : shape_(shape) {
    // The tokenizer stays, and everything about the network goes.
    file_.model.tensors.clear();
    file_.model.heads.clear();
    file_.data.clear();
  }

  TinyFile Build() {
    schema::EncoderT& encoder = *(file_.model.encoder = std::make_unique<schema::EncoderT>());
    const uint32_t hidden = shape_.hidden;
    const uint32_t embedding = shape_.embedding != 0 ? shape_.embedding : hidden;
    encoder.hidden_size = hidden;
    encoder.head_count = shape_.heads;
    encoder.ffn_size = shape_.ffn;
    encoder.embedding_size = embedding;
    encoder.max_tokens = shape_.tokens;
    encoder.norm_epsilon = 1e-7f;
    encoder.activation = shape_.activation;
    encoder.order = shape_.order;

    encoder.embeddings = std::make_unique<schema::EmbeddingsT>();
    schema::EmbeddingsT& embeddings = *encoder.embeddings;
    embeddings.token = Matrix("embeddings.token", kVocabulary, embedding, 1);
    embeddings.position = Matrix("embeddings.position", shape_.tokens + shape_.position_offset, embedding, 0.5);
    embeddings.position_offset = shape_.position_offset;
    embeddings.uncounted_id = shape_.uncounted_id;
    if (shape_.types > 0) embeddings.token_type = Matrix("embeddings.type", shape_.types, embedding, 0.5);
    embeddings.norm = Norm("embeddings.norm", embedding);
    if (embedding != hidden) embeddings.projection = Linear("embeddings.projection", hidden, embedding);

    for (uint32_t i = 0; i < shape_.layers; ++i) {
      const std::string name = "layer." + std::to_string(i) + ".";
      auto layer = std::make_unique<schema::LayerT>();
      layer->query = Linear(name + "query", hidden, hidden);
      layer->key = Linear(name + "key", hidden, hidden);
      layer->value = Linear(name + "value", hidden, hidden);
      layer->attention_output = Linear(name + "attention_output", hidden, hidden);
      layer->attention_norm = Norm(name + "attention_norm", hidden);
      layer->ffn_in = Linear(name + "ffn_in", shape_.ffn, hidden);
      layer->ffn_out = Linear(name + "ffn_out", hidden, shape_.ffn);
      layer->ffn_norm = Norm(name + "ffn_norm", hidden);
      encoder.layers.push_back(std::move(layer));
    }
    AddHeads();
    // A model with a single type has it everywhere.
    for (auto& piece : file_.model.tokenizer->frame_pair) {
      if (shape_.types == 1) piece->type_id = 0;
    }
    return std::move(file_);
  }

 private:
  using Step = schema::HeadStepT;

  void AddHeads() {
    using schema::Activation;
    using schema::RowChoice;
    using schema::Task;
    const uint32_t hidden = shape_.hidden;
    Begin("classifier", Task::TextClassification, RowChoice::First, 3);
    Add(hidden, hidden, true, Activation::Relu, 0);
    Add(3, hidden, true, Activation::None, 0);
    Begin("tagger", Task::TokenClassification, RowChoice::All, 5);
    Add(5, hidden, true, Activation::None, 0);
    Begin("language", Task::FillMask, RowChoice::Listed, 0);
    Add(hidden, hidden, true, Activation::GeluErf, hidden);
    Add(kVocabulary, hidden, false, Activation::None, 0);
    Begin("features", Task::FeatureExtraction, RowChoice::All, 0);
    Begin("steps", Task::NextSentence, RowChoice::First, 0);
    Add(hidden, hidden, true, Activation::Tanh, 0);
    Add(0, 0, false, Activation::None, hidden);
    Add(2 * hidden, hidden, true, Activation::GeluTanh, 2 * hidden);
    Add(2, 2 * hidden, true, Activation::None, 0);
  }

  void Begin(const char* name, schema::Task task, schema::RowChoice rows, uint32_t labels) {
    auto head = std::make_unique<schema::HeadT>();
    head->name = name;
    head->task = task;
    head->rows = rows;
    for (uint32_t i = 0; i < labels; ++i) head->labels.push_back("label " + std::to_string(i));
    file_.model.heads.push_back(std::move(head));
  }

  void Add(uint32_t outputs, uint32_t inputs, bool bias, schema::Activation activation, uint32_t norm) {
    schema::HeadT& head = *file_.model.heads.back();
    const std::string name = "head." + head.name + "." + std::to_string(head.steps.size());
    auto step = std::make_unique<Step>();
    if (outputs > 0) step->linear = Linear(name, outputs, inputs, bias);
    step->activation = activation;
    if (norm > 0) step->norm = Norm(name + ".norm", norm);
    head.steps.push_back(std::move(step));
  }

  std::unique_ptr<schema::LinearT> Linear(const std::string& name, uint32_t rows, uint32_t columns,
                                          bool biased = true) {
    auto linear = std::make_unique<schema::LinearT>();
    const std::string weight = name + ".weight";
    const double deviation = 1 / std::sqrt(static_cast<double>(columns));
    if (shape_.type(weight) == schema::TensorType::I8) {
      linear->weight = Packed(weight, rows, columns, deviation, biased);
      return linear;
    }
    linear->weight = Matrix(weight, rows, columns, deviation);
    if (biased) linear->bias = Vector(name + ".bias", rows, 0);
    return linear;
  }

  int32_t Packed(const std::string& name, uint32_t rows, uint32_t columns, double deviation, bool biased) {
    const int32_t index = file_.AddPacked(name, rows, columns);
    if (!shape_.random && biased) return index;
    std::vector<int8_t> weights(size_t{rows} * columns);
    std::vector<float> row(columns), scales, bias;
    for (uint32_t r = 0; r < rows; ++r) {
      for (float& value : row) value = static_cast<float>(deviation * Normal());
      scales.push_back(QuantizeRow(row, {weights.data() + size_t{r} * columns, columns}));
      if (biased) bias.push_back(static_cast<float>(0.2 * Normal()));
    }
    file_.SetPacked(name, weights, scales, bias);
    return index;
  }

  std::unique_ptr<schema::NormT> Norm(const std::string& name, uint32_t size) {
    auto norm = std::make_unique<schema::NormT>();
    norm->gamma = Vector(name + ".gamma", size, 1);
    norm->beta = Vector(name + ".beta", size, 0);
    return norm;
  }

  int32_t Vector(const std::string& name, uint32_t size, double around) {
    const int32_t index = file_.AddVector(name, size);
    float* values = file_.values(name);
    for (uint32_t i = 0; i < size; ++i) values[i] = static_cast<float>(around + 0.2 * Normal());
    return index;
  }

  int32_t Matrix(const std::string& name, uint32_t rows, uint32_t columns, double deviation) {
    const schema::TensorType type = shape_.type(name);
    const int32_t index = file_.AddMatrix(name, rows, columns, type);
    if (!shape_.random) return index;
    std::vector<float> row(columns);
    for (uint32_t r = 0; r < rows; ++r) {
      for (float& value : row) value = static_cast<float>(deviation * Normal());
      const size_t at = size_t{r} * columns;
      if (type == schema::TensorType::I8) {
        int8_t* to = reinterpret_cast<int8_t*>(file_.values(name)) + at;
        file_.scales(name)[r] = QuantizeRow(row, {to, columns});
      } else {
        std::copy(row.begin(), row.end(), file_.values(name) + at);
      }
    }
    return index;
  }

  // Near enough: the sum of twelve uniform ones. (std::normal_distribution differs between libraries.)
  double Normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(random_()) / 4294967296.0;
    return sum;
  }

  const NetworkShape& shape_;
  TinyFile file_;
  std::mt19937 random_{7};
};

}  // namespace

TinyFile MakeNetworkFile(const NetworkShape& shape) { return Builder(shape).Build(); }

OpenNetworkFile::OpenNetworkFile(const NetworkShape& shape) : bytes_(MakeNetworkFile(shape).Bytes(), 4) {
  const Status status = Model::OpenMemory(bytes_.data(), bytes_.size(), {}, &model_);
  REQUIRE_MESSAGE(status.ok(), std::string(status.message()));
}

}  // namespace pbert::test
