#include "tasks/classify.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/rank.h"

namespace pbert {
namespace {

float Sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

}  // namespace

// Shifted by the maximum, so that no exponential overflows and the largest is 1.
void Softmax(std::span<const float> logits, std::span<float> scores) {
  const float highest = *std::max_element(logits.begin(), logits.end());
  float sum = 0.0f;
  for (size_t i = 0; i < logits.size(); ++i) {
    scores[i] = std::exp(logits[i] - highest);
    sum += scores[i];
  }
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
void RankLabels(std::span<const float> scores, std::span<pbert_label_score> ranked) {
  for (size_t i = 0; i < scores.size(); ++i) ranked[i] = {static_cast<uint32_t>(i), scores[i]};
  std::sort(ranked.begin(), ranked.end(), [](const pbert_label_score& a, const pbert_label_score& b) {
    return Rank(a.score) != Rank(b.score) ? Rank(a.score) > Rank(b.score) : a.label < b.label;
  });
}

Classification Classification::Take(Arena* arena, size_t count) {
  Classification result;
  result.labels = arena->Take<pbert_label_score>(count);
  result.logits = arena->Take<float>(count);
  result.scores = arena->Take<float>(count);
  result.count = count;
  return result;
}

bool ClassifyTask::NextWindow(Window* window) {
  if (yielded_) return false;
  yielded_ = true;
  window->input = input_;
  window->rows = RowSelection{schema::RowChoice::First, {}};
  return true;
}

Status ClassifyTask::Fold(const Window&, Network* network) {
  const float* outputs = nullptr;
  PBERT_RETURN_IF_ERROR(network->RunHead(0, 1, &outputs));
  const std::span<float> logits(result_->logits, result_->count);
  const std::span<float> scores(result_->scores, result_->count);
  const std::span<pbert_label_score> labels(result_->labels, result_->count);
  std::copy_n(outputs, result_->count, logits.begin());
  ScoreLogits(head_.problem_type(), logits, scores);
  RankLabels(scores, labels);
  const float threshold = head_.reject_threshold();
  result_->rejected = threshold >= 0.0f && !labels.empty() && labels[0].score < threshold;
  return Status();
}

}  // namespace pbert
