// How far an approximation is from what it stands for: weights, activations or logits.
// Pure functions of two spans of equal length; sums are kept in double.
#ifndef POCKETBERT_QUANT_ERROR_MEASURES_H_
#define POCKETBERT_QUANT_ERROR_MEASURES_H_

#include <cstddef>
#include <span>

namespace pbert {

// Signal-to-noise ratio in decibel: 10 log10(sum reference^2 / sum (reference - approximation)^2).
// +infinity where they are equal, -infinity for an error on a reference of zeros.
double SignalToNoiseDb(std::span<const float> reference, std::span<const float> approximation);

// Cosine of the angle between the two as vectors, in [-1, 1]. Two zero vectors: 1; one of them zero: 0.
double CosineSimilarity(std::span<const float> reference, std::span<const float> approximation);

// The largest and the mean absolute difference; 0 for empty spans. A NaN on either side gives NaN.
double MaxAbsError(std::span<const float> reference, std::span<const float> approximation);
double MeanAbsError(std::span<const float> reference, std::span<const float> approximation);

// The same measures over many pairs of spans, of which only sums are kept.
struct ErrorSums {
  double reference = 0, approximation = 0, product = 0, error = 0;  // sums of squares, and of products
  double absolute = 0, worst = 0;
  size_t count = 0;

  void Add(std::span<const float> exact, std::span<const float> approximate);
  double SignalToNoiseDb() const;
  double Cosine() const;
  double MeanAbs() const { return count == 0 ? 0 : absolute / static_cast<double>(count); }
};

}  // namespace pbert

#endif  // POCKETBERT_QUANT_ERROR_MEASURES_H_
