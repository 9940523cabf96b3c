#include "tasks/classify.h"

#include <algorithm>
#include <span>

#include "tasks/scores.h"
#include "tasks/windows.h"

namespace pbert {

ClassifyTask ClassifyTask::Take(const Model& model, const schema::Head& head, size_t label_count, Arena* arena) {
  ClassifyTask task;
  if (head.features() != nullptr) {
    task.features_ = TextFeatures::Take(model, *head.features(), arena);
    task.linear_ = FeatureLinear::Open(model, head.features()->linear());
  }
  task.rejection_ = Rejection::Take(model, head.rejection(), arena);
  task.result_.labels = arena->Take<pbert_label_score>(label_count);
  task.result_.logits = arena->Take<float>(label_count);
  task.result_.scores = arena->Take<float>(label_count);
  task.result_.count = label_count;
  return task;
}

const HiddenStateTap* ClassifyTask::feature_tap() {
  if (!linear_.present()) return nullptr;
  tap_ = features_.Tap();
  return &tap_;
}

Status ClassifyTask::ChooseHead(TaskContext* context) {
  const bool next = context->Serves(schema::Task::NextSentence);
  return context->Require(next ? schema::Task::NextSentence : schema::Task::TextClassification, "classify");
}

// The mean of the windows' logits, each weighted by its tokens; of one window those that it has.
void ClassifyTask::AddLogits(const float* outputs, float weight, float* total) {
  float* const logits = result_.logits;
  if (*total == 0.0f) std::fill_n(logits, result_.count, 0.0f);
  *total += weight;
  for (size_t i = 0; i < result_.count; ++i) logits[i] += (outputs[i] - logits[i]) * (weight / *total);
}

void ClassifyTask::Score(const TaskContext& context) {
  const std::span<float> scores(result_.scores, result_.count);
  const std::span<pbert_label_score> labels(result_.labels, result_.count);
  const float temperature = context.head->temperature();
  for (size_t i = 0; i < result_.count; ++i) scores[i] = result_.logits[i] / temperature;
  ScoreLogits(context.head->problem_type(), scores, scores);
  RankLabels(scores, labels);
  const float threshold = context.head->reject_threshold();
  result_.understood = labels.empty() ? 0 : labels[0].score;
  if (rejection_.present()) result_.understood = rejection_.Understood({result_.logits, result_.count}, features_);
  result_.rejected = threshold >= 0.0f && !labels.empty() && result_.understood < threshold;
}

Status ClassifyTask::RunOnFeatures(const TextInput& input, TaskContext* context) {
  float total = 0.0f;
  PBERT_RETURN_IF_ERROR(ForEachWindow("classify", input, context, [&](const Window& window) -> Status {
    PBERT_RETURN_IF_ERROR(context->RunNetwork(RowSelection{schema::RowChoice::All, {}}));
    features_.Add(window.weight(), &total);
    return Status();
  }));
  linear_.Run(features_.values(), features_.rounded(), result_.logits);
  return Status();
}

Status ClassifyTask::Run(const TextInput& input, TaskContext* context, const Classification** result) {
  PBERT_RETURN_IF_ERROR(ChooseHead(context));
  *result = &result_;
  if (linear_.present()) {
    PBERT_RETURN_IF_ERROR(RunOnFeatures(input, context));
    Score(*context);
    return Status();
  }
  float total = 0.0f;
  const auto add = [&](const Window& window) -> Status {
    PBERT_RETURN_IF_ERROR(context->RunNetwork(RowSelection{schema::RowChoice::First, {}}));
    return context->ForEachRow([&](size_t, const float* outputs) { AddLogits(outputs, window.weight(), &total); });
  };
  PBERT_RETURN_IF_ERROR(ForEachWindow("classify", input, context, add));
  Score(*context);
  return Status();
}

Status ClassifyTask::RunBatch(size_t count, const BatchCalls<Classification>& calls, TaskContext* context) {
  PBERT_RETURN_IF_ERROR(ChooseHead(context));
  bool stopped = false;
  const auto add = [&](size_t index, TextPass* pass, bool* fits, bool* alone) -> Status {
    TextInput input;
    PBERT_RETURN_IF_ERROR(calls.read(calls.context, index, &input));
    *alone = input.stride.has_value() || linear_.present();  // features are of one text
    return *alone ? Status() : pass->Add(input, fits);
  };
  const auto answer_alone = [&](size_t index) -> Status {
    TextInput input;
    PBERT_RETURN_IF_ERROR(calls.read(calls.context, index, &input));
    const Classification* result = nullptr;
    PBERT_RETURN_IF_ERROR(Run(input, context, &result));
    stopped = calls.Stops(index, *result, context);
    return Status();
  };
  const auto answer = [&](size_t index, size_t row) -> Status {
    const float* outputs = nullptr;
    PBERT_RETURN_IF_ERROR(context->network->RunHead(row, 1, &outputs));
    float total = 0.0f;
    AddLogits(outputs, 1.0f, &total);
    Score(*context);
    stopped = calls.Stops(index, result_, context);
    return Status();
  };
  return ForEachOfBatch(count, schema::RowChoice::First, context, &stopped, add, answer_alone, answer);
}

}  // namespace pbert
