#include "converter/evaluate/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/rank.h"

namespace pbert::converter {
namespace {

// Logarithm of n!. std::lgamma writes a global in glibc, so threads would race; this needs no more than Stirling's
// series above 256 terms, where its error is below 1e-16 relative.
double LogFactorial(uint64_t n) {
  if (n < 256) {
    double sum = 0;
    for (uint64_t i = 2; i <= n; ++i) sum += std::log(static_cast<double>(i));
    return sum;
  }
  const double x = static_cast<double>(n);
  const double half_log_two_pi = 0.91893853320467274178;
  return (x + 0.5) * std::log(x) - x + half_log_two_pi + 1 / (12 * x) - 1 / (360 * x * x * x);
}

}  // namespace

double McNemarExact(uint64_t only_first, uint64_t only_second) {
  const uint64_t n = only_first + only_second;
  const uint64_t fewer = std::min(only_first, only_second);
  if (n == 0 || only_first == only_second) return 1;
  // 2 * sum over k <= fewer of C(n, k) / 2^n. The largest term is the last; the others follow downward from it by
  // C(n, k-1) = C(n, k) * k / (n - k + 1), so only one logarithm is needed and nothing over- or underflows early.
  const double last =
      LogFactorial(n) - LogFactorial(fewer) - LogFactorial(n - fewer) - static_cast<double>(n) * std::log(2.0);
  double term = 1, sum = 1;
  for (uint64_t k = fewer; k > 0 && term > 1e-18 * sum; --k) {
    term *= static_cast<double>(k) / static_cast<double>(n - k + 1);
    sum += term;
  }
  return std::min(1.0, 2 * std::exp(last) * sum);
}

ScopeFigures MeasureScopes(std::span<const ScoredExample> examples, float threshold) {
  uint64_t in = 0, in_good = 0, out = 0, out_good = 0;
  for (const ScoredExample& example : examples) {
    const bool rejected = example.score < threshold;
    if (example.out_of_scope) {
      ++out;
      out_good += example.good || rejected;
    } else {
      ++in;
      in_good += example.good && !rejected;
    }
  }
  const double none = std::numeric_limits<double>::quiet_NaN();
  return {in == 0 ? none : static_cast<double>(in_good) / static_cast<double>(in),
          out == 0 ? none : static_cast<double>(out_good) / static_cast<double>(out)};
}

float ChooseRejectThreshold(std::span<const ScoredExample> examples, double cost) {
  std::vector<ScoredExample> sorted(examples.begin(), examples.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return Rank(a.score) < Rank(b.score); });
  uint64_t in = 0, in_good = 0, out = 0, out_good = 0;
  for (const ScoredExample& example : sorted) {
    (example.out_of_scope ? out : in) += 1;
    if (example.good) (example.out_of_scope ? out_good : in_good) += 1;
  }
  if (in == 0 || out == 0) return -1;

  const uint64_t in_good_before = in_good;
  uint64_t best = in_good * out + out_good * in;
  float threshold = -1;
  for (size_t i = 0; i < sorted.size(); ++i) {
    // Reject sorted[i], and with it all of the same score.
    if (sorted[i].out_of_scope) {
      out_good += !sorted[i].good;
    } else {
      in_good -= sorted[i].good;
    }
    const float below = sorted[i].score;
    const bool last = i + 1 == sorted.size();
    if (!last && sorted[i + 1].score == below) continue;
    if (100.0 * static_cast<double>(in_good_before - in_good) > cost * static_cast<double>(in) * (1 + 1e-12)) break;
    const uint64_t value = in_good * out + out_good * in;
    if (value <= best) continue;
    best = value;
    const float above = last ? std::nextafter(below, std::numeric_limits<float>::infinity()) : sorted[i + 1].score;
    threshold = below + (above - below) / 2;
    if (!(threshold > below)) threshold = above;  // neighbouring floats have no middle
  }
  return threshold;
}

}  // namespace pbert::converter
