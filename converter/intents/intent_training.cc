#include "converter/intents/intent_training.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "converter/evaluate/parallel.h"
#include "converter/intents/calibration.h"
#include "converter/intents/logistic.h"

namespace pbert::converter {
namespace {

constexpr size_t kDimensions = 64;  // of the space of distances: on CLINC150 six times as many give .001 of AUROC
constexpr double kShrinkage = 0.3;
constexpr size_t kEnoughHeldOut = 5000;  // to choose between two settings
constexpr size_t kFewSentences = 2000;   // so few can be split into more folds

// Enough to tell two settings apart: on BANKING77 within 0.2 points of the end.
constexpr LbfgsOptions kRough = {.most_iterations = 30};

// What cross-validation chooses between.
struct Setting {
  float early = 0.5f;  // the weight of the embeddings and of the middle layer beside the last one's
  double strength = 10;
  bool names = true;
};

class Trainer {
 public:
  Trainer(const IntentExamples& examples, const TrainingOptions& options, const ProgressCallback& progress)
      : examples_(examples), options_(options), progress_(progress) {
    all_ = examples.sentences;
    labels_ = examples.labels;
    all_.insert(all_.end(), examples.out_of_scope.begin(), examples.out_of_scope.end());
    labels_.resize(all_.size(), static_cast<uint32_t>(examples.intents));
    classes_ = examples.intents + (examples.out_of_scope.empty() ? 0 : 1);
    AssignFolds();
  }

  IntentHead Train();

 private:
  // Every so manieth sentence of an intent is in the same fold: files often list sentences that resemble each other one
  // after the other.
  void AssignFolds() {
    folds_ = all_.size() <= kFewSentences ? 5 : 3;
    std::vector<size_t> seen(classes_);
    for (const uint32_t label : labels_) fold_of_.push_back(seen[label]++ % folds_);
  }
  std::vector<WeightedLayer> LayersOf(const Setting& setting) const;
  // The rows for which `wanted(fold)` holds, of all_.
  template <typename Wanted>
  std::vector<size_t> Rows(const Wanted& wanted) const {
    std::vector<size_t> rows;
    for (size_t i = 0; i < all_.size(); ++i) {
      if (wanted(fold_of_[i])) rows.push_back(i);
    }
    return rows;
  }
  DenseMatrix Features(const std::vector<size_t>& rows, const Setting& setting, bool with_names,
                       std::vector<uint32_t>* labels) const;
  DenseMatrix Fit(const std::vector<size_t>& rows, const Setting& setting, const LbfgsOptions& descent) const;
  double HeldOutAccuracy(const Setting& setting);
  Setting Choose();
  Moments MomentsOf(const std::vector<size_t>& rows, const Setting& setting) const;
  HeldOutScores Predict(const Setting& setting, const Moments& whole);
  void Report(const std::string& what) {
    if (progress_) progress_(what, std::min(1.0, static_cast<double>(fits_++) / 16.0));
  }

  const IntentExamples& examples_;
  const TrainingOptions& options_;
  const ProgressCallback& progress_;
  std::vector<size_t> all_;       // sentences, those that are out of scope behind
  std::vector<uint32_t> labels_;  // of them
  std::vector<size_t> fold_of_;
  size_t classes_ = 0, folds_ = 0, fits_ = 0;
};

std::vector<WeightedLayer> Trainer::LayersOf(const Setting& setting) const {
  const std::vector<uint32_t>& layers = examples_.features.layers;
  std::vector<WeightedLayer> weighted;
  for (const uint32_t layer : layers) {
    const bool last = layer == layers.back();
    if (last || setting.early > 0) weighted.push_back({layer, last ? 1 : setting.early});
  }
  return weighted;
}

DenseMatrix Trainer::Features(const std::vector<size_t>& rows, const Setting& setting, bool with_names,
                              std::vector<uint32_t>* labels) const {
  std::vector<size_t> sentences;
  labels->clear();
  for (const size_t row : rows) {
    sentences.push_back(all_[row]);
    labels->push_back(labels_[row]);
  }
  for (size_t i = 0; with_names && i < examples_.names.size(); ++i) {
    sentences.push_back(examples_.names[i]);
    labels->push_back(static_cast<uint32_t>(i));
  }
  return FeatureMatrix(examples_.features, sentences, LayersOf(setting));
}

DenseMatrix Trainer::Fit(const std::vector<size_t>& rows, const Setting& setting, const LbfgsOptions& descent) const {
  std::vector<uint32_t> labels;
  const DenseMatrix x = Features(rows, setting, setting.names, &labels);
  DenseMatrix weights(classes_, x.columns);
  FitLogistic(x, labels, {.strength = setting.strength, .threads = options_.threads, .descent = descent}, &weights);
  return weights;
}

// Of sentences that have an intent; of as many folds as it takes to tell settings apart.
double Trainer::HeldOutAccuracy(const Setting& setting) {
  size_t right = 0, seen = 0;
  for (size_t fold = 0; fold < folds_ && seen < kEnoughHeldOut; ++fold) {
    Report("choosing");
    const DenseMatrix weights = Fit(Rows([&](size_t of) { return of != fold; }), setting, kRough);
    std::vector<uint32_t> labels;
    const DenseMatrix x = Features(Rows([&](size_t of) { return of == fold; }), setting, false, &labels);
    DenseMatrix logits(x.rows, classes_);
    MultiplyByTransposed(x, weights, options_.threads, &logits);
    for (size_t i = 0; i < x.rows; ++i) {
      if (labels[i] == examples_.intents) continue;
      ++seen;
      const float* const row = logits.row(i);
      right += static_cast<size_t>(std::max_element(row, row + examples_.intents) - row) == labels[i];
    }
  }
  return seen == 0 ? 0 : static_cast<double>(right) / static_cast<double>(seen);
}

// One number after the other, from what is best most often.
Setting Trainer::Choose() {
  Setting best;
  best.names = !examples_.names.empty();
  double accuracy = HeldOutAccuracy(best);
  const auto consider = [&](Setting other) {
    const double found = HeldOutAccuracy(other);
    if (found <= accuracy) return false;
    accuracy = found;
    best = other;
    return true;
  };
  for (const float early : {0.0f, 1.0f}) {
    Setting other = best;
    other.early = early;
    consider(other);
  }
  for (const double factor : {0.3, 3.0}) {
    Setting other = best;
    other.strength *= factor;
    while (consider(other) && other.strength > 0.5 && other.strength < 500) other.strength *= factor;
  }
  if (best.names) {
    Setting other = best;
    other.names = false;
    consider(other);
  }
  return best;
}

// Of those rows that have an intent.
Moments Trainer::MomentsOf(const std::vector<size_t>& rows, const Setting& setting) const {
  std::vector<size_t> understood;
  for (const size_t row : rows) {
    if (labels_[row] < examples_.intents) understood.push_back(row);
  }
  std::vector<uint32_t> labels;
  const DenseMatrix x = Features(understood, setting, false, &labels);
  Moments moments(examples_.intents, x.columns);
  moments.Add(x, labels, options_.threads);
  return moments;
}

// What each sentence is told by a head that has not seen its fold. `whole` are the moments of all.
HeldOutScores Trainer::Predict(const Setting& setting, const Moments& whole) {
  HeldOutScores scores;
  scores.logits = DenseMatrix(all_.size(), classes_);
  scores.distances.resize(all_.size());
  scores.labels = labels_;
  scores.intents = examples_.intents;
  for (size_t fold = 0; fold < folds_; ++fold) {
    Report("calibrating");
    const DenseMatrix weights = Fit(Rows([&](size_t of) { return of != fold; }), setting, LbfgsOptions());
    const std::vector<size_t> held_out = Rows([&](size_t of) { return of == fold; });
    Moments moments = whole;
    moments.Subtract(MomentsOf(held_out, setting));
    const Discriminant discriminant = FitDiscriminant(moments, kDimensions, kShrinkage);
    std::vector<uint32_t> labels;
    const DenseMatrix x = Features(held_out, setting, false, &labels);
    DenseMatrix logits(x.rows, classes_);
    MultiplyByTransposed(x, weights, options_.threads, &logits);
    ForEachExample(x.rows, WorkersFor(x.rows, options_.threads), nullptr, [&](size_t, size_t i) {
      std::copy_n(logits.row(i), classes_, scores.logits.row(held_out[i]));
      scores.distances[held_out[i]] = RelativeDistance(discriminant, x.row(i));
    });
  }
  return scores;
}

IntentHead Trainer::Train() {
  const Setting setting = Choose();
  const std::vector<size_t> all = Rows([](size_t) { return true; });
  const Moments moments = MomentsOf(all, setting);
  const HeldOutScores scores = Predict(setting, moments);
  IntentHead head;
  head.layers = LayersOf(setting);
  head.names_used = setting.names;
  head.strength = setting.strength;
  Report("fitting");
  head.linear = Fit(all, setting, LbfgsOptions());
  std::vector<uint32_t> labels;
  std::vector<size_t> understood(examples_.sentences.size());
  std::iota(understood.begin(), understood.end(), size_t{0});
  const DenseMatrix x = Features(understood, setting, false, &labels);
  head.discriminant = FitDiscriminant(moments, kDimensions, kShrinkage);
  DenseMatrix logits(x.rows, classes_);
  MultiplyByTransposed(x, head.linear, options_.threads, &logits);
  head.logits_of_distance = LogitsOfDistance(head.discriminant, x, logits);
  head.temperature = FitTemperature(scores);
  head.rejection = FitRejection(scores, options_.keep);
  head.held_out = Measure(scores, head.temperature, head.rejection);
  return head;
}

}  // namespace

IntentHead TrainIntents(const IntentExamples& examples, const TrainingOptions& options,
                        const ProgressCallback& progress) {
  return Trainer(examples, options, progress).Train();
}

}  // namespace pbert::converter
