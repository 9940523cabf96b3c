#include "tasks/classify.h"

#include <algorithm>
#include <span>

#include "tasks/scores.h"

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
  PBERT_RETURN_IF_ERROR(context->Tokenize(input));
  PBERT_RETURN_IF_ERROR(context->RunNetwork(RowSelection{schema::RowChoice::First, {}}));
  const std::span<float> logits(result_.logits, result_.count);
  const std::span<float> scores(result_.scores, result_.count);
  const std::span<pbert_label_score> labels(result_.labels, result_.count);
  PBERT_RETURN_IF_ERROR(
      context->ForEachRow([&](size_t, const float* outputs) { std::copy_n(outputs, logits.size(), logits.begin()); }));
  ScoreLogits(context->head->problem_type(), logits, scores);
  RankLabels(scores, labels);
  const float threshold = context->head->reject_threshold();
  result_.rejected = threshold >= 0.0f && !labels.empty() && labels[0].score < threshold;
  *result = &result_;
  return Status();
}

}  // namespace pbert
