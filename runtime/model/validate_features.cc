#include <cmath>
#include <cstdio>

#include "model/limits.h"
#include "model/validate.h"

namespace pbert {
namespace {

constexpr uint32_t kMostParts = 4;

// `rows` 0: any number of them, which is left there.
Status CheckRowMajorLinear(const schema::Model& model, const char* where, const schema::Linear* linear,
                           uint32_t columns, uint32_t* rows) {
  uint32_t found = 0;
  if (linear == nullptr) return Status::Error(Code::kBadFile, "%s: is missing", where);
  PBERT_RETURN_IF_ERROR(CheckTable(model, where, linear->weight(), columns, kLimits.labels, &found));
  if (*rows != 0 && found != *rows) {
    return Status::Error(Code::kBadFile, "%s: %u rows, should be %u", where, found, *rows);
  }
  *rows = found;
  return CheckVector(model, where, "bias", linear->bias(), found);
}

Status CheckParts(const schema::Model& model, const char* head_where, const schema::Features& features,
                  uint32_t* width) {
  char where[96];
  snprintf(where, sizeof(where), "%s: features", head_where);
  const schema::Encoder& encoder = *model.encoder();
  const uint32_t layers = encoder.order() != nullptr ? encoder.order()->size() : encoder.layers()->size();
  PBERT_RETURN_IF_ERROR(CheckCount(where, "parts", features.parts()->size(), 1, kMostParts));
  for (uint32_t i = 0; i < features.parts()->size(); ++i) {
    const schema::FeaturePart& part = *features.parts()->Get(i);
    if (part.layer() > layers) {
      return Status::Error(Code::kBadFile, "%s: part %u: layer %u of %u", where, i, part.layer(), layers);
    }
    if (i > 0 && part.layer() <= features.parts()->Get(i - 1)->layer()) {
      return Status::Error(Code::kBadFile, "%s: part %u: layer %u: layers must ascend", where, i, part.layer());
    }
    if (!std::isfinite(part.weight())) {
      return Status::Error(Code::kBadFile, "%s: part %u: weight: is not finite", where, i);
    }
  }
  *width = features.parts()->size() * encoder.hidden_size();
  return Status();
}

Status CheckRejection(const schema::Model& model, const char* head_where, const schema::Rejection& rejection,
                      uint32_t width, uint32_t labels) {
  char where[96];
  snprintf(where, sizeof(where), "%s: rejection", head_where);
  for (const float number : {rejection.offset(), rejection.energy_weight(), rejection.out_of_scope_weight(),
                             rejection.distance_weight(), rejection.logits_of_distance()}) {
    if (!std::isfinite(number)) return Status::Error(Code::kBadFile, "%s: a number that is not finite", where);
  }
  if (width == 0 && (rejection.out_of_scope() != nullptr || rejection.projection() != nullptr)) {
    return Status::Error(Code::kBadFile, "%s: projection or out_of_scope: the head has no features", where);
  }
  if (rejection.out_of_scope() != nullptr) {
    uint32_t one = 1;
    PBERT_RETURN_IF_ERROR(CheckRowMajorLinear(model, where, rejection.out_of_scope(), width, &one));
  }
  if (rejection.projection() == nullptr) return Status();
  uint32_t dimensions = 0, means = 0;
  PBERT_RETURN_IF_ERROR(CheckRowMajorLinear(model, where, rejection.projection(), width, &dimensions));
  PBERT_RETURN_IF_ERROR(CheckTable(model, where, rejection.means(), dimensions, kLimits.labels, &means));
  if (means != labels) return Status::Error(Code::kBadFile, "%s: %u means for %u labels", where, means, labels);
  return CheckVector(model, where, "precisions", rejection.precisions(), dimensions);
}

}  // namespace

Status CheckFeatureHead(const schema::Model& model, const char* where, const schema::Head& head, uint32_t* outputs) {
  if (!std::isfinite(head.temperature()) || head.temperature() <= 0) {
    return Status::Error(Code::kBadFile, "%s: temperature: must be above 0", where);
  }
  if (head.task() != schema::Task::TextClassification) {
    if (head.features() == nullptr && head.rejection() == nullptr && head.temperature() == 1) return Status();
    return Status::Error(Code::kBadFile, "%s: features, temperature or rejection: only of TextClassification", where);
  }
  uint32_t width = 0;
  if (head.features() != nullptr) {
    if (head.steps() != nullptr && head.steps()->size() != 0) {
      return Status::Error(Code::kBadFile, "%s: has steps and features", where);
    }
    PBERT_RETURN_IF_ERROR(CheckParts(model, where, *head.features(), &width));
    char linear_where[96];
    snprintf(linear_where, sizeof(linear_where), "%s: features", where);
    *outputs = 0;
    PBERT_RETURN_IF_ERROR(CheckRowMajorLinear(model, linear_where, head.features()->linear(), width, outputs));
  }
  if (head.rejection() == nullptr) return Status();
  if (head.problem_type() != schema::ProblemType::SingleLabel) {
    return Status::Error(Code::kBadFile, "%s: rejection: only of a single label", where);
  }
  return CheckRejection(model, where, *head.rejection(), width, *outputs);
}

}  // namespace pbert
