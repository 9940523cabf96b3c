#include "tasks/scores.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace pbert {
namespace {

using schema::ProblemType;

std::vector<float> Scores(ProblemType type, const std::vector<float>& logits) {
  std::vector<float> scores(logits.size());
  ScoreLogits(type, logits, scores);
  return scores;
}

std::vector<uint32_t> Ranking(const std::vector<float>& scores) {
  std::vector<pbert_label_score> ranked(scores.size());
  RankLabels(scores, ranked);
  std::vector<uint32_t> labels;
  for (const pbert_label_score& entry : ranked) labels.push_back(entry.label);
  return labels;
}

TEST_CASE("a single label's scores are a softmax") {
  const std::vector<float> scores = Scores(ProblemType::SingleLabel, {1.0f, 2.0f, 3.0f});
  CHECK(scores[0] == doctest::Approx(0.09003057));
  CHECK(scores[1] == doctest::Approx(0.24472847));
  CHECK(scores[2] == doctest::Approx(0.66524096));
}

TEST_CASE("large logits do not overflow") {
  const std::vector<float> scores = Scores(ProblemType::SingleLabel, {3.0e38f, -3.0e38f, 3.0e38f});
  CHECK(scores[0] == 0.5f);
  CHECK(scores[1] == 0.0f);
  const std::vector<float> sigmoids = Scores(ProblemType::MultiLabel, {3.0e38f, -3.0e38f});
  CHECK(sigmoids[0] == 1.0f);
  CHECK(sigmoids[1] == 0.0f);
}

TEST_CASE("several labels' scores are sigmoids, and so is a single output's") {
  CHECK(Scores(ProblemType::MultiLabel, {0.0f, 1.0f})[1] == doctest::Approx(0.7310586));
  CHECK(Scores(ProblemType::SingleLabel, {1.0f})[0] == doctest::Approx(0.7310586));
}

TEST_CASE("a regression's scores are its outputs") {
  CHECK(Scores(ProblemType::Regression, {-3.5f, 12.0f}) == std::vector<float>{-3.5f, 12.0f});
}

TEST_CASE("scores may replace the logits in place") {
  std::vector<float> values = {1.0f, 2.0f, 3.0f};
  ScoreLogits(ProblemType::SingleLabel, values, values);
  CHECK(values == Scores(ProblemType::SingleLabel, {1.0f, 2.0f, 3.0f}));
}

TEST_CASE("labels come highest score first, ties in label order, NaN last") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(Ranking({0.1f, 0.7f, 0.2f}) == std::vector<uint32_t>{1, 2, 0});
  CHECK(Ranking({0.5f, 0.25f, 0.5f, 0.25f, 0.5f}) == std::vector<uint32_t>{0, 2, 4, 1, 3});
  CHECK(Ranking({0.0f, -0.0f, 0.0f}) == std::vector<uint32_t>{0, 1, 2});
  CHECK(Ranking({nan, 0.5f, nan, -1.0f, infinity}) == std::vector<uint32_t>{4, 1, 3, 0, 2});
  CHECK(Ranking({}).empty());
}

TEST_CASE("many tied labels keep their order") {
  std::minstd_rand random(1);
  std::vector<float> scores(1000);
  for (float& score : scores) score = static_cast<float>(random() % 4);
  const std::vector<uint32_t> labels = Ranking(scores);
  for (size_t i = 1; i < labels.size(); ++i) {
    const bool ordered = scores[labels[i - 1]] > scores[labels[i]] ||
                         (scores[labels[i - 1]] == scores[labels[i]] && labels[i - 1] < labels[i]);
    REQUIRE(ordered);
  }
}

}  // namespace
}  // namespace pbert
