#include "tasks/features.h"

#include <algorithm>
#include <cmath>

#include "kernels/kernels.h"

namespace pbert {

FeatureLinear FeatureLinear::Open(const Model& model, const schema::Linear* linear) {
  FeatureLinear opened;
  if (linear == nullptr) return opened;
  opened.weight_ = model.tensor(linear->weight());
  opened.bias_ = model.tensor(linear->bias());
  return opened;
}

void FeatureLinear::Run(const float* x, int16_t* rounded, float* y) const {
  const Kernels& kernels = BestKernels();
  const size_t inputs = weight_.columns;
  if (weight_.type == schema::TensorType::F32) {
    kernels.dot_rows(x, weight_.floats(), bias_.floats(), inputs, weight_.rows, y);
    return;
  }
  float largest = 0;
  for (size_t i = 0; i < inputs; ++i) largest = std::max(largest, std::fabs(x[i]));
  constexpr float kSteps = 255;  // the most that dot_int8_rows takes
  const float inverse = largest > 0 ? kSteps / largest : 0;
  for (size_t i = 0; i < inputs; ++i) {
    const float step = std::nearbyint(x[i] * inverse);
    rounded[i] = static_cast<int16_t>(step >= -kSteps && step <= kSteps ? step : 0);  // NaN is 0
  }
  kernels.dot_int8_rows(rounded, largest / kSteps, weight_.int8s(), weight_.scales, bias_.floats(), inputs,
                        weight_.rows, y);
}

// Its direction is the sum's.
void TakeMean(const float* hidden, size_t rows, size_t columns, float length, float* mean) {
  std::fill_n(mean, columns, 0.0f);
  for (size_t row = 0; row < rows; ++row) {
    for (size_t i = 0; i < columns; ++i) mean[i] += hidden[row * columns + i];
  }
  float squares = 0;
  for (size_t i = 0; i < columns; ++i) squares += mean[i] * mean[i];
  const float scale = length / std::max(std::sqrt(squares), 1e-12f);
  for (size_t i = 0; i < columns; ++i) mean[i] *= scale;
}

TextFeatures TextFeatures::Take(const Model& model, const schema::Features& features, Arena* arena) {
  TextFeatures taken;
  taken.part_count_ = features.parts()->size();
  taken.hidden_size_ = model.encoder().hidden_size();
  taken.parts_ = arena->Take<Part>(taken.part_count_);
  taken.seen_ = arena->Take<float>(taken.size());
  taken.mean_ = arena->Take<float>(taken.size());
  taken.rounded_ = arena->Take<int16_t>(taken.size());
  if (taken.parts_ == nullptr) return taken;
  for (uint32_t i = 0; i < taken.part_count_; ++i) {
    taken.parts_[i] = {features.parts()->Get(i)->layer(), features.parts()->Get(i)->weight()};
  }
  return taken;
}

HiddenStateTap TextFeatures::Tap() {
  return {[](void* context, TapPoint point, uint32_t layer, const float* hidden, size_t rows, size_t hidden_size) {
            static_cast<TextFeatures*>(context)->See(point, layer, hidden, rows, hidden_size);
          },
          this};
}

void TextFeatures::See(TapPoint point, uint32_t layer, const float* hidden, size_t rows, size_t hidden_size) {
  if (point == TapPoint::kAttention) return;
  for (size_t i = 0; i < part_count_; ++i) {
    if (parts_[i].layer == layer) TakeMean(hidden, rows, hidden_size, parts_[i].weight, seen_ + i * hidden_size_);
  }
}

void TextFeatures::Add(float weight, float* total) {
  if (*total == 0.0f) std::fill_n(mean_, size(), 0.0f);
  *total += weight;
  for (size_t i = 0; i < size(); ++i) mean_[i] += (seen_[i] - mean_[i]) * (weight / *total);
}

}  // namespace pbert
