// How well a classifier's file answers a labelled set, alone and beside the same model in fp32.
#ifndef POCKETBERT_CONVERTER_EVALUATE_EVALUATE_H_
#define POCKETBERT_CONVERTER_EVALUATE_EVALUATE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "converter/convert.h"
#include "converter/evaluate/dataset.h"
#include "converter/evaluate/metrics.h"
#include "converter/evaluate/model_handle.h"

namespace pbert::converter {

// The answer to one example.
struct Prediction {
  uint32_t label = 0;
  float score = 0;
  float understood = 0;   // what the reject threshold is compared with
  float asked_score = 0;  // of the label that was asked for, see Predict
  bool truncated = false;
};

struct PredictOptions {
  uint32_t threads = 1;  // sentences answered at once, each on one core
  pbert_backend backend = PBERT_AUTO;
  // Sees how many examples are done, from one thread at a time.
  std::function<void(size_t done, size_t total)> progress;
};

// The model's top label for every example, in order; the same for any number of threads. `asked`, empty or one label
// an example, says whose score to report beside the top one's. Throws Error.
std::vector<Prediction> Predict(const ModelHandle& model, const LabelledSet& set, const std::vector<uint32_t>& asked,
                                const PredictOptions& options);

// The figures of one model. Shares, 0 to 1.
struct ModelFigures {
  double accuracy = 0;  // top label right, over all examples, out-of-scope ones included
  ScopeFigures plain;
  std::optional<ScopeFigures> rejecting;  // where there is a reject threshold
};

// `threshold` negative: none.
ModelFigures Measure(const LabelledSet& set, const std::vector<Prediction>& predictions, float threshold);

// Of two models on one set: how they differ.
struct Difference {
  size_t flips = 0;  // examples whose top labels differ
  size_t only_first_right = 0, only_second_right = 0;
  double same_answer = 0;          // share of equal top labels
  double mean_abs_score_diff = 0;  // mean over the examples of |first's top score - second's score of that label|
  double p_value = 1;              // McNemar's exact test of the two accuracies
};

// `second` was predicted with the labels of `first` as `asked`.
Difference CompareAnswers(const LabelledSet& set, const std::vector<Prediction>& first,
                          const std::vector<Prediction>& second);

struct Evaluation {
  std::string dataset;
  size_t examples = 0, out_of_scope = 0, truncated = 0;
  float threshold = -1;  // that was applied; negative: none
  ModelFigures file;
  std::optional<ModelFigures> fp32;
  std::optional<Difference> difference;
  double seconds = 0;                   // that the file's own answers took
  std::vector<Prediction> predictions;  // the file's, of each example
};

// Runs `file`, and `fp32` when not null, over `set`. Throws Error, also for a model that is no single-label classifier.
Evaluation Evaluate(const ModelHandle& file, const ModelHandle* fp32, const LabelledSet& set,
                    const PredictOptions& options);

// What `convert --eval` wants to know: the same, and the reject threshold that is best for `file` on this set when it
// may cost `reject_cost` points of in-scope accuracy. In the shape that Convert stores in the file.
Findings FindThresholdAndMeasure(const ModelHandle& file, const ModelHandle& fp32, const LabelledSet& set,
                                 double reject_cost, const PredictOptions& options);

// Which findings that will be, before anything is run: ConvertOptions::expected.
Findings ExpectedFindings(const Dataset& dataset, const std::string& out_of_scope_label);

// The evaluation as a file's report holds it; unknown figures NaN.
schema::AccuracyT ToReport(const Evaluation& evaluation);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_EVALUATE_EVALUATE_H_
