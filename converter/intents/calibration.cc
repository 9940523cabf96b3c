#include "converter/intents/calibration.h"

#include <algorithm>
#include <cmath>

#include "converter/intents/portable_math.h"

namespace pbert::converter {
namespace {

double LogSumExp(const float* logits, size_t count, double scale) {
  const double highest = static_cast<double>(*std::max_element(logits, logits + count)) * scale;
  double sum = 0;
  for (size_t i = 0; i < count; ++i) sum += PortableExp(static_cast<double>(logits[i]) * scale - highest);
  return highest + PortableLog(sum);
}

// The mean of -log p(label) over understood sentences, few of which are enough.
double Loss(const HeldOutScores& scores, double temperature) {
  constexpr size_t kMost = 4000;
  const size_t step = std::max<size_t>(1, scores.labels.size() / kMost);
  double sum = 0, count = 0;
  for (size_t i = 0; i < scores.labels.size(); i += step) {
    if (scores.labels[i] == scores.intents) continue;
    const float* const row = scores.logits.row(i);
    sum += LogSumExp(row, scores.intents, 1 / temperature) - static_cast<double>(row[scores.labels[i]]) / temperature;
    count += 1;
  }
  return count == 0 ? 0 : sum / count;
}

struct Terms {
  std::vector<double> energy, distance, in_scope;  // of understood sentences high, low, high
};

Terms TermsOf(const HeldOutScores& scores, bool understood) {
  Terms terms;
  for (size_t i = 0; i < scores.labels.size(); ++i) {
    if ((scores.labels[i] < scores.intents) != understood) continue;
    const float* const row = scores.logits.row(i);
    const double energy = LogSumExp(row, scores.intents, 1);
    terms.energy.push_back(energy);
    terms.distance.push_back(static_cast<double>(scores.distances[i]));
    const bool has_other = scores.logits.columns > scores.intents;
    terms.in_scope.push_back(has_other ? energy - static_cast<double>(row[scores.intents]) : 0);
  }
  return terms;
}

double Spread(const std::vector<double>& values) {
  double sum = 0, squares = 0;
  const auto count = static_cast<double>(values.size());
  for (const double value : values) sum += value;
  for (const double value : values) squares += (value - sum / count) * (value - sum / count);
  return std::sqrt(squares / count);
}

// What the sigmoid is taken of, for each sentence of `terms`.
std::vector<double> Sums(const Terms& terms, const RejectionWeights& weights) {
  std::vector<double> sums;
  for (size_t i = 0; i < terms.energy.size(); ++i) {
    sums.push_back(static_cast<double>(weights.offset) + static_cast<double>(weights.energy) * terms.energy[i] +
                   static_cast<double>(weights.out_of_scope) * terms.in_scope[i] -
                   static_cast<double>(weights.distance) * terms.distance[i]);
  }
  return sums;
}

}  // namespace

float FitTemperature(const HeldOutScores& scores) {
  // Golden section over the logarithm: the loss has one minimum.
  double low = -3, high = 3;
  const double golden = (std::sqrt(5.0) - 1) / 2;
  for (int i = 0; i < 30; ++i) {
    const double left = high - golden * (high - low), right = low + golden * (high - low);
    if (Loss(scores, PortableExp(left)) < Loss(scores, PortableExp(right))) {
      high = right;
    } else {
      low = left;
    }
  }
  return static_cast<float>(PortableExp((low + high) / 2));
}

RejectionWeights FitRejection(const HeldOutScores& scores, double keep) {
  const Terms terms = TermsOf(scores, true);
  const auto weight = [](double spread) { return spread > 0 ? static_cast<float>(1 / spread) : 0.0f; };
  RejectionWeights weights;
  weights.energy = weight(Spread(terms.energy));
  weights.distance = weight(Spread(terms.distance));
  if (scores.logits.columns > scores.intents) weights.out_of_scope = weight(Spread(terms.in_scope));
  std::vector<double> sums = Sums(terms, weights);
  const float unit = weight(Spread(sums)) * 1.7f;  // so that a sigmoid resembles the normal distribution
  weights.energy *= unit;
  weights.distance *= unit;
  weights.out_of_scope *= unit;
  sums = Sums(terms, weights);
  std::sort(sums.begin(), sums.end());
  const auto lost = static_cast<size_t>((1 - keep) * static_cast<double>(sums.size()));
  const size_t at = std::min(lost, sums.size() - 1);
  weights.offset = static_cast<float>(at == 0 ? -sums[0] + 1e-3 : -(sums[at - 1] + sums[at]) / 2);
  return weights;
}

HeldOut Measure(const HeldOutScores& scores, float temperature, const RejectionWeights& rejection) {
  constexpr size_t kBins = 15;
  HeldOut measured;
  double right = 0, bin_right[kBins] = {}, bin_sum[kBins] = {};
  for (size_t i = 0; i < scores.labels.size(); ++i) {
    const bool other = scores.labels[i] == scores.intents;
    const float* const row = scores.logits.row(i);
    const auto best = static_cast<uint32_t>(std::max_element(row, row + scores.intents) - row);
    const double scale = 1 / static_cast<double>(temperature);
    const double all = LogSumExp(row, other ? scores.logits.columns : scores.intents, scale);
    const double top = PortableExp(static_cast<double>(row[best]) * scale - all);
    (other ? measured.others_predicted : measured.predicted).push_back(best);
    (other ? measured.others_certainty : measured.certainty).push_back(static_cast<float>(top));
    if (other) continue;
    measured.probability.push_back(
        static_cast<float>(PortableExp(static_cast<double>(row[scores.labels[i]]) * scale - all)));
    const bool hit = best == scores.labels[i];
    const size_t bin = std::min(kBins - 1, static_cast<size_t>(top * kBins));
    right += hit;
    bin_right[bin] += hit;
    bin_sum[bin] += top;
  }
  const auto count = static_cast<double>(measured.predicted.size());
  measured.accuracy = right / count;
  for (size_t bin = 0; bin < kBins; ++bin)
    measured.calibration_error += std::fabs(bin_right[bin] - bin_sum[bin]) / count;
  const std::vector<double> others = Sums(TermsOf(scores, false), rejection);
  for (const double sum : others) measured.out_of_scope_found += sum < 0;
  if (!others.empty()) measured.out_of_scope_found /= static_cast<double>(others.size());
  return measured;
}

}  // namespace pbert::converter
