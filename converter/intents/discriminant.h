// Linear discriminants (Fisher 1936; Rao 1948) and the relative Mahalanobis distance in their space (Ren et al. 2021).
#ifndef POCKETBERT_CONVERTER_INTENTS_DISCRIMINANT_H_
#define POCKETBERT_CONVERTER_INTENTS_DISCRIMINANT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "converter/intents/dense.h"

namespace pbert::converter {

// What is summed over sentences and can be added up: so that each fold's discriminant needs no pass of its own.
struct Moments {
  Moments(size_t classes, size_t columns);
  void Add(const DenseMatrix& x, std::span<const uint32_t> labels, size_t threads);
  void Subtract(const Moments& other);

  DenseMatrix squares;         // [columns, columns]: sum of x x^T, the lower half
  DenseMatrix sums;            // [classes, columns]
  std::vector<double> counts;  // [classes]
};

struct Discriminant {
  DenseMatrix projection;         // [dimensions, columns]
  std::vector<float> offsets;     // [dimensions]: projection x + offsets is centred, and unit spread within classes
  DenseMatrix means;              // [classes, dimensions]
  std::vector<float> precisions;  // [dimensions]: one over the variance of all
};

// The `most` directions that part the classes best; there are fewer than classes. `shrinkage` of the spread within
// classes is replaced by the same in every direction, which makes it invertible (Friedman 1989).
Discriminant FitDiscriminant(const Moments& moments, size_t most, double shrinkage);

// Where `x` lies in the discriminant's space, and its squared distance from the mean of a class there.
std::vector<float> Project(const Discriminant& discriminant, const float* x);
float SquaredDistance(const Discriminant& discriminant, const std::vector<float>& projected, size_t of_class);

// How much higher a class's logit is where its mean is nearer by 1, by least squares over the best classes of some
// rows.
float LogitsOfDistance(const Discriminant& discriminant, const DenseMatrix& x, const DenseMatrix& logits);

// To the nearest class, less what all classes together give.
float RelativeDistance(const Discriminant& discriminant, const float* x);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_DISCRIMINANT_H_
