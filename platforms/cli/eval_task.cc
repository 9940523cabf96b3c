#include "platforms/cli/eval_task.h"

#include <cmath>

#include "platforms/cli/output.h"
#include "platforms/cli/table.h"

namespace pbert::cli {
namespace {

using converter::TaskEvaluation;
using converter::TaskMetric;

double SameAnswer(const TaskEvaluation& e) {
  return e.has_flips ? 1 - static_cast<double>(e.flips) / static_cast<double>(e.examples) : converter::kNotMeasured;
}

// Correlations are no shares.
std::string Figure(const TaskMetric& metric, double value) {
  if (std::isnan(value)) return "-";
  return metric.name == "spearman" || metric.name == "pearson" ? Format("%.4f", value) : Percent(value);
}

}  // namespace

Json TaskJson(const TaskEvaluation& evaluation) {
  const TaskMetric& main = evaluation.metrics.front();
  Json object;
  object["metric"] = main.name;
  object["n"] = evaluation.examples;
  object["int8"] = Rounded(main.file, 7);
  object["fp32"] = Rounded(main.fp32, 7);
  object["same_answer"] = Rounded(SameAnswer(evaluation), 7);
  object["mean_abs_score_diff"] = Json();
  object["p_value"] = main.p_value;
  object["flips"] = evaluation.has_flips ? Json(evaluation.flips) : Json();
  object["drop"] = Rounded(main.fp32 - main.file, 7);
  object["metrics"] = Json::object();
  for (const TaskMetric& metric : evaluation.metrics) {
    object["metrics"][metric.name] = {
        {"int8", Rounded(metric.file, 7)}, {"fp32", Rounded(metric.fp32, 7)}, {"p_value", metric.p_value}};
  }
  object["cosine"] = Rounded(evaluation.cosine, 7);
  object["truncated"] = evaluation.truncated;
  object["unanswerable"] = evaluation.unanswerable;
  object["null_threshold"] = evaluation.null_threshold != 0 ? Number(evaluation.null_threshold) : Json();
  return object;
}

void PrintTask(const TaskEvaluation& evaluation) {
  Out().WriteLine(
      evaluation.dataset + ": " + Grouped(evaluation.examples) + " " + evaluation.unit +
      (evaluation.unanswerable > 0 ? ", " + Grouped(evaluation.unanswerable) + " of them without an answer\n" : "\n"));
  Table table("lrrr", {"", "this file", "fp32", "p"});
  for (const TaskMetric& metric : evaluation.metrics) {
    table.Add({metric.name, Figure(metric, metric.file), Figure(metric, metric.fp32),
               std::isnan(metric.p_value) ? "-" : Format("%.3g", metric.p_value)});
  }
  Out().Write(table.Print());
  Table more("ll");
  if (evaluation.unanswerable > 0) {
    more.Add(
        {"no answer", evaluation.null_threshold != 0
                          ? Format("where its score less the best answer's is above the file's null threshold, %.4f",
                                   evaluation.null_threshold)
                          : "where its score is the highest: the file has no null threshold"});
  }
  if (evaluation.has_flips) {
    more.Add({"flips", Grouped(evaluation.flips) + " " + evaluation.unit +
                           " with another answer than in fp32: " + Percent(SameAnswer(evaluation)) + " the same"});
    const TaskMetric& main = evaluation.metrics.front();
    more.Add({"drop",
              Format("%.2f points (%s, p = %.3g, %s)", 100 * (main.fp32 - main.file),
                     main.p_value < 0.05 ? "significant" : "not significant", main.p_value, evaluation.test.c_str())});
  }
  if (!std::isnan(evaluation.cosine)) {
    more.Add({"cosine", Format("%.5f on average, of an embedding with its own in fp32", evaluation.cosine)});
  }
  const std::string lines = more.Print();
  if (!lines.empty()) Out().Write("\n" + lines);
  Out().WriteLine(Format("\n%.0f ", static_cast<double>(evaluation.examples) / evaluation.seconds) + evaluation.unit +
                  " a second");
}

}  // namespace pbert::cli
