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

  // Of the space in which distances are taken; 0: it takes none.
  size_t dimensions() const { return projection_.outputs(); }
  // How much higher a label's logit is where its mean is nearer by 1; 0: labels cannot be learned.
  float logits_of_distance() const { return present() ? table_->logits_of_distance() : 0; }

  // A text, for what follows. `features` is present where the head has features.
  void Read(const TextFeatures& features);
  const float* projected() const { return projected_; }  // [dimensions()], of the text
  // Squared distances of the text from the mean of a label of the file, and from any.
  float DistanceFromLabel(size_t label) const;
  float DistanceFrom(const float* mean) const;

  // From 0 to 1. `learned` is the text's distance from the nearest learned label, infinite where there is none.
  float Understood(std::span<const float> logits, float learned) const;

 private:
  float Distance(float learned) const;

  const schema::Rejection* table_ = nullptr;
  FeatureLinear out_of_scope_, projection_;
  TensorView means_, precisions_;
  float* projected_ = nullptr;  // [dimensions]
  float other_ = 0;             // the text's output of out_of_scope
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_REJECTION_H_
