// Features of a whole text: means of the hidden states behind some of the layers. What a classifier reads that was
// trained on a frozen encoder.
#ifndef POCKETBERT_TASKS_FEATURES_H_
#define POCKETBERT_TASKS_FEATURES_H_

#include <cstddef>
#include <cstdint>

#include "base/arena.h"
#include "engine/network.h"
#include "model/model.h"
#include "schema/model_generated.h"

namespace pbert {

// y = W x + b of a few rows, by a RowMajor matrix. One thread at a time.
class FeatureLinear {
 public:
  static FeatureLinear Open(const Model& model, const schema::Linear* linear);
  bool present() const { return weight_.present(); }
  size_t outputs() const { return weight_.rows; }
  // `rounded`: scratch of as many values as x has. Its values are rounded to 255 steps where the weights are int8.
  void Run(const float* x, int16_t* rounded, float* y) const;

 private:
  TensorView weight_, bias_;
};

// The mean of `rows` hidden states [rows, columns], scaled to this length, into `mean` [columns]. Training takes it
// too.
void TakeMean(const float* hidden, size_t rows, size_t columns, float length, float* mean);

// In the session's arena. One thread at a time.
class TextFeatures {
 public:
  // Of a head with features.
  static TextFeatures Take(const Model& model, const schema::Features& features, Arena* arena);
  bool present() const { return parts_ != nullptr; }

  // Takes the means while the network runs on one text. This must not move after it.
  HiddenStateTap Tap();

  // The features of the tokens that the network saw last become a part of the text's, of this weight; *total is the
  // weight of those before, 0 at the text's beginning.
  void Add(float weight, float* total);

  const float* values() const { return mean_; }  // [size()], of the text
  int16_t* rounded() const { return rounded_; }  // [size()], scratch
  size_t size() const { return part_count_ * hidden_size_; }

 private:
  struct Part {
    uint32_t layer;
    float weight;
  };
  void See(TapPoint point, uint32_t layer, const float* hidden, size_t rows, size_t hidden_size);

  Part* parts_ = nullptr;  // [part_count_]
  size_t part_count_ = 0, hidden_size_ = 0;
  float* seen_ = nullptr;       // [size()], of the network's last tokens
  float* mean_ = nullptr;       // [size()], of the text
  int16_t* rounded_ = nullptr;  // [size()]
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_FEATURES_H_
