// From logits to scores, and scores in order.
#ifndef POCKETBERT_TASKS_SCORES_H_
#define POCKETBERT_TASKS_SCORES_H_

#include <span>

#include "pocketbert/pocketbert.h"
#include "schema/model_generated.h"

namespace pbert {

// Turns logits into scores as the reference's text-classification pipeline does: softmax for a single label,
// sigmoid for several labels (and for a single output, of which a softmax would always be 1), the logits
// themselves for regression. scores may be logits.
void ScoreLogits(schema::ProblemType problem_type, std::span<const float> logits, std::span<float> scores);

// Probabilities; scores may be logits. Shifted by the maximum, so that no exponential overflows.
void Softmax(std::span<const float> logits, std::span<float> scores);

// The first step of a softmax over parts that lie apart: exp(logit - highest) in place of each. Returns `sum` and
// theirs.
float Exponentiate(std::span<float> logits, float highest, float sum);

// Writes each label's index and score, highest score first, ties in label order, NaN last.
void RankLabels(std::span<const float> scores, std::span<pbert_label_score> ranked);

// The same of labels that have their scores.
void SortByScore(std::span<pbert_label_score> ranked);

}  // namespace pbert

#endif  // POCKETBERT_TASKS_SCORES_H_
