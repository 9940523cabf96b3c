#include "tests/fuzz/model_mutator.h"

#include <iterator>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "base/packed_block.h"
#include "model/layer_linears.h"
#include "tests/fuzz/changes.h"

namespace pbert::fuzz {
namespace {

using schema::TensorType;

template <typename Table>
Table& Made(std::unique_ptr<Table>* table) {
  if (*table == nullptr) *table = std::make_unique<Table>();
  return **table;
}

void ChangeLinear(std::unique_ptr<schema::LinearT>* linear, size_t tensors, bool optional, Chance& u) {
  if (optional && u.OneIn(6)) return linear->reset();
  schema::LinearT& l = Made(linear);
  ChangeIndex(u(2) ? &l.weight : &l.bias, tensors, u);
}

void ChangeNorm(std::unique_ptr<schema::NormT>* norm, size_t tensors, bool optional, Chance& u) {
  if (optional && u.OneIn(6)) return norm->reset();
  schema::NormT& n = Made(norm);
  ChangeIndex(u(2) ? &n.gamma : &n.beta, tensors, u);
}

// data_bytes as the shape, the type and the layout ask for.
void FitBytes(schema::TensorT* tensor) {
  if (tensor->layout == schema::Layout::Packed16x4 && tensor->shape.size() == 2) {
    tensor->data_bytes = static_cast<uint32_t>(PackedBytes(tensor->shape[1], tensor->shape[0]));
    return;
  }
  uint64_t bytes = tensor->type == TensorType::I8 ? 1 : 4;
  for (const uint32_t size : tensor->shape) bytes *= size;
  tensor->data_bytes = static_cast<uint32_t>(bytes);
}

void ChangeTensor(schema::ModelT* model, size_t data_size, Chance& u) {
  if (u.OneIn(12)) return ChangeList(&model->tensors, 400, u);
  schema::TensorT* const t = AnyOf(model->tensors, u);
  if (t == nullptr) return;
  const size_t blocks = data_size / 64 + 1;
  switch (u(8)) {
    case 0:
      t->type = AnyKind<TensorType>(5, u);
      break;
    case 1:
      t->layout = AnyKind<schema::Layout>(3, u);
      break;
    case 2:
      if (!t->shape.empty()) ChangeNumber(&t->shape[u(t->shape.size())], u);
      break;
    case 3:
      ChangeNumbers(&t->shape, 4, u);
      break;
    case 4:
      ChangeNumber(&t->data_bytes, u);
      break;
    case 5:
      t->data_block = u(3) ? u(blocks) : ChangedNumber(t->data_block, &u);
      break;
    case 6:
      t->scales_block = u(3) ? u(blocks) : ChangedNumber(t->scales_block, &u);
      break;
    default:
      if (u.OneIn(8)) {
        ChangeNumber(&t->block_size, u);
      } else {
        ChangeText(&t->name, u);
      }
  }
  if (u(2) && t->shape.size() <= 2) FitBytes(t);
}

// A linear layer of floats of one in blocks, and the other way round, from bytes that others may have too.
void FlipLinear(schema::ModelT* model, schema::LinearT* linear, Chance& u) {
  if (linear == nullptr || linear->weight < 0 || static_cast<size_t>(linear->weight) >= model->tensors.size()) return;
  auto t = std::make_unique<schema::TensorT>(*model->tensors[static_cast<size_t>(linear->weight)]);
  if (t->shape.size() != 2 || model->tensors.size() >= 400) return;
  linear->bias = -1;
  if (t->layout == schema::Layout::Packed16x4) {
    t->layout = schema::Layout::RowMajor;
    t->type = TensorType::F32;
    for (size_t i = 0; i < model->tensors.size(); ++i) {
      const std::vector<uint32_t>& shape = model->tensors[i]->shape;
      if (shape.size() == 1 && shape[0] == t->shape[0]) linear->bias = static_cast<int32_t>(i);
    }
  } else {
    t->layout = schema::Layout::Packed16x4;
    t->type = TensorType::I8;
  }
  FitBytes(t.get());
  if (u(2)) t->data_block = 0;  // where there may be room for it
  linear->weight = static_cast<int32_t>(model->tensors.size());
  model->tensors.push_back(std::move(t));
}

// Some matrices of the other type, or one size another one everywhere, so that the file stays consistent.
void ChangeSizes(schema::ModelT* model, Chance& u) {
  schema::EncoderT& e = *model->encoder;
  if (u.OneIn(3)) {
    if (e.embeddings != nullptr && u(2)) FlipLinear(model, e.embeddings->projection.get(), u);
    for (auto& l : e.layers) {
      for (auto* linear : LinearsOf(*l)) {
        if (u(2)) FlipLinear(model, linear->get(), u);
      }
    }
    for (auto& head : model->heads) {
      for (auto& step : head->steps) {
        if (u(2)) FlipLinear(model, step->linear.get(), u);
      }
    }
    return;
  }
  if (u.OneIn(3)) {
    for (auto& t : model->tensors) {
      if (t->shape.size() != 2 || u(2)) continue;
      if (u(2)) t->layout = schema::Layout::RowMajor;
      t->type = t->type == TensorType::I8 ? TensorType::F32 : TensorType::I8;
      FitBytes(t.get());
      if (t->type == TensorType::F32 && u(2)) t->data_block = 0;  // where there may be room for it
    }
    return;
  }
  const uint32_t now = 1 + u(64), old = u(2) ? e.ffn_size : e.hidden_size;
  for (auto& t : model->tensors) {
    for (uint32_t& size : t->shape) {
      if (size == old) size = now;
    }
    FitBytes(t.get());
  }
  for (uint32_t* size : {&e.ffn_size, &e.hidden_size, &e.embedding_size}) {
    if (*size == old) *size = now;
  }
  e.head_count = 1;
}

void ChangeEmbeddings(schema::EmbeddingsT* m, size_t tensors, Chance& u) {
  switch (u(7)) {
    case 0:
      return ChangeIndex(&m->token, tensors, u);
    case 1:
      return ChangeIndex(&m->position, tensors, u);
    case 2:
      return ChangeNumber(&m->position_offset, u);
    case 3:
      return ChangeIndex(&m->token_type, tensors, u);
    case 4:
      return ChangeNorm(&m->norm, tensors, false, u);
    case 5:
      return ChangeIndex(&m->uncounted_id, 30, u);
    default:
      return ChangeLinear(&m->projection, tensors, true, u);
  }
}

void ChangeLayer(schema::LayerT* l, size_t tensors, Chance& u) {
  const auto linears = LinearsOf(*l);
  if (u(3)) return ChangeLinear(linears[u(6)], tensors, false, u);
  ChangeNorm(u(2) ? &l->attention_norm : &l->ffn_norm, tensors, false, u);
}

void ChangeEncoder(schema::ModelT* model, Chance& u) {
  if (model->encoder == nullptr) return;
  if (u.OneIn(200)) return model->encoder.reset();
  schema::EncoderT& e = *model->encoder;
  const size_t tensors = model->tensors.size();
  switch (u(13)) {
    case 0:
      return ChangeNumber(&e.hidden_size, u);
    case 1:
      if (u(2)) return ChangeNumber(&e.head_count, u);
      e.head_count = e.hidden_size;
      return;
    case 2:
      return ChangeNumber(&e.ffn_size, u);
    case 3:
      return ChangeNumber(&e.embedding_size, u);
    case 4:
      e.max_tokens = u(3) ? 1 + u(64) : ChangedNumber(e.max_tokens, &u);
      return;
    case 5:
      e.norm_epsilon = OddFloat(&u);
      return;
    case 6:
      e.activation = AnyKind<schema::Activation>(8, u);
      return;
    case 7:
      e.norm_placement = AnyKind<schema::NormPlacement>(3, u);
      e.feed_forward = AnyKind<schema::FeedForward>(3, u);
      e.positions = AnyKind<schema::Positions>(4, u);
      return;
    case 8:
      return ChangeNumbers(&e.order, 1, u);
    case 9:
      if (e.embeddings != nullptr) ChangeEmbeddings(e.embeddings.get(), tensors, u);
      return;
    case 10:
      if (!e.layers.empty()) ChangeLayer(AnyOf(e.layers, u), tensors, u);
      return;
    case 11:
      return ChangeList(&e.layers, 12, u);
    default:
      return ChangeSizes(model, u);
  }
}

void ChangeHeadText(std::unique_ptr<schema::TextPreparationT>* text, Chance& u) {
  if (*text != nullptr && u.OneIn(6)) return text->reset();
  schema::TextPreparationT& t = Made(text);
  bool* const flags[] = {&t.strip, &t.lowercase, &t.skip_prompt};
  if (u(2)) return ChangeText(&t.prompt, u);
  Flip(flags[u(3)]);
}

void ChangeHead(schema::ModelT* model, Chance& u) {
  if (model->heads.empty()) return;
  if (u.OneIn(16)) return ChangeList(&model->heads, 18, u);
  const size_t tensors = model->tensors.size();
  schema::HeadT& h = *model->heads[u(2) ? 0 : u(model->heads.size())];
  switch (u(13)) {
    case 0:
      return ChangeText(&h.name, u);
    case 1:
      h.task = AnyKind<schema::Task>(7, u);
      return;
    case 2:
      h.problem_type = AnyKind<schema::ProblemType>(4, u);
      return;
    case 3:
      h.rows = AnyKind<schema::RowChoice>(4, u);
      return;
    case 4:
      return ChangeList(&h.steps, 10, u);
    case 5:
    case 6: {
      if (h.steps.empty()) h.steps.push_back(std::make_unique<schema::HeadStepT>());
      schema::HeadStepT* const step = AnyOf(h.steps, u);
      if (u.OneIn(3)) return ChangeLinear(&step->linear, tensors, true, u);
      if (u(2)) return ChangeNorm(&step->norm, tensors, true, u);
      step->activation = AnyKind<schema::Activation>(8, u);
      return;
    }
    case 7:
      if (!h.labels.empty() && u(2)) return ChangeText(&h.labels[u(h.labels.size())], u);
      if (h.labels.empty() || u(2)) return h.labels.push_back("x");
      return h.labels.pop_back();
    case 8:
      (u(2) ? h.reject_threshold : h.null_threshold) = OddFloat(&u);
      return;
    case 9:
      h.pooling = AnyKind<schema::Pooling>(9, u);
      return;
    case 10:
      h.entailment = static_cast<int32_t>(u(6)) - 3;
      return;
    case 11:
      return ChangeHeadText(&h.text, u);
    default:  // the whole of another task
      h.task = AnyKind<schema::Task>(6, u);
      h.rows = u(2) ? schema::RowChoice::All : schema::RowChoice::First;
      h.normalize = h.task == schema::Task::FeatureExtraction && u(2);
      if (h.task != schema::Task::FeatureExtraction) h.pooling = schema::Pooling::None;
      if (u(2)) h.labels.clear();
  }
}

}  // namespace

void ChangeModel(schema::ModelT* model, size_t data_size, Chance* chance) {
  Chance& u = *chance;
  switch (u(12)) {
    case 0:
    case 1:
      return ChangeTensor(model, data_size, u);
    case 2:
    case 3:
      return ChangeEncoder(model, u);
    case 4:
    case 5:
    case 6:
      return ChangeHead(model, u);
    case 7: {
      schema::ProvenanceT& provenance = Made(&model->provenance);
      return ChangeText(u(2) ? &provenance.architecture : &provenance.recipe, u);
    }
    default:
      if (model->tokenizer == nullptr) return;
      if (u.OneIn(300)) return model->tokenizer.reset();
      return ChangeTokenizer(model->tokenizer.get(), u);
  }
}

uint32_t ChangedNumber(uint32_t old, Chance* chance) {
  static constexpr uint32_t kLimits[] = {
      0,        1,          2,          3,          4,         7,        8,
      15,       16,         17,         63,         64,        65,       100,
      127,      128,        255,        256,        257,       512,      1023,
      1024,     1025,       4096,       8191,       8192,      8193,     16384,
      32768,    32769,      65535,      65536,      65537,     1u << 20, (1u << 20) + 1,
      1u << 24, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF};
  Chance& u = *chance;
  switch (u(4)) {
    case 0:
      return kLimits[u(std::size(kLimits))];
    case 1:
      return old + 1 + u(3);
    case 2:
      return old - 1 - u(3);
    default:
      return u(2) ? u(64) : u.Word();
  }
}

float OddFloat(Chance* chance) {
  using Limits = std::numeric_limits<float>;
  static constexpr float kFloats[] = {0,
                                      -1,
                                      1,
                                      0.5f,
                                      1e-12f,
                                      1e20f,
                                      Limits::quiet_NaN(),
                                      Limits::infinity(),
                                      -Limits::infinity(),
                                      Limits::denorm_min(),
                                      Limits::max(),
                                      Limits::lowest()};
  return kFloats[(*chance)(std::size(kFloats))];
}

}  // namespace pbert::fuzz
