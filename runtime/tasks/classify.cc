#include "tasks/classify.h"

#include <algorithm>
#include <limits>
#include <span>

#include "tasks/scores.h"
#include "tasks/windows.h"

namespace pbert {

ClassifyTask ClassifyTask::Take(const Model& model, const schema::Head& head, size_t label_count, size_t learned,
                                Arena* arena) {
  ClassifyTask task;
  if (head.features() != nullptr) {
    task.features_ = TextFeatures::Take(model, *head.features(), arena);
    task.linear_ = FeatureLinear::Open(model, head.features()->linear());
  }
  task.rejection_ = Rejection::Take(model, head.rejection(), arena);
  const size_t dimensions = task.rejection_.dimensions();
  if (dimensions == 0 || task.rejection_.logits_of_distance() <= 0) learned = 0;
  task.learned_ = LearnedLabels::Take(model, dimensions, learned, arena);
  if (learned > 0) {
    task.learned_mean_ = arena->Take<float>(dimensions);
    task.overlaps_ = arena->Take<Overlap>(kMostSentences);
  }
  task.label_count_ = task.result_.count = label_count;
  task.result_.labels = arena->Take<pbert_label_score>(label_count + learned);
  task.result_.logits = arena->Take<float>(label_count + learned);
  task.result_.scores = arena->Take<float>(label_count + learned);
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
  float nearest = std::numeric_limits<float>::infinity();
  if (rejection_.present()) {
    rejection_.Read(features_);
    nearest = AddLearned();
  }
  const std::span<float> scores(result_.scores, result_.count);
  const std::span<pbert_label_score> labels(result_.labels, result_.count);
  const float temperature = context.head->temperature();
  for (size_t i = 0; i < result_.count; ++i) scores[i] = result_.logits[i] / temperature;
  ScoreLogits(context.head->problem_type(), scores, scores);
  RankLabels(scores, labels);
  const float threshold = context.head->reject_threshold();
  result_.understood = labels.empty() ? 0 : labels[0].score;
  if (rejection_.present()) result_.understood = rejection_.Understood({result_.logits, result_.count}, nearest);
  result_.rejected = threshold >= 0.0f && !labels.empty() && result_.understood < threshold;
}

// A learned label's logit is that of the file's best label, and more where it is nearer than that one's mean: what
// nearest means say between these two, in the units of the file's logits.
float ClassifyTask::AddLearned() {
  float nearest = std::numeric_limits<float>::infinity();
  result_.count = label_count_ + learned_.count();
  if (learned_.count() == 0) return nearest;
  const float* const best = std::max_element(result_.logits, result_.logits + label_count_);
  const float from_best = rejection_.DistanceFromLabel(static_cast<size_t>(best - result_.logits));
  for (size_t i = 0; i < learned_.count(); ++i) {
    const float distance = rejection_.DistanceFrom(learned_.mean(i));
    result_.logits[label_count_ + i] = *best + rejection_.logits_of_distance() * (from_best - distance);
    nearest = std::min(nearest, distance);
  }
  return nearest;
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

Status ClassifyTask::CanLearn(const char* function) const {
  if (learned_.most() > 0) return Status();
  return Status::Error(Code::kUnsupported, "%s: this model cannot learn labels: `pocketbert build` makes one that can",
                       function);
}

Status ClassifyTask::Learn(std::string_view name, std::span<const pbert_text> sentences, TaskContext* context,
                           uint32_t* label, std::span<const Overlap>* overlaps) {
  PBERT_RETURN_IF_ERROR(ChooseHead(context));
  const size_t dimensions = learned_.dimensions(), own = label_count_ + learned_.Find(name);
  std::fill_n(learned_mean_, dimensions, 0.0f);
  size_t count = 0;
  for (size_t i = 0; i < sentences.size(); ++i) {
    TextInput input;
    input.text = {sentences[i].text, sentences[i].text_size};
    const Classification* found = nullptr;
    PBERT_RETURN_IF_ERROR(Run(input, context, &found));
    const pbert_label_score& best = found->labels[0];
    if (!found->rejected && best.label != own) {
      overlaps_[count++] = {.sentence = static_cast<uint32_t>(i), .label = best.label, .score = best.score};
    }
    for (size_t d = 0; d < dimensions; ++d) learned_mean_[d] += rejection_.projected()[d];
  }
  for (size_t d = 0; d < dimensions; ++d) learned_mean_[d] /= static_cast<float>(sentences.size());
  PBERT_RETURN_IF_ERROR(learned_.Set(name, learned_mean_, static_cast<uint32_t>(sentences.size())));
  *label = static_cast<uint32_t>(own);
  *overlaps = {overlaps_, count};
  return Status();
}

Status ClassifyTask::Forget(std::string_view name) {
  const size_t index = learned_.Find(name);
  if (index == learned_.count()) {
    return Status::Error(Code::kInvalidArgument, "forget: no label of this name was learned");
  }
  learned_.Remove(index);
  return Status();
}

}  // namespace pbert
