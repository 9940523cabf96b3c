#include "tests/support/tiny_file.h"

#include <stdexcept>
#include <utility>

#include "base/arena.h"
#include "base/packed_block.h"
#include "model/header.h"
#include "quant/pack.h"

namespace pbert::test {
namespace {

const char* const kPieces[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a",    "b",     "c",     "##a", "##b",
                               "##c",   "the",   "##ing", "sing",  "er",     "##er", "hello", "world", ".",   ","};
enum SpecialId { kPad = 0, kUnknown = 1, kCls = 2, kSep = 3, kMask = 4 };

std::unique_ptr<schema::FramePieceT> Piece(schema::FrameItem item, uint32_t id, uint8_t type_id) {
  auto piece = std::make_unique<schema::FramePieceT>();
  piece->item = item;
  piece->id = id;
  piece->type_id = type_id;
  return piece;
}

// The trie is a placeholder: nobody but Tokenizer::Open looks into it.
std::unique_ptr<schema::TokenizerT> MakeTokenizer() {
  using schema::FrameItem;
  auto tokenizer = std::make_unique<schema::TokenizerT>();
  for (const char* piece : kPieces) {
    tokenizer->piece_bytes.insert(tokenizer->piece_bytes.end(), piece, piece + strlen(piece));
    tokenizer->piece_ends.push_back(static_cast<uint32_t>(tokenizer->piece_bytes.size()));
  }
  tokenizer->trie = {0};
  tokenizer->continuing_prefix = "##";
  tokenizer->unknown_id = kUnknown;
  tokenizer->cls_id = kCls;
  tokenizer->sep_id = kSep;
  tokenizer->pad_id = kPad;
  tokenizer->mask_id = kMask;
  for (uint32_t id = kPad; id <= kMask; ++id) {
    auto token = std::make_unique<schema::AddedTokenT>();
    token->content = kPieces[id];
    token->id = id;
    token->special = true;
    tokenizer->added_tokens.push_back(std::move(token));
  }
  tokenizer->frame_single.push_back(Piece(FrameItem::SpecialToken, kCls, 0));
  tokenizer->frame_single.push_back(Piece(FrameItem::First, 0, 0));
  tokenizer->frame_single.push_back(Piece(FrameItem::SpecialToken, kSep, 0));
  tokenizer->frame_pair.push_back(Piece(FrameItem::SpecialToken, kCls, 0));
  tokenizer->frame_pair.push_back(Piece(FrameItem::First, 0, 0));
  tokenizer->frame_pair.push_back(Piece(FrameItem::SpecialToken, kSep, 0));
  tokenizer->frame_pair.push_back(Piece(FrameItem::Second, 0, 1));
  tokenizer->frame_pair.push_back(Piece(FrameItem::SpecialToken, kSep, 1));
  return tokenizer;
}

uint64_t Sum(const void* data, size_t size) {
  uint64_t sum = 0;
  for (size_t i = 0; i < size; ++i) sum += static_cast<const uint8_t*>(data)[i];
  return sum;
}

}  // namespace

TinyFile::TinyFile(schema::TensorType weights) {
  model.encoder = std::make_unique<schema::EncoderT>();
  schema::EncoderT& encoder = *model.encoder;
  encoder.hidden_size = kHidden;
  encoder.head_count = 2;
  encoder.ffn_size = kFfn;
  encoder.embedding_size = kHidden;
  encoder.max_tokens = kPositions;
  encoder.norm_epsilon = 1e-12f;

  encoder.embeddings = std::make_unique<schema::EmbeddingsT>();
  encoder.embeddings->token = AddMatrix("embeddings.token", std::size(kPieces), kHidden, weights);
  encoder.embeddings->position = AddMatrix("embeddings.position", kPositions, kHidden, weights);
  encoder.embeddings->norm = AddNorm("embeddings.norm", kHidden);

  auto layer = std::make_unique<schema::LayerT>();
  layer->query = AddLinear("layer.0.query", kHidden, kHidden, weights);
  layer->key = AddLinear("layer.0.key", kHidden, kHidden, weights);
  layer->value = AddLinear("layer.0.value", kHidden, kHidden, weights);
  layer->attention_output = AddLinear("layer.0.attention_output", kHidden, kHidden, weights);
  layer->attention_norm = AddNorm("layer.0.attention_norm", kHidden);
  layer->ffn_in = AddLinear("layer.0.ffn_in", kFfn, kHidden, weights);
  layer->ffn_out = AddLinear("layer.0.ffn_out", kHidden, kFfn, weights);
  layer->ffn_norm = AddNorm("layer.0.ffn_norm", kHidden);
  encoder.layers.push_back(std::move(layer));

  auto head = std::make_unique<schema::HeadT>();
  head->name = "classifier";
  head->labels = {"greet", "order", "bye \xC3\xA9"};
  auto pre_classifier = std::make_unique<schema::HeadStepT>();
  pre_classifier->linear = AddLinear("head.pre_classifier", kHidden, kHidden, weights);
  pre_classifier->activation = schema::Activation::Relu;
  head->steps.push_back(std::move(pre_classifier));
  auto classifier = std::make_unique<schema::HeadStepT>();
  classifier->linear = AddLinear("head.classifier", kLabels, kHidden, weights);
  head->steps.push_back(std::move(classifier));
  model.heads.push_back(std::move(head));

  model.tokenizer = MakeTokenizer();
  model.report = std::make_unique<schema::ReportT>();
  model.report->converter_version = "test";
  model.report->accuracy = std::make_unique<schema::AccuracyT>();
  model.report->accuracy->dataset = "none";
  model.report->accuracy->metric = "accuracy";
  model.provenance = std::make_unique<schema::ProvenanceT>();
  model.provenance->architecture = "DistilBertForSequenceClassification";
}

std::vector<uint8_t> TinyFile::Bytes() const {
  std::vector<uint8_t> bytes = converter::AssembleMetadata(model, data.size(), Checksum64(data.data(), data.size()));
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

schema::TensorT& TinyFile::tensor(const std::string& name) {
  for (auto& tensor : model.tensors) {
    if (tensor->name == name) return *tensor;
  }
  throw std::runtime_error("no tensor " + name);
}

float* TinyFile::values(const std::string& name) {
  return reinterpret_cast<float*>(data.data() + size_t{64} * tensor(name).data_block);
}

float* TinyFile::scales(const std::string& name) {
  return reinterpret_cast<float*>(data.data() + size_t{64} * tensor(name).scales_block);
}

uint8_t* TinyFile::bytes(const std::string& name) { return data.data() + size_t{64} * tensor(name).data_block; }

void TinyFile::SetPacked(const std::string& name, const std::vector<int8_t>& weights, const std::vector<float>& scales,
                         const std::vector<float>& bias) {
  const std::vector<uint32_t>& shape = tensor(name).shape;
  PackInt8Weights(weights.data(), scales.data(), bias.empty() ? nullptr : bias.data(), shape[1], shape[0], bytes(name));
}

int32_t TinyFile::AddVector(const std::string& name, uint32_t size, float around) {
  auto tensor = std::make_unique<schema::TensorT>();
  tensor->name = name;
  tensor->shape = {size};
  tensor->data_bytes = 4 * size;
  tensor->data_block = TakeBlocks(tensor->data_bytes);
  model.tensors.push_back(std::move(tensor));
  float* value = values(name);
  for (uint32_t i = 0; i < size; ++i) value[i] = around + NextValue();
  return static_cast<int32_t>(model.tensors.size()) - 1;
}

int32_t TinyFile::AddMatrix(const std::string& name, uint32_t rows, uint32_t columns, schema::TensorType type) {
  const bool quantized = type == schema::TensorType::I8;
  auto tensor = std::make_unique<schema::TensorT>();
  tensor->name = name;
  tensor->type = type;
  tensor->shape = {rows, columns};
  tensor->data_bytes = rows * columns * (quantized ? 1 : 4);
  tensor->data_block = TakeBlocks(tensor->data_bytes);
  if (quantized) tensor->scales_block = TakeBlocks(size_t{4} * rows);
  model.tensors.push_back(std::move(tensor));
  if (quantized) {
    uint8_t* bytes = reinterpret_cast<uint8_t*>(values(name));
    for (uint32_t i = 0; i < rows * columns; ++i) {
      bytes[i] = static_cast<uint8_t>(static_cast<int8_t>(NextValue() * 254));
    }
    for (uint32_t i = 0; i < rows; ++i) scales(name)[i] = 0.01f + 0.001f * static_cast<float>(i % 5);
  } else {
    for (uint32_t i = 0; i < rows * columns; ++i) values(name)[i] = NextValue();
  }
  return static_cast<int32_t>(model.tensors.size()) - 1;
}

int32_t TinyFile::AddPacked(const std::string& name, uint32_t rows, uint32_t columns) {
  auto tensor = std::make_unique<schema::TensorT>();
  tensor->name = name;
  tensor->type = schema::TensorType::I8;
  tensor->layout = schema::Layout::Packed16x4;
  tensor->shape = {rows, columns};
  tensor->data_bytes = static_cast<uint32_t>(PackedBytes(columns, rows));
  tensor->data_block = TakeBlocks(tensor->data_bytes);
  model.tensors.push_back(std::move(tensor));
  std::vector<int8_t> weights(size_t{rows} * columns);
  for (int8_t& weight : weights) weight = static_cast<int8_t>(NextValue() * 254);
  std::vector<float> scales, bias;
  for (uint32_t i = 0; i < rows; ++i) scales.push_back(0.01f + 0.001f * static_cast<float>(i % 5));
  for (uint32_t i = 0; i < rows; ++i) bias.push_back(NextValue());
  SetPacked(name, weights, scales, bias);
  return static_cast<int32_t>(model.tensors.size()) - 1;
}

std::unique_ptr<schema::LinearT> TinyFile::AddLinear(const std::string& name, uint32_t rows, uint32_t columns,
                                                     schema::TensorType type) {
  auto linear = std::make_unique<schema::LinearT>();
  if (type == schema::TensorType::I8) {
    linear->weight = AddPacked(name + ".weight", rows, columns);
    return linear;
  }
  linear->weight = AddMatrix(name + ".weight", rows, columns, type);
  linear->bias = AddVector(name + ".bias", rows);
  return linear;
}

std::unique_ptr<schema::NormT> TinyFile::AddNorm(const std::string& name, uint32_t size) {
  auto norm = std::make_unique<schema::NormT>();
  norm->gamma = AddVector(name + ".gamma", size, 1.0f);
  norm->beta = AddVector(name + ".beta", size);
  return norm;
}

uint32_t TinyFile::TakeBlocks(size_t bytes) {
  const size_t block = data.size() / kDataAlignment;
  data.resize(RoundUp(data.size() + bytes, kDataAlignment));
  return static_cast<uint32_t>(block);
}

// A linear congruential generator: the same file on every machine.
float TinyFile::NextValue() {
  seed_ = seed_ * 1664525u + 1013904223u;
  return static_cast<float>(seed_ >> 8) / 16777216.0f - 0.5f;
}

uint64_t ReadEverything(const Model& model) {
  uint64_t sum = model.max_tokens();
  for (uint32_t i = 0; i < model.root().tensors()->size(); ++i) {
    const TensorView view = model.tensor(static_cast<int32_t>(i));
    const size_t count = size_t{view.rows} * view.columns;
    sum += Sum(view.name, strlen(view.name));
    if (view.layout == schema::Layout::Packed16x4) {
      sum += Sum(view.data, static_cast<size_t>(PackedBytes(view.columns, view.rows)));
    } else if (view.type == schema::TensorType::I8) {
      sum += Sum(view.data, count) + Sum(view.scales, size_t{4} * view.rows);
      for (uint32_t row = 0; row < view.rows; ++row) sum += view.scales[row] > 0;
    } else {
      for (size_t k = 0; k < count; ++k) sum += view.floats()[k] > 0;
    }
  }
  for (size_t i = 0; i < model.head_count(); ++i) {
    if (model.head(i).labels() == nullptr) continue;
    for (const flatbuffers::String* label : *model.head(i).labels()) sum += Sum(label->c_str(), label->size());
  }
  const schema::Tokenizer& tokenizer = model.tokenizer();
  sum += Sum(tokenizer.piece_bytes()->data(), tokenizer.piece_bytes()->size());
  for (uint32_t word : *tokenizer.trie()) sum += word;
  return sum;
}

}  // namespace pbert::test
