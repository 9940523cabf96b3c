#include "tasks/nearest.h"

#include <algorithm>
#include <cmath>

namespace pbert {
namespace {

// Integers in proportion to the values, the largest of which becomes `largest`.
template <typename Integer>
void Quantize(std::span<const float> vector, float largest, Integer* quantized) {
  float highest = 0.0f;
  bool finite = true;
  for (const float value : vector) {
    finite = finite && std::isfinite(value);
    highest = std::max(highest, std::abs(value));
  }
  const float factor = finite && highest > 0.0f ? largest / highest : 0.0f;
  for (size_t i = 0; i < vector.size(); ++i) {
    quantized[i] = factor == 0.0f ? 0 : static_cast<Integer>(std::lrint(vector[i] * factor));
  }
}

bool IsBetter(const pbert_label_score& a, const pbert_label_score& b) {
  return a.score != b.score ? a.score > b.score : a.label < b.label;
}

}  // namespace

void QuantizeVector(std::span<const float> vector, int8_t* quantized) { Quantize(vector, 127.0f, quantized); }

size_t FindNearest(std::span<const float> query, const int8_t* vectors, uint32_t count,
                   std::span<pbert_label_score> best) {
  // The query has five bits more than the rows, so that the rows' own rounding is what is left.
  int16_t wide[kMaxVectorColumns];
  const size_t columns = query.size();
  Quantize(query, 4095.0f, wide);
  double squares = 0;
  for (size_t i = 0; i < columns; ++i) squares += double{static_cast<float>(wide[i])} * wide[i];
  const float query_length = static_cast<float>(std::sqrt(squares));
  size_t size = 0;
  for (uint32_t row = 0; row < count; ++row, vectors += columns) {
    int32_t product = 0, length = 0;
    for (size_t i = 0; i < columns; ++i) {
      const int16_t value = vectors[i];
      product += value * wide[i];
      length += value * value;
    }
    const float lengths = std::sqrt(static_cast<float>(length)) * query_length;
    const float score = lengths > 0.0f ? static_cast<float>(product) / lengths : 0.0f;
    // A heap with the worst on top.
    if (size < best.size()) {
      best[size++] = {row, score};
    } else if (size > 0 && score > best[0].score) {
      std::pop_heap(best.begin(), best.end(), IsBetter);
      best.back() = {row, score};
    } else {
      continue;
    }
    std::push_heap(best.begin(), best.begin() + static_cast<ptrdiff_t>(size), IsBetter);
  }
  std::sort_heap(best.begin(), best.begin() + static_cast<ptrdiff_t>(size), IsBetter);
  return size;
}

}  // namespace pbert
