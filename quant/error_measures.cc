#include "quant/error_measures.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <limits>

namespace pbert {

double SignalToNoiseDb(std::span<const float> reference, std::span<const float> approximation) {
  assert(reference.size() == approximation.size());
  double signal = 0;
  double noise = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double difference = double{reference[i]} - approximation[i];
    signal += double{reference[i]} * reference[i];
    noise += difference * difference;
  }
  if (noise == 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(signal / noise);
}

double CosineSimilarity(std::span<const float> reference, std::span<const float> approximation) {
  assert(reference.size() == approximation.size());
  double dot = 0;
  double reference_norm = 0;
  double approximation_norm = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    dot += double{reference[i]} * approximation[i];
    reference_norm += double{reference[i]} * reference[i];
    approximation_norm += double{approximation[i]} * approximation[i];
  }
  if (reference_norm == 0 && approximation_norm == 0) return 1;
  if (reference_norm == 0 || approximation_norm == 0) return 0;
  // Rounding may leave the interval by a few units in the last place; NaN passes through.
  return std::clamp(dot / (std::sqrt(reference_norm) * std::sqrt(approximation_norm)), -1.0, 1.0);
}

double MaxAbsError(std::span<const float> reference, std::span<const float> approximation) {
  assert(reference.size() == approximation.size());
  double largest = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double error = std::fabs(double{reference[i]} - approximation[i]);
    if (!(error <= largest)) largest = error;
    if (std::isnan(error)) break;
  }
  return largest;
}

double MeanAbsError(std::span<const float> reference, std::span<const float> approximation) {
  assert(reference.size() == approximation.size());
  if (reference.empty()) return 0;
  double sum = 0;
  for (size_t i = 0; i < reference.size(); ++i) sum += std::fabs(double{reference[i]} - approximation[i]);
  return sum / static_cast<double>(reference.size());
}

void ErrorSums::Add(std::span<const float> exact, std::span<const float> approximate) {
  for (size_t i = 0; i < exact.size(); ++i) {
    const double r = exact[i], a = approximate[i], difference = std::abs(r - a);
    reference += r * r;
    approximation += a * a;
    product += r * a;
    error += difference * difference;
    absolute += difference;
    worst = std::max(worst, difference);
  }
  count += exact.size();
}

double ErrorSums::SignalToNoiseDb() const { return 10 * std::log10(reference / error); }

double ErrorSums::Cosine() const { return product / std::sqrt(reference * approximation); }

}  // namespace pbert
