#include "tasks/scores.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/rank.h"

namespace pbert {
namespace {

float Sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

}  // namespace

float Exponentiate(std::span<float> logits, float highest, float sum) {
  for (float& logit : logits) {
    logit = std::exp(logit - highest);
    sum += logit;
  }
  return sum;
}

void Softmax(std::span<const float> logits, std::span<float> scores) {
  const float highest = *std::max_element(logits.begin(), logits.end());
  if (scores.data() != logits.data()) std::copy(logits.begin(), logits.end(), scores.begin());
  const float sum = Exponentiate(scores.first(logits.size()), highest, 0.0f);
  for (float& score : scores) score /= sum;
}

void ScoreLogits(schema::ProblemType problem_type, std::span<const float> logits, std::span<float> scores) {
  if (logits.empty()) return;
  if (problem_type == schema::ProblemType::Regression) {
    memmove(scores.data(), logits.data(), logits.size_bytes());
  } else if (problem_type == schema::ProblemType::MultiLabel || logits.size() == 1) {
    std::transform(logits.begin(), logits.end(), scores.begin(), Sigmoid);
  } else {
    Softmax(logits, scores);
  }
}

// The order is total (by score, then by label), so an unstable sort, which needs no memory, gives the result of a
// stable one.
void SortByScore(std::span<pbert_label_score> ranked) {
  std::sort(ranked.begin(), ranked.end(), [](const pbert_label_score& a, const pbert_label_score& b) {
    return Rank(a.score) != Rank(b.score) ? Rank(a.score) > Rank(b.score) : a.label < b.label;
  });
}

void RankLabels(std::span<const float> scores, std::span<pbert_label_score> ranked) {
  for (size_t i = 0; i < scores.size(); ++i) ranked[i] = {static_cast<uint32_t>(i), scores[i]};
  SortByScore(ranked);
}

}  // namespace pbert
