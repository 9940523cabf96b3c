#include "tasks/zero_shot.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/ascii.h"
#include "tasks/scores.h"

namespace pbert {
namespace {

constexpr int32_t kNotStated = -2;  // schema::Head's entailment, in files of before it was there
constexpr int32_t kNone = -1;

bool Entails(std::string_view name) {
  constexpr std::string_view kBeginning = "entail";
  return name.size() >= kBeginning.size() && SameIgnoringCase({name.data(), kBeginning.size()}, kBeginning);
}

int32_t ByName(const schema::Head& head) {
  if (head.labels() == nullptr) return kNone;
  for (flatbuffers::uoffset_t i = 0; i < head.labels()->size(); ++i) {
    if (Entails(head.labels()->Get(i)->string_view())) return static_cast<int32_t>(i);
  }
  return kNone;
}

}  // namespace

Status EntailmentLabels::Find(const schema::Head& head, size_t label_count, EntailmentLabels* labels) {
  int32_t entailment = head.entailment() == kNotStated ? ByName(head) : head.entailment();
  labels->stated = entailment != kNone;
  if (!labels->stated) entailment = static_cast<int32_t>(label_count) - 1;
  if (entailment < 0 || static_cast<size_t>(entailment) >= label_count) {
    return Status::Error(Code::kUnsupported,
                         "zero-shot: label2id gives entailment the index %d, but there are %zu labels", entailment,
                         label_count);
  }
  labels->entailment = static_cast<size_t>(entailment);
  labels->contradiction = labels->entailment == 0 ? label_count - 1 : 0;
  return Status();
}

float HypothesisScore(std::span<const float> logits, const EntailmentLabels& labels, bool independent) {
  const double yes = logits[labels.entailment], no = logits[labels.contradiction];
  return static_cast<float>(independent ? 1 / (1 + std::exp(no - yes)) : yes);
}

void FinishHypotheses(std::span<pbert_label_score> scores, bool independent) {
  SortByScore(scores);
  if (independent) return;
  const double highest = scores[0].score;
  double sum = 0;
  for (const pbert_label_score& score : scores) sum += std::exp(score.score - highest);
  for (pbert_label_score& score : scores) score.score = static_cast<float>(std::exp(score.score - highest) / sum);
}

Status ZeroShotTask::Run(const TextInput& input, const ZeroShotOptions& options, ClassifyTask* classify,
                         TaskContext* context, TextScores* result) {
  PBERT_RETURN_IF_ERROR(context->Require(schema::Task::TextClassification, "zero-shot"));
  EntailmentLabels labels;
  PBERT_RETURN_IF_ERROR(EntailmentLabels::Find(*context->head, classify->label_count(), &labels));
  TextInput premise = input;
  premise.encode.only_first = true;
  const auto score = [&](const Classification& found) {
    return HypothesisScore({found.logits, found.count}, labels, options.independent);
  };
  PBERT_RETURN_IF_ERROR(classify->RunPairs(premise, options.hypotheses, context, result, score));
  FinishHypotheses(result->array, options.independent);
  return Status();
}

}  // namespace pbert
