#include <cmath>
#include <cstdio>

#include "model/limits.h"
#include "model/validate.h"

namespace pbert {
namespace {

// What exists in the schema and not in this version's code, by the names people know it by.
Status CheckFeatures(const schema::Encoder& encoder) {
  char what[64];
  switch (encoder.norm_placement()) {
    case schema::NormPlacement::Post:
      break;
    case schema::NormPlacement::Pre:
      return NotImplemented("encoder", "layer norm before each block (pre-norm)");
    default:
      snprintf(what, sizeof(what), "norm placement %u", static_cast<unsigned>(encoder.norm_placement()));
      return NotImplemented("encoder", what);
  }
  switch (encoder.feed_forward()) {
    case schema::FeedForward::Plain:
      break;
    case schema::FeedForward::Gated:
      return NotImplemented("encoder", "gated feed-forward layers");
    default:
      snprintf(what, sizeof(what), "feed-forward layers of kind %u", static_cast<unsigned>(encoder.feed_forward()));
      return NotImplemented("encoder", what);
  }
  switch (encoder.positions()) {
    case schema::Positions::Absolute:
      break;
    case schema::Positions::Relative:
      return NotImplemented("encoder", "relative positions");
    case schema::Positions::Rotary:
      return NotImplemented("encoder", "rotary positions");
    default:
      snprintf(what, sizeof(what), "positions of kind %u", static_cast<unsigned>(encoder.positions()));
      return NotImplemented("encoder", what);
  }
  switch (encoder.activation()) {
    case schema::Activation::GeluErf:
    case schema::Activation::GeluTanh:
    case schema::Activation::Relu:
    case schema::Activation::Tanh:
    case schema::Activation::Silu:
    case schema::Activation::QuickGelu:
      return Status();
    case schema::Activation::None:
      return Status::Error(Code::kBadFile, "encoder: activation %s: not one of a feed-forward layer",
                           schema::EnumNameActivation(encoder.activation()));
  }
  snprintf(what, sizeof(what), "activation %u", static_cast<unsigned>(encoder.activation()));
  return NotImplemented("encoder", what);
}

Status CheckDimensions(const schema::Encoder& encoder) {
  PBERT_RETURN_IF_ERROR(CheckCount("encoder", "hidden size", encoder.hidden_size(), 1, kLimits.hidden));
  PBERT_RETURN_IF_ERROR(CheckCount("encoder", "embedding size", encoder.embedding_size(), 1, kLimits.hidden));
  PBERT_RETURN_IF_ERROR(CheckCount("encoder", "attention heads", encoder.head_count(), 1, kLimits.attention_heads));
  PBERT_RETURN_IF_ERROR(CheckCount("encoder", "feed-forward size", encoder.ffn_size(), 1, kLimits.ffn));
  PBERT_RETURN_IF_ERROR(CheckCount("encoder", "most tokens", encoder.max_tokens(), 1, kLimits.tokens));
  if (encoder.hidden_size() % encoder.head_count() != 0) {
    return Status::Error(Code::kBadFile, "encoder: hidden size %u: not a multiple of its %u attention heads",
                         encoder.hidden_size(), encoder.head_count());
  }
  // The negation also catches NaN.
  if (!(encoder.norm_epsilon() > 0 && encoder.norm_epsilon() < 1)) {
    return Status::Error(Code::kBadFile, "encoder: norm epsilon %g: must be above 0 and below 1",
                         static_cast<double>(encoder.norm_epsilon()));
  }
  return Status();
}

Status CheckEmbeddings(const schema::Model& model, const schema::Encoder& encoder) {
  const schema::Embeddings& embeddings = *encoder.embeddings();
  const uint32_t width = encoder.embedding_size();
  uint32_t rows = 0;
  PBERT_RETURN_IF_ERROR(CheckTable(model, "embeddings: token", embeddings.token(), width, kLimits.vocabulary, &rows));
  PBERT_RETURN_IF_ERROR(
      CheckTable(model, "embeddings: position", embeddings.position(), width, kLimits.positions, &rows));
  if (uint64_t{encoder.max_tokens()} + embeddings.position_offset() > rows) {
    return Status::Error(Code::kBadFile, "embeddings: position: %u rows: too few for %u tokens from row %u on", rows,
                         encoder.max_tokens(), embeddings.position_offset());
  }
  if (embeddings.uncounted_id() < -1 || (embeddings.uncounted_id() >= 0 && embeddings.position_offset() == 0)) {
    return Status::Error(Code::kBadFile, "embeddings: uncounted id %d: there is no row before position row %u",
                         embeddings.uncounted_id(), embeddings.position_offset());
  }
  if (embeddings.token_type() != -1) {
    PBERT_RETURN_IF_ERROR(
        CheckTable(model, "embeddings: token type", embeddings.token_type(), width, kLimits.token_types, &rows));
  }
  PBERT_RETURN_IF_ERROR(CheckNorm(model, "embeddings: norm", *embeddings.norm(), width));
  if (embeddings.projection() != nullptr) {
    return CheckLinear(model, "embeddings: projection", *embeddings.projection(), encoder.hidden_size(), width,
                       Bias::kOptional);
  }
  if (width != encoder.hidden_size()) {
    return Status::Error(Code::kBadFile, "embeddings: width %u: differs from hidden size %u and there is no projection",
                         width, encoder.hidden_size());
  }
  return Status();
}

Status CheckLayer(const schema::Model& model, const schema::Encoder& encoder, uint32_t index) {
  const schema::Layer& layer = *encoder.layers()->Get(index);
  const uint32_t hidden = encoder.hidden_size();
  const uint32_t ffn = encoder.ffn_size();
  const struct {
    const char* name;
    const schema::Linear& linear;
    uint32_t rows, columns;
  } linears[] = {
      {"query", *layer.query(), hidden, hidden}, {"key", *layer.key(), hidden, hidden},
      {"value", *layer.value(), hidden, hidden}, {"attention output", *layer.attention_output(), hidden, hidden},
      {"ffn in", *layer.ffn_in(), ffn, hidden},  {"ffn out", *layer.ffn_out(), hidden, ffn}};
  char where[64];
  for (const auto& part : linears) {
    snprintf(where, sizeof(where), "layer %u: %s", index, part.name);
    PBERT_RETURN_IF_ERROR(CheckLinear(model, where, part.linear, part.rows, part.columns, Bias::kRequired));
  }
  snprintf(where, sizeof(where), "layer %u: attention norm", index);
  PBERT_RETURN_IF_ERROR(CheckNorm(model, where, *layer.attention_norm(), hidden));
  snprintf(where, sizeof(where), "layer %u: ffn norm", index);
  return CheckNorm(model, where, *layer.ffn_norm(), hidden);
}

Status CheckOrder(const schema::Encoder& encoder) {
  if (encoder.order() == nullptr) return Status();
  PBERT_RETURN_IF_ERROR(CheckCount("encoder: order", "entries", encoder.order()->size(), 1, kLimits.layers));
  for (uint8_t index : *encoder.order()) {
    if (index >= encoder.layers()->size()) {
      return Status::Error(Code::kBadFile, "encoder: order: layer %u of %u", index, encoder.layers()->size());
    }
  }
  return Status();
}

}  // namespace

Status ValidateEncoder(const schema::Model& model) {
  const schema::Encoder& encoder = *model.encoder();
  PBERT_RETURN_IF_ERROR(CheckFeatures(encoder));
  PBERT_RETURN_IF_ERROR(CheckDimensions(encoder));
  PBERT_RETURN_IF_ERROR(CheckEmbeddings(model, encoder));
  PBERT_RETURN_IF_ERROR(CheckCount("encoder", "layers", encoder.layers()->size(), 1, kLimits.layers));
  for (uint32_t i = 0; i < encoder.layers()->size(); ++i) PBERT_RETURN_IF_ERROR(CheckLayer(model, encoder, i));
  return CheckOrder(encoder);
}

}  // namespace pbert
