// How well a file tags words, answers questions, embeds or scores texts, beside the same model in fp32. The answers are
// those of the C interface's tasks, windows and all: what an application gets is what is measured.
#ifndef POCKETBERT_CONVERTER_EVALUATE_TASK_EVAL_H_
#define POCKETBERT_CONVERTER_EVALUATE_TASK_EVAL_H_

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "converter/evaluate/model_handle.h"
#include "schema/model_generated.h"

namespace pbert::converter {

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
  size_t unanswerable = 0;       // questions of which "no answer" is the right one
  float null_threshold = 0;      // that says when it is given, where there are such questions; 0: none
};

struct TaskEvalOptions {
  pbert_backend backend = PBERT_AUTO;
  size_t threads = 1;  // examples at once
  // Of questions with and without an answer: find the null threshold with the largest F1 of `file`, instead of applying
  // the one that it has.
  bool find_null_threshold = false;
  std::function<void(size_t done, size_t total)> progress;
};

// Whether this is measured here: all but classifiers with one label a text (see evaluate.h). Throws Error for a task
// that is not measured at all.
bool HasTaskMetrics(const ModelHandle& model);

// Runs `file`, and `fp32` unless it is null, over the DATASET argument, by the file's task:
//   token classification: a word's tag is the label of its first token, O where it was cut off
//   question answering:   pbert_answer's best answer, "" where there is none; in a set with questions that have no
//                         answer "no answer" is allowed, for fp32 under the file's threshold
//   feature extraction:   the cosine of both texts' embeddings, pooled as the file says (mean where it says nothing)
//   several labels:       labels whose score is at least 0.5
//   regression:           the first output
// Throws Error.
TaskEvaluation EvaluateTask(const ModelHandle& file, const ModelHandle* fp32, const std::string& dataset,
                            const TaskEvalOptions& options);

// Its first metric as a file's report holds it; unknown figures NaN.
schema::AccuracyT ToReport(const TaskEvaluation& evaluation);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_EVALUATE_TASK_EVAL_H_
