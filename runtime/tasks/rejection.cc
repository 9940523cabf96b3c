#include "tasks/rejection.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pbert {
namespace {

float LogSumExp(std::span<const float> logits) {
  const float highest = *std::max_element(logits.begin(), logits.end());
  float sum = 0;
  for (const float logit : logits) sum += std::exp(logit - highest);
  return highest + std::log(sum);
}

}  // namespace

Rejection Rejection::Take(const Model& model, const schema::Rejection* table, Arena* arena) {
  Rejection taken;
  taken.table_ = table;
  if (table == nullptr) return taken;
  taken.out_of_scope_ = FeatureLinear::Open(model, table->out_of_scope());
  taken.projection_ = FeatureLinear::Open(model, table->projection());
  if (!taken.projection_.present()) return taken;
  taken.means_ = model.tensor(table->means());
  taken.precisions_ = model.tensor(table->precisions());
  taken.projected_ = arena->Take<float>(taken.projection_.outputs());
  return taken;
}

float Rejection::Distance(const TextFeatures& features) const {
  projection_.Run(features.values(), features.rounded(), projected_);
  const size_t dimensions = projection_.outputs();
  const bool int8 = means_.type == schema::TensorType::I8;
  float nearest = std::numeric_limits<float>::infinity();
  for (size_t label = 0; label < means_.rows; ++label) {
    float distance = 0;
    for (size_t i = 0; i < dimensions; ++i) {
      const size_t at = label * dimensions + i;
      const float mean = int8 ? static_cast<float>(means_.int8s()[at]) * means_.scales[label] : means_.floats()[at];
      distance += (projected_[i] - mean) * (projected_[i] - mean);
    }
    nearest = std::min(nearest, distance);
  }
  float background = 0;
  for (size_t i = 0; i < dimensions; ++i) background += projected_[i] * projected_[i] * precisions_.floats()[i];
  return nearest - background;
}

float Rejection::Understood(std::span<const float> logits, const TextFeatures& features) const {
  const float energy = LogSumExp(logits);
  float sum = table_->offset() + table_->energy_weight() * energy;
  if (out_of_scope_.present()) {
    float other = 0;
    out_of_scope_.Run(features.values(), features.rounded(), &other);
    sum += table_->out_of_scope_weight() * (energy - other);
  }
  if (projection_.present()) sum -= table_->distance_weight() * Distance(features);
  return 1.0f / (1.0f + std::exp(-sum));
}

}  // namespace pbert
