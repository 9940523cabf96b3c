#include "converter/evaluate/metrics.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace pbert::converter {
namespace {

TEST_CASE("McNemar's exact test gives SciPy's p-values") {
  const struct {
    uint64_t first, second;
    double p;
  } cases[] = {
#include "tests/evaluate/mcnemar_values.inc"
  };
  for (const auto& c : cases) {
    CAPTURE(c.first);
    CAPTURE(c.second);
    CHECK(McNemarExact(c.first, c.second) == doctest::Approx(c.p).epsilon(1e-9));
    CHECK(McNemarExact(c.second, c.first) == McNemarExact(c.first, c.second));
  }
  CHECK(McNemarExact(0, 0) == 1);
}

TEST_CASE("figures of scopes, with and without a threshold") {
  const std::vector<ScoredExample> examples = {
      {0.9f, false, true}, {0.4f, false, true}, {0.8f, false, false}, {0.3f, true, false}, {0.7f, true, true}};
  const ScopeFigures plain = MeasureScopes(examples, -1);
  CHECK(plain.in_scope_accuracy == doctest::Approx(2.0 / 3));
  CHECK(plain.out_of_scope_recall == doctest::Approx(0.5));
  const ScopeFigures rejecting = MeasureScopes(examples, 0.5f);
  CHECK(rejecting.in_scope_accuracy == doctest::Approx(1.0 / 3));
  CHECK(rejecting.out_of_scope_recall == doctest::Approx(1.0));
  // A score at the threshold is not below it.
  CHECK(MeasureScopes(examples, 0.3f).out_of_scope_recall == doctest::Approx(0.5));
  CHECK(std::isnan(MeasureScopes({}, 0.5f).in_scope_accuracy));
}

struct Best {
  double value, threshold;
};

// Tries every threshold that could matter: each score, and one above them all.
Best BruteForce(const std::vector<ScoredExample>& examples, double cost) {
  const ScopeFigures before = MeasureScopes(examples, -1);
  Best best = {before.in_scope_accuracy + before.out_of_scope_recall, -1};
  std::vector<float> candidates;
  for (const auto& example : examples) {
    candidates.push_back(example.score);
    candidates.push_back(std::nextafter(example.score, 2.0f));
  }
  std::sort(candidates.begin(), candidates.end());
  for (const float threshold : candidates) {
    const ScopeFigures figures = MeasureScopes(examples, threshold);
    if (100 * (before.in_scope_accuracy - figures.in_scope_accuracy) > cost + 1e-9) continue;
    const double value = figures.in_scope_accuracy + figures.out_of_scope_recall;
    if (value > best.value + 1e-12) best = {value, threshold};
  }
  return best;
}

TEST_CASE("the threshold search agrees with trying all thresholds") {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    const double cost = std::vector<double>{0, 1.5, 10, 100}[random() % 4];
    const unsigned steps = std::vector<unsigned>{3, 20, 1000}[random() % 3];  // few steps: many equal scores
    std::vector<ScoredExample> examples(2 + random() % 60);
    for (auto& example : examples) {
      example.out_of_scope = random() % 3 == 0;
      example.good = random() % 4 != 0;
      const float score = static_cast<float>(random() % steps) / static_cast<float>(steps);
      example.score = example.out_of_scope ? score * 0.8f : 0.2f + score * 0.8f;
    }
    examples[0].out_of_scope = true;
    examples[1].out_of_scope = false;
    const float found = ChooseRejectThreshold(examples, cost);
    const ScopeFigures before = MeasureScopes(examples, -1), after = MeasureScopes(examples, found);
    const Best best = BruteForce(examples, cost);
    CAPTURE(round);
    CHECK(after.in_scope_accuracy + after.out_of_scope_recall == doctest::Approx(best.value).epsilon(1e-12));
    CHECK(100 * (before.in_scope_accuracy - after.in_scope_accuracy) <= cost + 1e-9);
    CHECK((found < 0) == (best.threshold < 0));
    // Of equals the lowest: the same examples are rejected as by the first that brute force found.
    const auto rejected = [&](double threshold) {
      return std::count_if(examples.begin(), examples.end(), [&](const auto& e) { return e.score < threshold; });
    };
    CHECK(rejected(found) == rejected(best.threshold));
  }
}

TEST_CASE("the threshold stands in the middle of its gap") {
  const std::vector<ScoredExample> examples = {{0.2f, true, false}, {0.4f, true, false}, {0.8f, false, true}};
  CHECK(ChooseRejectThreshold(examples, 1.5) == doctest::Approx(0.6));
}

TEST_CASE("neighbouring floats still have a threshold between them") {
  const float low = 0.5f, high = std::nextafter(low, 1.0f);
  CHECK(ChooseRejectThreshold(std::vector<ScoredExample>{{low, true, false}, {high, false, true}}, 0) == high);
}

TEST_CASE("no threshold where none helps") {
  CHECK(ChooseRejectThreshold({}, 1.5) < 0);
  CHECK(ChooseRejectThreshold(std::vector<ScoredExample>{{0.5f, false, true}}, 1.5) < 0);
  CHECK(ChooseRejectThreshold(std::vector<ScoredExample>{{0.5f, true, false}}, 1.5) < 0);
  // All found by label already.
  CHECK(ChooseRejectThreshold(std::vector<ScoredExample>{{0.5f, true, true}, {0.6f, false, true}}, 1.5) < 0);
  // It would cost more than allowed.
  CHECK(ChooseRejectThreshold(std::vector<ScoredExample>{{0.5f, true, false}, {0.4f, false, true}}, 1.5) < 0);
}

}  // namespace
}  // namespace pbert::converter
