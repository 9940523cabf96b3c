#include "converter/intents/symmetric.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "converter/support/error.h"

namespace pbert::converter {

void Cholesky(size_t n, std::vector<double>* a) {
  for (size_t i = 0; i < n; ++i) {
    double* const row = a->data() + i * n;
    for (size_t j = 0; j <= i; ++j) {
      const double* const other = a->data() + j * n;
      double sums[4] = {};
      size_t k = 0;
      for (; k + 4 <= j; k += 4) {
        for (size_t lane = 0; lane < 4; ++lane) sums[lane] += row[k + lane] * other[k + lane];
      }
      double sum = (sums[0] + sums[2]) + (sums[1] + sums[3]);
      for (; k < j; ++k) sum += row[k] * other[k];
      if (j < i) {
        row[j] = (row[j] - sum) / other[j];
        continue;
      }
      if (!(row[i] - sum > 0)) throw Error("the sentences' features do not vary: are they all the same sentence?");
      row[i] = std::sqrt(row[i] - sum);
    }
  }
}

void SolveLower(size_t n, const std::vector<double>& lower, double* b) {
  for (size_t i = 0; i < n; ++i) {
    double sum = b[i];
    for (size_t k = 0; k < i; ++k) sum -= lower[i * n + k] * b[k];
    b[i] = sum / lower[i * n + i];
  }
}

void SolveLowerTransposed(size_t n, const std::vector<double>& lower, double* b) {
  for (size_t i = n; i-- > 0;) {
    b[i] /= lower[i * n + i];
    for (size_t k = 0; k < i; ++k) b[k] -= lower[i * n + k] * b[i];
  }
}

void Eigen(size_t n, std::vector<double> a, std::vector<double>* values, std::vector<double>* vectors) {
  std::vector<double> v(n * n);
  for (size_t i = 0; i < n; ++i) v[i * n + i] = 1;
  for (int sweep = 0; sweep < 30; ++sweep) {
    double outside = 0, all = 0;
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) {
        all += a[i * n + j] * a[i * n + j];
        if (i != j) outside += a[i * n + j] * a[i * n + j];
      }
    }
    if (outside <= 1e-22 * all) break;
    for (size_t p = 0; p < n; ++p) {
      for (size_t q = p + 1; q < n; ++q) {
        const double off = a[p * n + q];
        if (off == 0) continue;
        const double theta = (a[q * n + q] - a[p * n + p]) / (2 * off);
        const double t = (theta >= 0 ? 1 : -1) / (std::fabs(theta) + std::sqrt(theta * theta + 1));
        const double c = 1 / std::sqrt(t * t + 1), s = t * c;
        for (size_t k = 0; k < n; ++k) {  // columns p and q
          const double x = a[k * n + p], y = a[k * n + q];
          a[k * n + p] = c * x - s * y;
          a[k * n + q] = s * x + c * y;
        }
        for (size_t k = 0; k < n; ++k) {  // rows p and q, of the matrix and of the vectors
          const double x = a[p * n + k], y = a[q * n + k];
          a[p * n + k] = c * x - s * y;
          a[q * n + k] = s * x + c * y;
          const double vx = v[p * n + k], vy = v[q * n + k];
          v[p * n + k] = c * vx - s * vy;
          v[q * n + k] = s * vx + c * vy;
        }
      }
    }
  }
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t i, size_t j) { return a[i * n + i] != a[j * n + j] ? a[i * n + i] > a[j * n + j] : i < j; });
  values->assign(n, 0);
  vectors->assign(n * n, 0);
  for (size_t i = 0; i < n; ++i) {
    (*values)[i] = a[order[i] * n + order[i]];
    std::copy_n(v.data() + order[i] * n, n, vectors->data() + i * n);
  }
}

}  // namespace pbert::converter
