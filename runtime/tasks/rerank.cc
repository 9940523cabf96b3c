#include "tasks/rerank.h"

#include "tasks/scores.h"

namespace pbert {

Status RerankTask::Run(const TextInput& input, std::span<const pbert_text> candidates, ClassifyTask* classify,
                       TaskContext* context, TextScores* result) {
  PBERT_RETURN_IF_ERROR(context->Require(schema::Task::TextClassification, "rerank"));
  if (classify->label_count() != 1) {
    return Status::Error(Code::kUnsupported,
                         "rerank: it takes a cross-encoder, which has one label; this model has %zu labels",
                         classify->label_count());
  }
  PBERT_RETURN_IF_ERROR(classify->RunPairs(input, candidates, context, result,
                                           [](const Classification& found) { return found.logits[0]; }));
  // By logits, because of two good candidates' sigmoids both may be 1.
  SortByScore(result->array);
  for (pbert_label_score& score : result->array) {
    ScoreLogits(context->head->problem_type(), {&score.score, 1}, {&score.score, 1});
  }
  return Status();
}

}  // namespace pbert
