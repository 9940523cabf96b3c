#include "tests/fuzz/random_model.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "base/packed_block.h"
#include "converter/pbert/assemble.h"
#include "model/header.h"
#include "tests/fuzz/random_tokenizer.h"

namespace pbert::fuzz {
namespace {

using schema::Task;
using schema::TensorType;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

size_t RoundUpToBlock(size_t size) { return (size + kDataAlignment - 1) / kDataAlignment * kDataAlignment; }

class Maker {
 public:
  explicit Maker(Chance* chance) : u_(*chance) {}

  RandomModel Make(bool spoiled_tokenizer) {
    extreme_ = u_.OneIn(3) ? 2 + u_(40) : 0;
    share_ = u_.OneIn(3);
    RandomTokenizer tokenizer = MakeRandomTokenizer(&u_, spoiled_tokenizer);
    file_.model.tokenizer = std::move(tokenizer.table);
    vocabulary_ = tokenizer.rows + u_(3);
    MakeEncoder();
    for (auto* frame : {&file_.model.tokenizer->frame_single, &file_.model.tokenizer->frame_pair}) {
      for (auto& piece : *frame) piece->type_id = static_cast<uint8_t>(types_ == 0 ? u_(256) : u_(types_));
    }
    AddHead(static_cast<Task>(u_(6)), "head");
    if (u_.OneIn(6)) AddHead(static_cast<Task>(u_(6)), "second");
    if (u_.OneIn(3)) {
      file_.model.report = std::make_unique<schema::ReportT>();
      file_.model.provenance = std::make_unique<schema::ProvenanceT>();
    }
    file_.data.resize(RoundUpToBlock(file_.data.size()));
    return std::move(file_);
  }

 private:
  float Value() {
    static const float kExtremes[] = {0.f,   -0.f,   1e38f,     -1e38f,     3e38f,   1e-40f,
                                      1e20f, -1e20f, kInfinity, -kInfinity, 65504.f, std::nanf("")};
    if (extreme_ != 0 && u_.OneIn(extreme_)) return kExtremes[u_(std::size(kExtremes))];
    return static_cast<float>(u_(2001)) / 1000 - 1;
  }
  float Finite(float around) {
    const float value = Value();
    if (!std::isfinite(value)) return around;
    return std::fabs(value) < 10 ? value + around : value;
  }

  uint32_t TakeBlocks(size_t bytes) {
    file_.data.resize(RoundUpToBlock(file_.data.size()));
    const auto block = static_cast<uint32_t>(file_.data.size() / kDataAlignment);
    file_.data.resize(file_.data.size() + bytes);
    return block;
  }
  void Put(uint32_t block, size_t index, float value) {
    memcpy(&file_.data[kDataAlignment * block + sizeof(value) * index], &value, sizeof(value));
  }
  int32_t Add(std::unique_ptr<schema::TensorT> tensor) {
    file_.model.tensors.push_back(std::move(tensor));
    return static_cast<int32_t>(file_.model.tensors.size()) - 1;
  }

  // Weights, sums, scales and biases are anything: nobody looks at them when the file is opened. Of bytes alone hardly
  // a scale would let anything but infinity through, so some are as they should be, or nearly.
  int32_t Packed(const std::string& name, uint32_t rows, uint32_t columns) {
    const auto shape = std::make_tuple(TensorType::I4, rows, columns);  // a key of its own among those of Matrix
    if (share_ && made_.contains(shape) && u_(2)) return made_[shape];
    auto tensor = std::make_unique<schema::TensorT>();
    tensor->name = name;
    tensor->type = TensorType::I8;
    tensor->layout = schema::Layout::Packed16x4;
    tensor->shape = {rows, columns};
    tensor->data_bytes = static_cast<uint32_t>(PackedBytes(columns, rows));
    tensor->data_block = TakeBlocks(tensor->data_bytes);
    for (size_t i = 0; i < tensor->data_bytes; ++i)
      file_.data[kDataAlignment * tensor->data_block + i] = static_cast<uint8_t>(u_.Word());
    if (u_(4)) MendBlocks(*tensor);
    return made_[shape] = Add(std::move(tensor));
  }

  void MendBlocks(const schema::TensorT& tensor) {
    const uint32_t columns = tensor.shape[1];
    uint8_t* block = &file_.data[kDataAlignment * tensor.data_block];
    const PackedBlocks blocks(block, columns);
    const size_t tail = kPackedColumns * (sizeof(int32_t) + PackedRow(columns));
    for (size_t first = 0; first < tensor.shape[0]; first += kPackedColumns, block += PackedBlockBytes(columns)) {
      for (size_t c = 0; c < kPackedColumns; ++c) {
        int32_t sum = 0;
        for (size_t i = 0; i < PackedRow(columns); ++i) sum -= blocks.Weight(first + c, i);
        const float scale = std::fabs(Value()) * 0.01f, bias = Value();
        memcpy(block + sizeof(sum) * c, &sum, sizeof(sum));
        memcpy(block + tail + sizeof(scale) * c, &scale, sizeof(scale));
        memcpy(block + tail + sizeof(bias) * (kPackedColumns + c), &bias, sizeof(bias));
      }
    }
  }

  int32_t Matrix(const std::string& name, uint32_t rows, uint32_t columns) {
    return Matrix(name, rows, columns, u_(3) ? TensorType::I8 : TensorType::F32);
  }

  int32_t Matrix(const std::string& name, uint32_t rows, uint32_t columns, TensorType type) {
    const auto shape = std::make_tuple(type, rows, columns);
    if (share_ && made_.contains(shape) && u_(2)) return made_[shape];
    const size_t count = size_t{rows} * columns;
    auto tensor = std::make_unique<schema::TensorT>();
    tensor->name = name;
    tensor->type = type;
    tensor->shape = {rows, columns};
    tensor->data_bytes = static_cast<uint32_t>(type == TensorType::I8 ? count : sizeof(float) * count);
    tensor->data_block = TakeBlocks(tensor->data_bytes);
    if (type == TensorType::I8) {
      for (size_t i = 0; i < count; ++i)
        file_.data[kDataAlignment * tensor->data_block + i] = static_cast<uint8_t>(u_.Word());
      tensor->scales_block = TakeBlocks(sizeof(float) * rows);
      for (uint32_t row = 0; row < rows; ++row) {
        const float scale = std::fabs(Finite(0.01f));
        Put(tensor->scales_block, row, scale > 0 ? scale : 0.01f);
      }
    } else {
      for (size_t i = 0; i < count; ++i) Put(tensor->data_block, i, Value());
    }
    return made_[shape] = Add(std::move(tensor));
  }

  int32_t Vector(const std::string& name, uint32_t size, float around) {
    auto tensor = std::make_unique<schema::TensorT>();
    tensor->name = name;
    tensor->shape = {size};
    tensor->data_bytes = static_cast<uint32_t>(sizeof(float)) * size;
    tensor->data_block = TakeBlocks(tensor->data_bytes);
    for (uint32_t i = 0; i < size; ++i) Put(tensor->data_block, i, Finite(around));
    return Add(std::move(tensor));
  }

  std::unique_ptr<schema::LinearT> Linear(const std::string& name, uint32_t rows, uint32_t columns, bool bias = true) {
    auto linear = std::make_unique<schema::LinearT>();
    if (u_(3)) {
      linear->weight = Packed(name + ".w", rows, columns);
      return linear;
    }
    linear->weight = Matrix(name + ".w", rows, columns, TensorType::F32);
    linear->bias = bias ? Vector(name + ".b", rows, 0) : -1;
    return linear;
  }

  std::unique_ptr<schema::NormT> Norm(const std::string& name, uint32_t size) {
    auto norm = std::make_unique<schema::NormT>();
    norm->gamma = Vector(name + ".g", size, 1);
    norm->beta = Vector(name + ".b", size, 0);
    return norm;
  }

  void MakeEncoder() {
    static constexpr uint32_t kWidths[] = {1, 2, 3, 4, 5, 8, 12, 16, 17, 24, 31, 32, 48, 64, 65};
    file_.model.encoder = std::make_unique<schema::EncoderT>();
    schema::EncoderT& e = *file_.model.encoder;
    const uint32_t hidden = kWidths[u_(std::size(kWidths))];
    e.hidden_size = hidden;
    std::vector<uint32_t> divisors;
    for (uint32_t i = 1; i <= hidden; ++i) {
      if (hidden % i == 0) divisors.push_back(i);
    }
    e.head_count = divisors[u_(divisors.size())];
    e.ffn_size = 1 + u_(70);
    e.embedding_size = u_.OneIn(3) ? kWidths[u_(std::size(kWidths))] : hidden;
    e.max_tokens = 1 + (u_.OneIn(4) ? u_(300) : u_(24));
    e.norm_epsilon = u_(2) ? 1e-12f : 0.5f;
    e.activation = static_cast<schema::Activation>(1 + u_(6));
    MakeEmbeddings(&e);
    const uint32_t layers = 1 + u_(3);
    for (uint32_t i = 0; i < layers; ++i) e.layers.push_back(Layer("l" + std::to_string(i), e));
    if (u_.OneIn(3)) {
      for (uint32_t i = 1 + u_(5); i > 0; --i) e.order.push_back(static_cast<uint8_t>(u_(layers)));
    }
  }

  void MakeEmbeddings(schema::EncoderT* encoder) {
    encoder->embeddings = std::make_unique<schema::EmbeddingsT>();
    schema::EmbeddingsT& m = *encoder->embeddings;
    const uint32_t width = encoder->embedding_size;
    m.token = Matrix("token", vocabulary_, width);
    m.position_offset = u_(3);
    if (m.position_offset > 0 && u_(2)) m.uncounted_id = static_cast<int32_t>(u_(vocabulary_));
    m.position = Matrix("position", encoder->max_tokens + m.position_offset + u_(2), width);
    types_ = u_(4);
    if (types_ > 0) m.token_type = Matrix("type", types_, width);
    m.norm = Norm("norm", width);
    if (width != encoder->hidden_size || u_.OneIn(3)) {
      m.projection = Linear("projection", encoder->hidden_size, width, u_(2));
    }
  }

  std::unique_ptr<schema::LayerT> Layer(const std::string& name, const schema::EncoderT& encoder) {
    const uint32_t hidden = encoder.hidden_size;
    auto layer = std::make_unique<schema::LayerT>();
    layer->query = Linear(name + "q", hidden, hidden);
    layer->key = Linear(name + "k", hidden, hidden);
    layer->value = Linear(name + "v", hidden, hidden);
    layer->attention_output = Linear(name + "o", hidden, hidden);
    layer->attention_norm = Norm(name + "an", hidden);
    layer->ffn_in = Linear(name + "fi", encoder.ffn_size, hidden);
    layer->ffn_out = Linear(name + "fo", hidden, encoder.ffn_size);
    layer->ffn_norm = Norm(name + "fn", hidden);
    return layer;
  }

  // A step of a head to `outputs` numbers (0: without a product) of `*width`.
  void AddStep(schema::HeadT* head, uint32_t* width, uint32_t outputs, schema::Activation activation, bool norm) {
    const std::string name = head->name + std::to_string(head->steps.size());
    auto step = std::make_unique<schema::HeadStepT>();
    const bool bias = u_(2);
    if (outputs > 0) {
      const schema::EncoderT& encoder = *file_.model.encoder;
      if (head->task == Task::FillMask && outputs == vocabulary_ && *width == encoder.embedding_size && u_(2)) {
        step->linear = std::make_unique<schema::LinearT>();  // the embedding's own, as in real ones
        step->linear->weight = encoder.embeddings->token;
        step->linear->bias = bias ? Vector(name + ".b", outputs, 0) : -1;
      } else {
        step->linear = Linear(name, outputs, *width, bias);
      }
      *width = outputs;
    }
    step->activation = activation;
    if (norm) step->norm = Norm(name + "n", *width);
    head->steps.push_back(std::move(step));
  }

  void AddHead(Task task, const std::string& name) {
    auto head = std::make_unique<schema::HeadT>();
    head->name = name;
    head->task = task;
    if (task == Task::TextClassification && u_.OneIn(3)) return AddFeatureHead(std::move(head));
    uint32_t width = file_.model.encoder->hidden_size;
    for (uint32_t i = u_(4); i > 0; --i) {
      AddStep(head.get(), &width, u_(3) ? 1 + u_(40) : 0, static_cast<schema::Activation>(u_(7)), u_.OneIn(3));
    }
    if (task == Task::FillMask && u_(2)) {
      AddStep(head.get(), &width, file_.model.encoder->embedding_size, schema::Activation::GeluErf, true);
    }
    uint32_t outputs = 0, labels = 0;
    head->rows = schema::RowChoice::First;
    switch (task) {
      case Task::TextClassification:
        outputs = labels = 1 + u_(u_.OneIn(5) ? 400 : 8);
        head->problem_type = static_cast<schema::ProblemType>(u_(3));
        if (u_(2)) head->reject_threshold = 0.5f;
        break;
      case Task::TokenClassification:
        outputs = labels = 1 + u_(9);
        head->rows = schema::RowChoice::All;
        break;
      case Task::QuestionAnswering:
        outputs = 2;
        head->rows = schema::RowChoice::All;
        break;
      case Task::FillMask:
        outputs = vocabulary_;
        head->rows = u_(2) ? schema::RowChoice::All : schema::RowChoice::Listed;
        break;
      case Task::FeatureExtraction:
        MakePooling(head.get());
        break;
      case Task::NextSentence:
        outputs = 2;
        break;
    }
    if (outputs > 0) AddStep(head.get(), &width, outputs, schema::Activation::None, false);
    static constexpr const char* kLabels[] = {"O",    "B-PER", "I-PER", "B-LOC",      "I-LOC",
                                              "MISC", "",      "B-",    "entailment", "\x1b[31mred"};
    for (uint32_t i = 0; i < labels; ++i) {
      head->labels.push_back(i < std::size(kLabels) ? kLabels[i] : "L" + std::to_string(i));
    }
    file_.model.heads.push_back(std::move(head));
  }

  std::unique_ptr<schema::LinearT> RowMajor(const std::string& name, uint32_t rows, uint32_t columns) {
    auto linear = std::make_unique<schema::LinearT>();
    linear->weight = Matrix(name, rows, columns);
    linear->bias = Vector(name + ".b", rows, 0);
    return linear;
  }

  void AddFeatureHead(std::unique_ptr<schema::HeadT> head) {
    const schema::EncoderT& encoder = *file_.model.encoder;
    const size_t layers = encoder.order.empty() ? encoder.layers.size() : encoder.order.size();
    head->rows = schema::RowChoice::All;
    head->features = std::make_unique<schema::FeaturesT>();
    for (uint32_t layer = 0; layer <= layers && head->features->parts.size() < 4; ++layer) {
      if (layer < layers && u_(2)) continue;  // the last at least
      head->features->parts.push_back(std::make_unique<schema::FeaturePartT>());
      head->features->parts.back()->layer = layer;
      head->features->parts.back()->weight = Value();
    }
    if (head->features->parts.empty()) head->features->parts.push_back(std::make_unique<schema::FeaturePartT>());
    const auto width = static_cast<uint32_t>(head->features->parts.size()) * encoder.hidden_size;
    const uint32_t labels = 1 + u_(40), dimensions = 1 + u_(20);
    head->features->linear = RowMajor("feature", labels, width);
    for (uint32_t i = 0; i < labels; ++i) head->labels.push_back("L" + std::to_string(i));
    head->temperature = 0.01f + std::fabs(Value());
    if (u_(2)) head->reject_threshold = 0.5f;
    if (u_(4)) {
      head->rejection = std::make_unique<schema::RejectionT>();
      head->rejection->offset = Value();
      head->rejection->energy_weight = Value();
      if (u_(2)) {
        head->rejection->out_of_scope_weight = Value();
        head->rejection->out_of_scope = RowMajor("other", 1, width);
      }
      if (u_(3)) {
        head->rejection->distance_weight = Value();
        head->rejection->projection = RowMajor("projection", dimensions, width);
        head->rejection->means = Matrix("means", labels, dimensions);
        head->rejection->precisions = Vector("precisions", dimensions, 0.5f);
        head->rejection->logits_of_distance = Value();
      }
    }
    file_.model.heads.push_back(std::move(head));
  }

  void MakePooling(schema::HeadT* head) {
    static constexpr schema::Pooling kAll[] = {
        schema::Pooling::None, schema::Pooling::Mean,         schema::Pooling::Max, schema::Pooling::MeanSqrtLength,
        schema::Pooling::Cls,  schema::Pooling::WeightedMean, schema::Pooling::Last};
    head->rows = u_(4) ? schema::RowChoice::All : schema::RowChoice::First;
    head->pooling = head->rows == schema::RowChoice::All ? kAll[u_(std::size(kAll))]
                                                         : (u_(2) ? schema::Pooling::Cls : schema::Pooling::None);
    head->normalize = u_(2);
    if (u_(3)) return;
    head->text = std::make_unique<schema::TextPreparationT>();
    if (u_(2)) head->text->prompt = RandomWord(&u_, 5) + " ";
    head->text->strip = u_(2);
    head->text->lowercase = u_(2);
    head->text->skip_prompt = u_(2);
  }

  Chance& u_;
  RandomModel file_;
  uint32_t extreme_ = 0;  // one in so many values is extreme; 0: none
  bool share_ = false;    // matrices of the same shape may be one
  uint32_t vocabulary_ = 0, types_ = 0;
  std::map<std::tuple<TensorType, uint32_t, uint32_t>, int32_t> made_;
};

}  // namespace

std::vector<uint8_t> RandomModel::Bytes() const {
  std::vector<uint8_t> bytes = converter::AssembleMetadata(model, data.size(), 0);
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

RandomModel MakeRandomModel(Chance* chance, bool spoiled_tokenizer) { return Maker(chance).Make(spoiled_tokenizer); }

}  // namespace pbert::fuzz
