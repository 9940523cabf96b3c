// Zero-shot classification: how well a text entails each of several hypotheses, by a model of natural-language
// inference (https://arxiv.org/abs/1909.00161).
#ifndef POCKETBERT_TASKS_ZERO_SHOT_H_
#define POCKETBERT_TASKS_ZERO_SHOT_H_

#include <cstddef>
#include <span>

#include "base/status.h"
#include "pocketbert/pocketbert.h"
#include "schema/model_generated.h"
#include "tasks/classify.h"
#include "tasks/task.h"

namespace pbert {

// Which of a model's labels mean what. The last label entails where none says so, as the reference has it.
struct EntailmentLabels {
  size_t entailment = 0, contradiction = 0;
  bool stated = true;  // false: no label's name begins with "entail"

  static Status Find(const schema::Head& head, size_t label_count, EntailmentLabels* labels);
};

// One hypothesis's logits, as a score to be finished: of independent hypotheses the probability that it is entailed and
// not contradicted, of competing ones the logit.
float HypothesisScore(std::span<const float> logits, const EntailmentLabels& labels, bool independent);

// Ranks the scores, highest first, ties in order, and makes those of competing hypotheses probabilities.
void FinishHypotheses(std::span<pbert_label_score> scores, bool independent);

struct ZeroShotOptions {
  std::span<const pbert_text> hypotheses;  // at least one
  bool independent = false;                // each has a probability of its own
};

// Asks the head of text classification, whose memory it uses, once for each hypothesis. Input.text alone is cut if need
// be, to model_max_length unless input says otherwise.
class ZeroShotTask {
 public:
  static Status Run(const TextInput& input, const ZeroShotOptions& options, ClassifyTask* classify,
                    TaskContext* context, TextScores* result);
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_ZERO_SHOT_H_
