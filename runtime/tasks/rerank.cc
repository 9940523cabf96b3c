#include "tasks/rerank.h"

#include "tasks/scores.h"

namespace pbert {

Status RerankTask::Run(const TextInput& input, std::span<const pbert_text> candidates, ClassifyTask* classify,
                       TaskContext* context, CandidateScores* result) {
  PBERT_RETURN_IF_ERROR(context->Require(schema::Task::TextClassification, "rerank"));
  if (classify->label_count() != 1) {
    return Status::Error(Code::kUnsupported,
                         "rerank: it takes a cross-encoder, which has one label; this model has %zu labels",
                         classify->label_count());
  }
  TextInput asked = input;
  asked.has_pair = true;
  if (asked.max_tokens == 0) asked.max_tokens = context->truncation_tokens;
  result->truncated = false;
  for (size_t i = 0; i < candidates.size(); ++i) {
    asked.pair = {candidates[i].text, candidates[i].text_size};
    const Classification* found = nullptr;
    PBERT_RETURN_IF_ERROR(classify->Run(asked, context, &found));
    result->truncated |= context->encoding.truncated;
    result->array[i] = {static_cast<uint32_t>(i), found->logits[0]};
  }
  // By logits, because of two good candidates' sigmoids both may be 1.
  SortByScore(result->array);
  for (pbert_label_score& score : result->array) {
    ScoreLogits(context->head->problem_type(), {&score.score, 1}, {&score.score, 1});
  }
  return Status();
}

}  // namespace pbert
