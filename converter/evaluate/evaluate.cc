#include "converter/evaluate/evaluate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "converter/evaluate/parallel.h"
#include "converter/support/error.h"

namespace pbert::converter {
namespace {

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

pbert_input InputOf(const Example& example) {
  const std::string_view pair = example.pair;
  return MakeInput(example.text, example.has_pair ? &pair : nullptr);
}

Prediction PredictionOf(const pbert_classification& answer, const uint32_t* asked) {
  Prediction prediction;
  prediction.label = answer.labels[0].label;
  prediction.score = answer.labels[0].score;
  prediction.understood = answer.understood;
  prediction.truncated = answer.truncated != 0;
  for (uint32_t i = 0; asked != nullptr && i < answer.count; ++i) {
    if (answer.labels[i].label == *asked) prediction.asked_score = answer.labels[i].score;
  }
  return prediction;
}

bool IsRight(const Example& example, const Prediction& prediction) { return prediction.label == example.label; }

std::vector<ScoredExample> Scored(const LabelledSet& set, const std::vector<Prediction>& predictions) {
  std::vector<ScoredExample> scored;
  for (size_t i = 0; i < predictions.size(); ++i) {
    scored.push_back({predictions[i].understood, set.examples[i].out_of_scope, IsRight(set.examples[i], predictions[i])});
  }
  return scored;
}

void RequireClassifier(const ModelHandle& model) {
  const bool classifies = model.info().task == PBERT_TEXT_CLASSIFICATION || model.info().task == PBERT_NEXT_SENTENCE;
  if (classifies && model.info().problem_type == PBERT_SINGLE_LABEL) return;
  throw Error(model.path() + ": it is no classifier with one label a text");
}

struct BothAnswers {
  std::vector<Prediction> file, fp32;
};

// Progress runs through both models: they are one piece of work to the user.
BothAnswers AskBoth(const ModelHandle& file, const ModelHandle* fp32, const LabelledSet& set,
                    const PredictOptions& options, double* file_seconds) {
  PredictOptions shifted = options;
  const size_t models = fp32 == nullptr ? 1 : 2;
  size_t before = 0;
  if (options.progress) {
    shifted.progress = [&](size_t done, size_t total) { options.progress(before + done, models * total); };
  }
  BothAnswers answers;
  const auto start = std::chrono::steady_clock::now();
  answers.file = Predict(file, set, {}, shifted);
  *file_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (fp32 != nullptr) {
    before = set.examples.size();
    std::vector<uint32_t> asked;
    for (const Prediction& prediction : answers.file) asked.push_back(prediction.label);
    answers.fp32 = Predict(*fp32, set, asked, shifted);
  }
  return answers;
}

Evaluation Summarize(const LabelledSet& set, const BothAnswers& answers, float threshold) {
  Evaluation evaluation;
  evaluation.dataset = set.name;
  evaluation.examples = set.examples.size();
  evaluation.out_of_scope = set.out_of_scope;
  evaluation.truncated = static_cast<size_t>(
      std::count_if(answers.file.begin(), answers.file.end(), [](const Prediction& p) { return p.truncated; }));
  evaluation.threshold = threshold;
  evaluation.file = Measure(set, answers.file, threshold);
  if (!answers.fp32.empty()) {
    evaluation.fp32 = Measure(set, answers.fp32, threshold);
    evaluation.difference = CompareAnswers(set, answers.file, answers.fp32);
  }
  return evaluation;
}

}  // namespace

std::vector<Prediction> Predict(const ModelHandle& model, const LabelledSet& set, const std::vector<uint32_t>& asked,
                                const PredictOptions& options) {
  const size_t total = set.examples.size();
  std::vector<Prediction> predictions(total);
  const size_t workers = WorkersFor(total, options.threads);
  pbert_session_options session_options = PBERT_SESSION_OPTIONS;
  session_options.backend = options.backend;
  std::vector<SessionHandle> sessions;
  for (size_t i = 0; i < workers; ++i) sessions.push_back(model.NewSession(session_options));
  ForEachRun(total, workers, options.progress, [&](size_t worker, size_t begin, size_t end) {
    std::vector<pbert_input> inputs;
    for (size_t i = begin; i < end; ++i) inputs.push_back(InputOf(set.examples[i]));
    ClassifyBatch(sessions[worker].get(), inputs, [&](size_t index, const pbert_classification& answer) {
      predictions[begin + index] = PredictionOf(answer, asked.empty() ? nullptr : &asked[begin + index]);
    });
  });
  return predictions;
}

ModelFigures Measure(const LabelledSet& set, const std::vector<Prediction>& predictions, float threshold) {
  const std::vector<ScoredExample> scored = Scored(set, predictions);
  ModelFigures figures;
  const auto right = std::count_if(scored.begin(), scored.end(), [](const ScoredExample& s) { return s.good; });
  figures.accuracy = scored.empty() ? kUnknown : static_cast<double>(right) / static_cast<double>(scored.size());
  figures.plain = MeasureScopes(scored, -1);
  if (threshold >= 0) figures.rejecting = MeasureScopes(scored, threshold);
  return figures;
}

Difference CompareAnswers(const LabelledSet& set, const std::vector<Prediction>& first,
                          const std::vector<Prediction>& second) {
  Difference difference;
  double score_difference = 0;
  for (size_t i = 0; i < first.size(); ++i) {
    const bool first_right = IsRight(set.examples[i], first[i]), second_right = IsRight(set.examples[i], second[i]);
    difference.flips += first[i].label != second[i].label;
    difference.only_first_right += first_right && !second_right;
    difference.only_second_right += second_right && !first_right;
    score_difference += std::abs(static_cast<double>(first[i].score) - static_cast<double>(second[i].asked_score));
  }
  const double n = static_cast<double>(first.size());
  difference.same_answer = 1 - static_cast<double>(difference.flips) / n;
  difference.mean_abs_score_diff = score_difference / n;
  difference.p_value = McNemarExact(difference.only_first_right, difference.only_second_right);
  return difference;
}

Evaluation Evaluate(const ModelHandle& file, const ModelHandle* fp32, const LabelledSet& set,
                    const PredictOptions& options) {
  RequireClassifier(file);
  double seconds = 0;
  const BothAnswers answers = AskBoth(file, fp32, set, options, &seconds);
  Evaluation evaluation = Summarize(set, answers, file.info().reject_threshold);
  evaluation.seconds = seconds;
  evaluation.predictions = answers.file;
  return evaluation;
}

Findings FindThresholdAndMeasure(const ModelHandle& file, const ModelHandle& fp32, const LabelledSet& set,
                                 double reject_cost, const PredictOptions& options) {
  RequireClassifier(file);
  double seconds = 0;
  const BothAnswers answers = AskBoth(file, &fp32, set, options, &seconds);
  Findings findings;
  const bool sought = set.out_of_scope > 0;
  findings.reject_cost = sought ? static_cast<float>(reject_cost) : kUnknown;
  if (sought) findings.reject_threshold = ChooseRejectThreshold(Scored(set, answers.file), reject_cost);
  findings.accuracy = ToReport(Summarize(set, answers, findings.reject_threshold));
  return findings;
}

Findings ExpectedFindings(const Dataset& dataset, const std::string& out_of_scope_label) {
  const auto out = std::count_if(dataset.rows.begin(), dataset.rows.end(),
                                 [&](const DatasetRow& row) { return row.label == out_of_scope_label; });
  const bool has_out = out > 0, has_in = static_cast<size_t>(out) < dataset.rows.size();
  Findings findings;
  if (has_out) findings.reject_cost = 0;
  if (has_out && has_in) findings.reject_threshold = 0;
  Evaluation evaluation;
  evaluation.dataset = dataset.name;
  evaluation.examples = dataset.rows.size();
  evaluation.fp32.emplace();
  evaluation.difference.emplace();
  const double none = std::numeric_limits<double>::quiet_NaN();
  evaluation.file.plain = {has_in ? 0 : none, has_out ? 0 : none};
  if (has_out && has_in) evaluation.file.rejecting = evaluation.file.plain;
  findings.accuracy = ToReport(evaluation);
  return findings;
}

schema::AccuracyT ToReport(const Evaluation& evaluation) {
  schema::AccuracyT report;
  const auto number = [](double value) { return static_cast<float>(value); };
  report.dataset = evaluation.dataset;
  report.examples = static_cast<uint32_t>(evaluation.examples);
  report.metric = "accuracy";
  report.int8 = number(evaluation.file.accuracy);
  report.fp32 = evaluation.fp32 ? number(evaluation.fp32->accuracy) : kUnknown;
  if (evaluation.difference) {
    report.same_answer = number(evaluation.difference->same_answer);
    report.mean_abs_score_diff = number(evaluation.difference->mean_abs_score_diff);
    report.p_value = number(evaluation.difference->p_value);
  }
  report.in_scope_accuracy = number(evaluation.file.plain.in_scope_accuracy);
  report.out_of_scope_recall = number(evaluation.file.plain.out_of_scope_recall);
  if (evaluation.file.rejecting) {
    report.in_scope_accuracy_rejecting = number(evaluation.file.rejecting->in_scope_accuracy);
    report.out_of_scope_recall_rejecting = number(evaluation.file.rejecting->out_of_scope_recall);
  }
  return report;
}

}  // namespace pbert::converter
