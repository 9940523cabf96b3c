// How well a file tags words, answers questions or embeds texts, beside the same model in fp32.
#ifndef POCKETBERT_CONVERTER_EVALUATE_TASK_EVAL_H_
#define POCKETBERT_CONVERTER_EVALUATE_TASK_EVAL_H_

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "converter/raw_outputs.h"

namespace pbert {

inline constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

struct TaskMetric {
  std::string name;
  double file = kNotMeasured, fp32 = kNotMeasured;
  double p_value = kNotMeasured;  // of their difference, where a test is made
};

struct TaskEvaluation {
  std::string dataset, unit;  // "sentences", "questions", "pairs"
  size_t examples = 0, truncated = 0;
  std::vector<TaskMetric> metrics;  // the one that counts comes first
  std::string test;                 // that p_value of the first is of: "paired bootstrap", "exact McNemar test"
  bool has_flips = false;
  size_t flips = 0;              // examples with another answer than in fp32
  double cosine = kNotMeasured;  // mean over all texts, of an embedding with its own in fp32
  double seconds = 0;            // that the file's own answers took
};

struct TaskEvalOptions {
  RawOptions raw;
  size_t threads = 1;  // examples at once
  std::function<void(size_t done, size_t total)> progress;
};

// Whether Evaluate's classifiers are not meant: the head tags words, answers questions or embeds.
bool HasTaskMetrics(const Model& model);

// Runs `file`, and `fp32_file` unless it is empty, over the DATASET argument, by the head's task:
//   token classification: a word's tag is the best label at its first piece, O where it was cut off
//   question answering:   the best span of at most 15 tokens of the context
//   feature extraction:   the cosine of both texts' embeddings, pooled as the file says (mean where it says nothing)
// Throws Error.
TaskEvaluation EvaluateTask(const std::string& file, const std::string& fp32_file, const std::string& dataset,
                            const TaskEvalOptions& options);

}  // namespace pbert

#endif  // POCKETBERT_CONVERTER_EVALUATE_TASK_EVAL_H_
