#include "tasks/classify.h"

#include <algorithm>
#include <span>

#include "tasks/scores.h"
#include "tasks/windows.h"

namespace pbert {

ClassifyTask ClassifyTask::Take(size_t label_count, Arena* arena) {
  ClassifyTask task;
  task.result_.labels = arena->Take<pbert_label_score>(label_count);
  task.result_.logits = arena->Take<float>(label_count);
  task.result_.scores = arena->Take<float>(label_count);
  task.result_.count = label_count;
  return task;
}

Status ClassifyTask::Run(const TextInput& input, TaskContext* context, const Classification** result) {
  const bool next = context->Serves(schema::Task::NextSentence);
  PBERT_RETURN_IF_ERROR(
      context->Require(next ? schema::Task::NextSentence : schema::Task::TextClassification, "classify"));
  const std::span<float> logits(result_.logits, result_.count);
  const std::span<float> scores(result_.scores, result_.count);
  const std::span<pbert_label_score> labels(result_.labels, result_.count);
  float total = 0.0f;
  // The mean of the windows' logits, each weighted by its tokens; of one window those that it has.
  const auto add = [&](const Window& window) -> Status {
    PBERT_RETURN_IF_ERROR(context->RunNetwork(RowSelection{schema::RowChoice::First, {}}));
    if (total == 0.0f) std::fill(logits.begin(), logits.end(), 0.0f);
    total += window.weight();
    return context->ForEachRow([&](size_t, const float* outputs) {
      for (size_t i = 0; i < logits.size(); ++i) logits[i] += (outputs[i] - logits[i]) * (window.weight() / total);
    });
  };
  PBERT_RETURN_IF_ERROR(ForEachWindow("classify", input, context, add));
  ScoreLogits(context->head->problem_type(), logits, scores);
  RankLabels(scores, labels);
  const float threshold = context->head->reject_threshold();
  result_.rejected = threshold >= 0.0f && !labels.empty() && labels[0].score < threshold;
  *result = &result_;
  return Status();
}

}  // namespace pbert
