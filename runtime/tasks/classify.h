// Text classification: one score per label.
#ifndef POCKETBERT_TASKS_CLASSIFY_H_
#define POCKETBERT_TASKS_CLASSIFY_H_

#include <cstddef>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/status.h"
#include "pocketbert/pocketbert.h"
#include "tasks/batch.h"
#include "tasks/features.h"
#include "tasks/learned.h"
#include "tasks/rejection.h"
#include "tasks/task.h"

namespace pbert {

// Arrays of `count` entries in the task's memory.
struct Classification {
  pbert_label_score* labels = nullptr;  // highest score first
  float* logits = nullptr;              // in label order
  float* scores = nullptr;              // in label order
  size_t count = 0;
  float understood = 0;   // the top score, or what the head's rejection gives
  bool rejected = false;  // it is below the head's reject threshold
};

// A sentence that a label was learned from and that another label claims.
using Overlap = pbert_overlap;

// A score for each of several texts, in the caller's array, best first.
struct TextScores {
  std::span<pbert_label_score> array;
  bool truncated = false;  // some text was cut
};

class ClassifyTask {
 public:
  // With room for `learned` labels that may be learned, where the head can.
  static ClassifyTask Take(const Model& model, const schema::Head& head, size_t label_count, size_t learned,
                           Arena* arena);
  // For the context, of a head with features; else null. This must not move after it.
  const HiddenStateTap* feature_tap();

  Status Run(const TextInput& input, TaskContext* context, const Classification** result);

  // Several texts, as many at once as pays.
  Status RunBatch(size_t count, const BatchCalls<Classification>& calls, TaskContext* context);

  size_t label_count() const { return label_count_; }  // of the file

  // Learns a label from 1 to kMostSentences sentences, or again; *overlaps are those that the session took for
  // something else, and lives until the next question. Errors: see pbert_learn; then nothing has changed.
  static constexpr size_t kMostSentences = 64;
  Status Learn(std::string_view name, std::span<const pbert_text> sentences, TaskContext* context, uint32_t* label,
               std::span<const Overlap>* overlaps);
  Status Forget(std::string_view name);
  Status CanLearn(const char* function) const;
  LearnedLabels& learned() { return learned_; }
  const LearnedLabels& learned() const { return learned_; }

  // Classifies the pair of asked.text and each of `texts`, to model_max_length unless it says otherwise; what
  // score(classification) gives goes into result->array, in the order of the texts. By the head of text classification.
  template <typename Score>
  Status RunPairs(TextInput asked, std::span<const pbert_text> texts, TaskContext* context, TextScores* result,
                  const Score& score) {
    asked.has_pair = true;
    if (asked.max_tokens == 0) asked.max_tokens = context->truncation_tokens;
    result->truncated = false;
    for (size_t i = 0; i < texts.size(); ++i) {
      asked.pair = {texts[i].text, texts[i].text_size};
      const Classification* found = nullptr;
      PBERT_RETURN_IF_ERROR(Run(asked, context, &found));
      result->truncated |= context->encoding.truncated;
      result->array[i] = {static_cast<uint32_t>(i), score(*found)};
    }
    return Status();
  }

 private:
  static Status ChooseHead(TaskContext* context);
  // Adds a window's logits to the mean of those before, all of which weigh *total.
  void AddLogits(const float* outputs, float weight, float* total);
  // Of a text, in windows if need be, by a head with features.
  Status RunOnFeatures(const TextInput& input, TaskContext* context);
  // Appends the logits of learned labels. Returns the distance from the nearest, infinite where there is none.
  float AddLearned();
  // The result, of the logits.
  void Score(const TaskContext& context);

  Classification result_;
  TextFeatures features_;
  HiddenStateTap tap_ = {};
  FeatureLinear linear_;  // of the head with features
  Rejection rejection_;
  LearnedLabels learned_;
  float* learned_mean_ = nullptr;  // [dimensions], scratch of Learn
  Overlap* overlaps_ = nullptr;    // [kMostSentences]
  size_t label_count_ = 0;
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_CLASSIFY_H_
