// How well a classifier's text is understood: low for texts that belong to none of its labels.
#ifndef POCKETBERT_TASKS_REJECTION_H_
#define POCKETBERT_TASKS_REJECTION_H_

#include <cstddef>
#include <span>

#include "base/arena.h"
#include "model/model.h"
#include "schema/model_generated.h"
#include "tasks/features.h"

namespace pbert {

// schema::Rejection says what is computed. In the session's arena; one thread at a time.
class Rejection {
 public:
  // `table` may be null: not present() then.
  static Rejection Take(const Model& model, const schema::Rejection* table, Arena* arena);
  bool present() const { return table_ != nullptr; }

  // From 0 to 1. `features` is present where the head has features.
  float Understood(std::span<const float> logits, const TextFeatures& features) const;

 private:
  // The relative Mahalanobis distance to the nearest label; `features` as TextFeatures has them.
  float Distance(const TextFeatures& features) const;

  const schema::Rejection* table_ = nullptr;
  FeatureLinear out_of_scope_, projection_;
  TensorView means_, precisions_;
  float* projected_ = nullptr;  // [dimensions]
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_REJECTION_H_
