#include "tasks/rejection.h"

#include <algorithm>
#include <cmath>

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

void Rejection::Read(const TextFeatures& features) {
  if (projection_.present()) projection_.Run(features.values(), features.rounded(), projected_);
  if (out_of_scope_.present()) out_of_scope_.Run(features.values(), features.rounded(), &other_);
}

float Rejection::DistanceFromLabel(size_t label) const {
  const size_t first = label * dimensions();
  if (means_.type == schema::TensorType::F32) return DistanceFrom(means_.floats() + first);
  const float scale = means_.scales[label];
  float distance = 0;
  for (size_t i = 0; i < dimensions(); ++i) {
    const float off = projected_[i] - static_cast<float>(means_.int8s()[first + i]) * scale;
    distance += off * off;
  }
  return distance;
}

float Rejection::DistanceFrom(const float* mean) const {
  float distance = 0;
  for (size_t i = 0; i < dimensions(); ++i) distance += (projected_[i] - mean[i]) * (projected_[i] - mean[i]);
  return distance;
}

// The relative Mahalanobis distance to the nearest label.
float Rejection::Distance(float learned) const {
  float nearest = learned, background = 0;
  for (size_t label = 0; label < means_.rows; ++label) nearest = std::min(nearest, DistanceFromLabel(label));
  for (size_t i = 0; i < dimensions(); ++i) background += projected_[i] * projected_[i] * precisions_.floats()[i];
  return nearest - background;
}

float Rejection::Understood(std::span<const float> logits, float learned) const {
  const float energy = LogSumExp(logits);
  float sum = table_->offset() + table_->energy_weight() * energy;
  if (out_of_scope_.present()) sum += table_->out_of_scope_weight() * (energy - other_);
  if (projection_.present()) sum -= table_->distance_weight() * Distance(learned);
  return 1.0f / (1.0f + std::exp(-sum));
}

}  // namespace pbert
