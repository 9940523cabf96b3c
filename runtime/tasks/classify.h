// Text classification: one window, the first row, one score per label.
#ifndef POCKETBERT_TASKS_CLASSIFY_H_
#define POCKETBERT_TASKS_CLASSIFY_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/arena.h"
#include "pocketbert/pocketbert.h"
#include "schema/model_generated.h"
#include "tasks/task.h"

namespace pbert {

// Turns logits into scores as the reference's text-classification pipeline does: softmax for a single label,
// sigmoid for several labels (and for a single output, of which a softmax would always be 1), the logits
// themselves for regression. scores may be logits.
void ScoreLogits(schema::ProblemType problem_type, std::span<const float> logits, std::span<float> scores);

// Probabilities; scores may be logits. Shifted by the maximum, so that no exponential overflows.
void Softmax(std::span<const float> logits, std::span<float> scores);

// Writes each label's index and score, highest score first, ties in label order, NaN last.
void RankLabels(std::span<const float> scores, std::span<pbert_label_score> ranked);

// What a classification leaves behind: arrays of `count` entries in its owner's memory.
struct Classification {
  pbert_label_score* labels = nullptr;  // highest score first
  float* logits = nullptr;              // in label order
  float* scores = nullptr;              // in label order
  size_t count = 0;
  bool rejected = false;  // the top score is below the head's reject threshold

  // From a counting arena: the same, without memory.
  static Classification Take(Arena* arena, size_t count);
};

// Classifies one truncated input. One thread at a time.
class ClassifyTask : public Task {
 public:
  // Everything given must outlive the task; `result` has as many entries as the network's head has outputs.
  ClassifyTask(const schema::Head& head, const NetworkInput& input, Classification* result)
      : head_(head), input_(input), result_(result) {}

  bool NextWindow(Window* window) override;
  Status Fold(const Window& window, Network* network) override;

 private:
  const schema::Head& head_;
  const NetworkInput input_;
  Classification* const result_;
  bool yielded_ = false;
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_CLASSIFY_H_
