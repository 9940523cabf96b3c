#include "converter/intents/discriminant.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "converter/intents/symmetric.h"

namespace pbert::converter {

Moments::Moments(size_t classes, size_t columns) : squares(columns, columns), sums(classes, columns), counts(classes) {}

void Moments::Add(const DenseMatrix& x, std::span<const uint32_t> labels, size_t threads) {
  DenseMatrix product(x.columns, x.columns);
  MultiplyTransposed(x, x, threads, &product, /*lower=*/true);
  for (size_t i = 0; i < product.values.size(); ++i) squares.values[i] += product.values[i];
  for (size_t row = 0; row < x.rows; ++row) {
    counts[labels[row]] += 1;
    float* const sum = sums.row(labels[row]);
    for (size_t i = 0; i < x.columns; ++i) sum[i] += x.row(row)[i];
  }
}

void Moments::Subtract(const Moments& other) {
  for (size_t i = 0; i < squares.values.size(); ++i) squares.values[i] -= other.squares.values[i];
  for (size_t i = 0; i < sums.values.size(); ++i) sums.values[i] -= other.sums.values[i];
  for (size_t i = 0; i < counts.size(); ++i) counts[i] -= other.counts[i];
}

namespace {

// The spread within classes per sentence, shrunk; the lower half.
std::vector<double> SpreadWithin(const Moments& moments, double total, double shrinkage) {
  const size_t n = moments.squares.rows;
  std::vector<double> spread(n * n);
  double squares = 0;
  for (size_t i = 0; i < n; ++i) squares += static_cast<double>(moments.squares.row(i)[i]);
  // Where each class has one sentence there is no spread but that of rounding.
  const double least = 1e-5 * squares / total / static_cast<double>(n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) spread[i * n + j] = static_cast<double>(moments.squares.row(i)[j]);
  }
  for (size_t c = 0; c < moments.counts.size(); ++c) {
    if (moments.counts[c] <= 0) continue;
    const float* const sum = moments.sums.row(c);
    for (size_t i = 0; i < n; ++i) {
      const double scaled = static_cast<double>(sum[i]) / moments.counts[c];
      for (size_t j = 0; j <= i; ++j) spread[i * n + j] -= scaled * static_cast<double>(sum[j]);
    }
  }
  double trace = 0;
  for (size_t i = 0; i < n; ++i) trace += std::max(0.0, spread[i * n + i]);
  for (double& value : spread) value *= (1 - shrinkage) / total;
  for (size_t i = 0; i < n; ++i) spread[i * n + i] += shrinkage * trace / total / static_cast<double>(n) + least;
  return spread;
}

}  // namespace

Discriminant FitDiscriminant(const Moments& moments, size_t most, double shrinkage) {
  const size_t n = moments.squares.rows, classes = moments.counts.size();
  double total = 0;
  std::vector<double> mean(n), means(classes * n);
  for (size_t c = 0; c < classes; ++c) {
    total += moments.counts[c];
    for (size_t i = 0; i < n; ++i) mean[i] += static_cast<double>(moments.sums.row(c)[i]);
  }
  for (double& value : mean) value /= total;
  for (size_t c = 0; c < classes; ++c) {
    for (size_t i = 0; i < n && moments.counts[c] > 0; ++i) {
      means[c * n + i] = static_cast<double>(moments.sums.row(c)[i]) / moments.counts[c] - mean[i];
    }
  }
  std::vector<double> lower = SpreadWithin(moments, total, shrinkage);
  Cholesky(n, &lower);
  // The classes' means where the spread within is the identity, each weighted by the root of its share: the spread
  // between classes is white^T white, and has the eigenvalues of white white^T, which is smaller.
  std::vector<double> white(classes * n);
  for (size_t c = 0; c < classes; ++c) {
    const double root = std::sqrt(std::max(0.0, moments.counts[c]) / total);
    for (size_t i = 0; i < n; ++i) white[c * n + i] = means[c * n + i] * root;
    SolveLower(n, lower, white.data() + c * n);
  }
  std::vector<double> between(classes * classes), values, vectors;
  for (size_t i = 0; i < classes; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = 0;
      for (size_t k = 0; k < n; ++k) sum += white[i * n + k] * white[j * n + k];
      between[i * classes + j] = between[j * classes + i] = sum;
    }
  }
  Eigen(classes, between, &values, &vectors);
  size_t dimensions = 0;
  while (dimensions < std::min(most, classes) && values[dimensions] > 1e-6 * values[0]) ++dimensions;

  Discriminant found;
  found.projection = DenseMatrix(dimensions, n);
  found.means = DenseMatrix(classes, dimensions);
  std::vector<double> direction(n);
  for (size_t d = 0; d < dimensions; ++d) {
    std::fill(direction.begin(), direction.end(), 0.0);
    for (size_t c = 0; c < classes; ++c) {
      const double part = vectors[d * classes + c] / std::sqrt(values[d]);
      for (size_t i = 0; i < n; ++i) direction[i] += part * white[c * n + i];
    }
    SolveLowerTransposed(n, lower, direction.data());
    double offset = 0;
    for (size_t i = 0; i < n; ++i) {
      found.projection.row(d)[i] = static_cast<float>(direction[i]);
      offset -= direction[i] * mean[i];
    }
    found.offsets.push_back(static_cast<float>(offset));
    found.precisions.push_back(static_cast<float>(1 / (1 + values[d])));
    for (size_t c = 0; c < classes; ++c) {
      double sum = 0;
      for (size_t i = 0; i < n; ++i) sum += direction[i] * means[c * n + i];
      found.means.row(c)[d] = static_cast<float>(sum);
    }
  }
  return found;
}

std::vector<float> Project(const Discriminant& discriminant, const float* x) {
  const DenseMatrix& projection = discriminant.projection;
  std::vector<float> projected(projection.rows);
  for (size_t d = 0; d < projection.rows; ++d) {
    const float* const row = projection.row(d);
    double sum = static_cast<double>(discriminant.offsets[d]);
    for (size_t i = 0; i < projection.columns; ++i) sum += static_cast<double>(row[i]) * static_cast<double>(x[i]);
    projected[d] = static_cast<float>(sum);
  }
  return projected;
}

float SquaredDistance(const Discriminant& discriminant, const std::vector<float>& projected, size_t of_class) {
  float distance = 0;
  for (size_t d = 0; d < projected.size(); ++d) {
    const float off = projected[d] - discriminant.means.row(of_class)[d];
    distance += off * off;
  }
  return distance;
}

float LogitsOfDistance(const Discriminant& discriminant, const DenseMatrix& x, const DenseMatrix& logits) {
  constexpr size_t kMost = 2000, kBest = 5;
  const size_t classes = discriminant.means.rows, step = std::max<size_t>(1, x.rows / kMost);
  double products = 0, squares = 0;
  std::vector<size_t> order(classes);
  for (size_t row = 0; row < x.rows; row += step) {
    const float* const values = logits.row(row);
    std::iota(order.begin(), order.end(), size_t{0});
    std::sort(order.begin(), order.end(),
              [&](size_t a, size_t b) { return values[a] != values[b] ? values[a] > values[b] : a < b; });
    const std::vector<float> projected = Project(discriminant, x.row(row));
    const float from_best = SquaredDistance(discriminant, projected, order[0]);
    for (size_t i = 1; i < std::min(kBest, classes); ++i) {
      const auto nearer = static_cast<double>(SquaredDistance(discriminant, projected, order[i]) - from_best);
      products += nearer * static_cast<double>(values[order[0]] - values[order[i]]);
      squares += nearer * nearer;
    }
  }
  return squares > 0 && products > 0 ? static_cast<float>(products / squares) : 0;
}

float RelativeDistance(const Discriminant& discriminant, const float* x) {
  const std::vector<float> projected = Project(discriminant, x);
  float background = 0, nearest = std::numeric_limits<float>::infinity();
  for (size_t d = 0; d < projected.size(); ++d) background += projected[d] * projected[d] * discriminant.precisions[d];
  for (size_t c = 0; c < discriminant.means.rows; ++c) {
    nearest = std::min(nearest, SquaredDistance(discriminant, projected, c));
  }
  return nearest - background;
}

}  // namespace pbert::converter
