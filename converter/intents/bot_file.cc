#include "converter/intents/bot_file.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>

#include "base/arena.h"
#include "base/checksum.h"
#include "converter/pbert/assemble.h"
#include "converter/support/error.h"
#include "model/header.h"
#include "model/model.h"
#include "pocketbert/pocketbert.h"
#include "quant/quantize.h"

namespace pbert::converter {
namespace {

// Tensors that come behind those of the encoder.
class TensorAdder {
 public:
  TensorAdder(schema::ModelT* model, uint64_t data_bytes) : model_(model), first_(data_bytes) {}

  const std::vector<uint8_t>& bytes() const { return bytes_; }

  int32_t AddVector(const std::string& name, std::span<const float> values) {
    schema::TensorT& tensor = Add(name, schema::TensorType::F32, {static_cast<uint32_t>(values.size())});
    tensor.data_block = Append(values.data(), values.size_bytes());
    tensor.data_bytes = static_cast<uint32_t>(values.size_bytes());
    return Last();
  }
  // The first `columns` of rows [first, first + rows), each by a scale of its own.
  int32_t AddMatrix(const std::string& name, const DenseMatrix& matrix, size_t first, size_t rows, size_t columns) {
    std::vector<int8_t> quantized(rows * columns);
    std::vector<float> scales(rows);
    for (size_t i = 0; i < rows; ++i) {
      scales[i] = QuantizeRow({matrix.row(first + i), columns}, {quantized.data() + i * columns, columns});
    }
    schema::TensorT& tensor =
        Add(name, schema::TensorType::I8, {static_cast<uint32_t>(rows), static_cast<uint32_t>(columns)});
    tensor.data_block = Append(quantized.data(), quantized.size());
    tensor.data_bytes = static_cast<uint32_t>(quantized.size());
    tensor.scales_block = Append(scales.data(), scales.size() * sizeof(float));
    return Last();
  }
  // Of a matrix whose last column is the bias.
  std::unique_ptr<schema::LinearT> AddLinear(const std::string& name, const DenseMatrix& matrix, size_t first,
                                             size_t rows) {
    auto linear = std::make_unique<schema::LinearT>();
    std::vector<float> biases;
    for (size_t i = 0; i < rows; ++i) biases.push_back(matrix.row(first + i)[matrix.columns - 1]);
    linear->weight = AddMatrix(name + ".weight", matrix, first, rows, matrix.columns - 1);
    linear->bias = AddVector(name + ".bias", biases);
    return linear;
  }

 private:
  int32_t Last() const { return static_cast<int32_t>(model_->tensors.size()) - 1; }
  schema::TensorT& Add(const std::string& name, schema::TensorType type, std::vector<uint32_t> shape) {
    auto tensor = std::make_unique<schema::TensorT>();
    tensor->name = name;
    tensor->type = type;
    tensor->shape = std::move(shape);
    model_->tensors.push_back(std::move(tensor));
    return *model_->tensors.back();
  }
  uint32_t Append(const void* data, size_t size) {
    const size_t at = bytes_.size();
    bytes_.resize(RoundUp(at + size, kDataAlignment));
    memcpy(bytes_.data() + at, data, size);
    return static_cast<uint32_t>((first_ + at) / kDataAlignment);
  }

  schema::ModelT* model_;
  uint64_t first_;
  std::vector<uint8_t> bytes_;
};

std::unique_ptr<schema::RejectionT> MakeRejection(const IntentHead& head, size_t intents, TensorAdder* tensors) {
  auto rejection = std::make_unique<schema::RejectionT>();
  rejection->offset = head.rejection.offset;
  rejection->energy_weight = head.rejection.energy;
  rejection->distance_weight = head.rejection.distance;
  rejection->logits_of_distance = head.logits_of_distance;
  if (head.linear.rows > intents) {
    rejection->out_of_scope_weight = head.rejection.out_of_scope;
    rejection->out_of_scope = tensors->AddLinear("intents.out_of_scope", head.linear, intents, 1);
  }
  const Discriminant& discriminant = head.discriminant;
  rejection->projection = std::make_unique<schema::LinearT>();
  const DenseMatrix& projection = discriminant.projection;
  rejection->projection->weight =
      tensors->AddMatrix("intents.projection.weight", projection, 0, projection.rows, projection.columns - 1);
  rejection->projection->bias = tensors->AddVector("intents.projection.bias", discriminant.offsets);
  const DenseMatrix& means = discriminant.means;
  rejection->means = tensors->AddMatrix("intents.means", means, 0, means.rows, means.columns);
  rejection->precisions = tensors->AddVector("intents.precisions", discriminant.precisions);
  return rejection;
}

std::unique_ptr<schema::HeadT> MakeHead(const BotFile& bot, TensorAdder* tensors) {
  const IntentHead& trained = *bot.head;
  auto head = std::make_unique<schema::HeadT>();
  head->name = "intents";
  head->task = schema::Task::TextClassification;
  head->rows = schema::RowChoice::All;
  head->labels = bot.intents;
  head->features = std::make_unique<schema::FeaturesT>();
  for (const WeightedLayer& layer : trained.layers) {
    auto part = std::make_unique<schema::FeaturePartT>();
    part->layer = layer.layer;
    part->weight = layer.weight;
    head->features->parts.push_back(std::move(part));
  }
  head->features->linear = tensors->AddLinear("intents", trained.linear, 0, bot.intents.size());
  head->temperature = trained.temperature;
  head->rejection = MakeRejection(trained, bot.intents.size(), tensors);
  head->reject_threshold = 0.5f;
  return head;
}

std::unique_ptr<schema::ReportT> MakeReport(const BotFile& bot) {
  auto report = std::make_unique<schema::ReportT>();
  report->converter_version = PBERT_VERSION;
  report->accuracy = std::make_unique<schema::AccuracyT>();
  report->accuracy->dataset = bot.dataset + ", cross-validated";
  report->accuracy->metric = "accuracy";
  report->accuracy->examples = static_cast<uint32_t>(bot.head->held_out.predicted.size());
  report->accuracy->int8 = static_cast<float>(bot.head->held_out.accuracy);
  return report;
}

}  // namespace

uint64_t WriteBot(const BotFile& bot, const TemporaryFile& file) {
  std::unique_ptr<Model> encoder;
  ThrowIfError(Model::OpenPath(bot.encoder.c_str(), OpenOptions(), &encoder));
  schema::ModelT model;
  encoder->root().UnPackTo(&model);
  const uint64_t copied = uint64_t{encoder->header().data_blocks} * kDataAlignment;
  TensorAdder tensors(&model, copied);
  std::erase_if(model.heads, [](const auto& head) { return head->task == schema::Task::TextClassification; });
  model.heads.insert(model.heads.begin(), MakeHead(bot, &tensors));
  model.report = MakeReport(bot);
  if (model.provenance == nullptr) model.provenance = std::make_unique<schema::ProvenanceT>();
  model.provenance->recipe += (model.provenance->recipe.empty() ? "" : "; ") + bot.recipe;

  InputFile input(bot.encoder);
  Xxh64 checksum;
  std::vector<uint8_t> piece(1 << 20);
  for (uint64_t at = 0; at < copied; at += piece.size()) {
    const auto size = static_cast<size_t>(std::min<uint64_t>(piece.size(), copied - at));
    input.ReadAt(encoder->header().data_offset + at, piece.data(), size);
    checksum.Update(piece.data(), size);
  }
  const std::vector<uint8_t>& added = tensors.bytes();
  checksum.Update(added.data(), added.size());
  const std::vector<uint8_t> metadata = AssembleMetadata(model, copied + added.size(), checksum.Finish());
  const uint64_t bytes = metadata.size() + copied + added.size();
  RequireRoom({{&file, bytes}});
  OutputFile output(file, bytes);
  output.Write(metadata.data(), metadata.size());
  CopyBytes(&input, encoder->header().data_offset, copied, &output);
  output.Write(added.data(), added.size());
  output.Close();
  return bytes;
}

}  // namespace pbert::converter
