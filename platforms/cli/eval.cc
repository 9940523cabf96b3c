// pocketbert eval: accuracy on labelled texts, and the same in fp32.

#include <algorithm>
#include <cmath>
#include <limits>

#include "converter/evaluate/evaluate.h"
#include "converter/evaluate/label_report.h"
#include "converter/evaluate/task_eval.h"
#include "converter/support/error.h"
#include "converter/support/file.h"
#include "platforms/cli/auto_threads.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/eval_labels.h"
#include "platforms/cli/eval_task.h"
#include "platforms/cli/output.h"
#include "platforms/cli/progress.h"
#include "platforms/cli/report_view.h"

namespace pbert::cli {
namespace {

using converter::Evaluation;
using converter::ModelHandle;

constexpr char kDescription[] =
    "Answers labelled texts and counts how many answers are right; with --reference also by the same model in fp32,\n"
    "made from the checkpoint on the spot. Where texts are labelled as out of scope, the accuracy on the others and "
    "the\n"
    "share of these that was found stand apart, each without and with the file's reject threshold.";

constexpr char kMore[] =
    "A DATASET is PATH[:SPLIT,...]:\n"
    "  .csv .tsv  with a header: text, sentence or utterance; label_text, label or category; for pairs\n"
    "             text_pair beside it, or sentence1 and sentence2, premise and hypothesis, question1 and question2\n"
    "  .jsonl     an object a line with the same keys\n"
    "  .json      CLINC150's: data_oos_plus.json:test,oos_test\n"
    "  a folder   with seq.in and label, a text and its label a line\n"
    "  .zip       one of these files alone; all are UTF-8\n"
    "and for the other tasks\n"
    "  tagging words         a folder with seq.in and seq.out, or CoNLL columns (word first, tag last)\n"
    "  answering questions   SQuAD's .json, 1.1 or 2.0; in 2.0 questions may have no answer, and so may the model, by\n"
    "                        the file's null threshold (see convert --help) or else where \"no answer\" scores "
    "highest\n"
    "  embedding             .csv, .tsv, .jsonl with text, text_pair and a number as label: how alike they are\n"
    "  several labels a text labels joined by | (or , or ;), in .jsonl also a list; regression: a number as label\n"
    "Labels are the model's label names, or numbers that count them from 0.\n\n"
    "JSON keys:\n"
    "  metric               \"accuracy\": share of texts whose best label is the right one, without threshold\n"
    "  n                    texts\n"
    "  int8, fp32           the metric of FILE (whatever its weights) and of the same model in fp32\n"
    "  same_answer          share of texts where both have the same best label\n"
    "  mean_abs_score_diff  mean of |best score of FILE - score of that label in fp32|\n"
    "  p_value              exact McNemar test, two-sided: chance of so uneven a split of the texts that only one of\n"
    "                       the two answers rightly, were both equally good; below 0.05 the difference is significant\n"
    "  in_scope_accuracy, out_of_scope_recall, and both with _rejecting: with scores below the threshold rejected\n"
    "  reject_threshold, flips (texts with another best label than in fp32), drop (fp32 - int8)\n"
    "  labels [{label, precision, recall, support}], the worst recall first; confusions [{label, taken_for, count}];\n"
    "  errors [{text, label, answer, score}]\n"
    "Other tasks: metric is entity_f1 (as seqeval counts), exact_match (SQuAD's), spearman, micro_f1 or pearson;\n"
    "p_value a paired bootstrap for entity_f1 and micro_f1, McNemar's test for exact_match; flips count sentences,\n"
    "questions or texts; metrics {NAME: {int8, fp32, p_value}} has all that were measured; cosine: mean, of an\n"
    "embedding with its own in fp32; truncated. Of SQuAD 2's sets unanswerable counts the questions without an "
    "answer,\n"
    "null_threshold is the one that was applied, to fp32 too, and metrics has exact_match and f1 also with "
    "has_answer_\n"
    "and no_answer_ in front: of the questions of each kind.\n"
    "What needs fp32 is null without --reference, unless the file's report knows it for this very DATASET; what needs\n"
    "out-of-scope texts or a threshold is null where there are none.\n\n"
    "Example:\n"
    "  pocketbert eval intent.pbert data_oos_plus.json:test,oos_test --reference my-checkpoint";

// What is printed; NaN where unknown.
struct Figures {
  schema::AccuracyT accuracy;
  double p_value = std::numeric_limits<double>::quiet_NaN();  // may be too small for the report's float
  size_t flips = 0;
  bool has_flips = false;
};

// The file's own report knows fp32's figures when it was made with this dataset.
Figures Collect(const Evaluation& evaluation, const std::string& file) {
  Figures figures;
  figures.accuracy = converter::ToReport(evaluation);
  if (evaluation.difference) {
    figures.p_value = evaluation.difference->p_value;
    figures.flips = evaluation.difference->flips;
    figures.has_flips = true;
    return figures;
  }
  const std::unique_ptr<Model> model = OpenModel(file);
  const schema::Report* report = model->root().report();
  if (report == nullptr || report->accuracy() == nullptr) return figures;
  schema::AccuracyT known;
  report->accuracy()->UnPackTo(&known);
  if (known.dataset != evaluation.dataset || known.examples != evaluation.examples) return figures;
  figures.accuracy.fp32 = known.fp32;
  figures.accuracy.same_answer = known.same_answer;
  figures.accuracy.mean_abs_score_diff = known.mean_abs_score_diff;
  figures.p_value = known.p_value;
  if (!std::isnan(known.same_answer)) {
    figures.flips = static_cast<size_t>(std::lround((1 - static_cast<double>(known.same_answer)) * known.examples));
    figures.has_flips = true;
  }
  return figures;
}

Json ToJson(const Evaluation& evaluation, const Figures& figures) {
  const schema::AccuracyT& a = figures.accuracy;
  Json object;
  object["metric"] = a.metric;
  object["n"] = evaluation.examples;
  object["int8"] = Number(a.int8);
  object["fp32"] = Number(a.fp32);
  object["same_answer"] = Number(a.same_answer);
  object["mean_abs_score_diff"] = Number(a.mean_abs_score_diff);
  object["p_value"] = figures.p_value;
  object["in_scope_accuracy"] = Number(a.in_scope_accuracy);
  object["out_of_scope_recall"] = Number(a.out_of_scope_recall);
  object["in_scope_accuracy_rejecting"] = Number(a.in_scope_accuracy_rejecting);
  object["out_of_scope_recall_rejecting"] = Number(a.out_of_scope_recall_rejecting);
  object["reject_threshold"] = evaluation.threshold >= 0 ? Number(evaluation.threshold) : Json();
  object["flips"] = figures.has_flips ? Json(figures.flips) : Json();
  object["drop"] = Rounded(static_cast<double>(a.fp32) - static_cast<double>(a.int8), 6);
  return object;
}

void PrintTable(const Evaluation& evaluation, const Figures& figures) {
  const schema::AccuracyT& a = figures.accuracy;
  Out().WriteLine(evaluation.dataset + ": " + Grouped(evaluation.examples) + " texts, " +
                  Grouped(evaluation.out_of_scope) + " of them out of scope\n");
  const bool scopes = evaluation.out_of_scope > 0;
  Table table("lrr", {"", "this file", "fp32"});
  const auto row = [&](const char* name, double ours, std::optional<double> fp32) {
    table.Add({name, Percent(ours), fp32 ? Percent(*fp32) : "-"});
  };
  const auto& fp32 = evaluation.fp32;
  row("accuracy", evaluation.file.accuracy, static_cast<double>(a.fp32));
  if (scopes) {
    const auto of_fp32 = [&](double converter::ScopeFigures::* figure, bool rejecting) -> std::optional<double> {
      if (!fp32) return std::nullopt;
      return rejecting ? (*fp32->rejecting).*figure : fp32->plain.*figure;
    };
    row("in-scope accuracy", evaluation.file.plain.in_scope_accuracy,
        of_fp32(&converter::ScopeFigures::in_scope_accuracy, false));
    row("out-of-scope recall", evaluation.file.plain.out_of_scope_recall,
        of_fp32(&converter::ScopeFigures::out_of_scope_recall, false));
    if (evaluation.file.rejecting) {
      table.Add({Format("with scores below %.4f rejected:", evaluation.threshold), "", ""});
      row("in-scope accuracy", evaluation.file.rejecting->in_scope_accuracy,
          of_fp32(&converter::ScopeFigures::in_scope_accuracy, true));
      row("out-of-scope recall", evaluation.file.rejecting->out_of_scope_recall,
          of_fp32(&converter::ScopeFigures::out_of_scope_recall, true));
    }
  }
  Out().Write(table.Print());
  if (figures.has_flips) {
    Table more("ll");
    more.Add({"flips", Grouped(figures.flips) + " texts with another answer than in fp32: " + Percent(a.same_answer) +
                           " the same"});
    more.Add({"drop", Format("%.2f points (%s, p = %.3g, exact McNemar test)", 100 * (a.fp32 - a.int8),
                             figures.p_value < 0.05 ? "significant" : "not significant", figures.p_value)});
    more.Add({"score difference", Format("%.4f on average", a.mean_abs_score_diff)});
    Out().Write("\n" + more.Print());
  }
  if (evaluation.seconds > 0) {
    Out().WriteLine(Format("\n%.0f texts a second", static_cast<double>(evaluation.examples) / evaluation.seconds));
  }
}

// The same model in fp32, made from the checkpoint on the spot; null without one.
std::unique_ptr<ModelHandle> OpenInFp32(const std::string& path, const std::string& checkpoint) {
  if (checkpoint.empty()) return nullptr;
  const auto temporary = WriteInFp32(checkpoint);
  RequireMadeFrom(path, checkpoint, temporary->path().string());
  return std::make_unique<ModelHandle>(temporary->path().string());
}

void WriteReport(const ModelHandle& file, const schema::AccuracyT& accuracy) {
  schema::ReportT report;
  {
    const std::unique_ptr<Model> model = OpenModel(file.path());
    if (model->root().report() != nullptr) model->root().report()->UnPackTo(&report);
  }
  report.accuracy = std::make_unique<schema::AccuracyT>(accuracy);
  converter::UpdateReport(file.path(), report, file.info().reject_threshold, file.info().null_threshold);
}

void PrintTruncated(size_t truncated, const std::string& unit) {
  if (truncated == 0) return;
  Complain("eval", std::to_string(truncated) + " " + unit + " were longer than the model's limit and were cut");
}

struct Options {
  std::string reference, out_of_scope_label = "oos", backend = "auto", confusion;
  uint32_t threads = 1, errors = 0;
  bool json = false, write_report = false;
};

// For the tasks whose answers are not a label a text.
int EvalTask(const ModelHandle& file, const ModelHandle* fp32, const std::string& dataset, const Options& options) {
  if (options.errors > 0 || !options.confusion.empty()) {
    throw UsageError("--errors and --confusion are for classifiers with one label a text");
  }
  converter::TaskEvalOptions work;
  work.backend = ParseBackend(options.backend);
  work.threads = options.threads;
  converter::TaskEvaluation evaluation;
  {
    Progress progress("eval");
    work.progress = [&](size_t done, size_t total) { progress.Count(done, total, "answers"); };
    evaluation = converter::EvaluateTask(file, fp32, dataset, work);
  }
  if (options.json) {
    Out().WriteExactLine(Dump(TaskJson(evaluation)));
  } else {
    PrintTask(evaluation);
  }
  PrintTruncated(evaluation.truncated, evaluation.unit);
  if (options.write_report) WriteReport(file, converter::ToReport(evaluation));
  return 0;
}

int EvalClassifier(const ModelHandle& file, const ModelHandle* fp32, const std::string& dataset,
                   const Options& options) {
  converter::LabelledSet set =
      converter::ResolveLabels(converter::ReadDataset(dataset), file.labels(), options.out_of_scope_label);
  converter::PredictOptions predict;
  predict.threads = options.threads;
  predict.backend = ParseBackend(options.backend);
  Evaluation evaluation;
  {
    Progress progress("eval");
    predict.progress = [&](size_t done, size_t total) { progress.Count(done, total, "answers"); };
    evaluation = converter::Evaluate(file, fp32, set, predict);
  }
  const Figures figures = Collect(evaluation, file.path());
  if (options.json) {
    Json object = ToJson(evaluation, figures);
    AddLabelReport(file, set, evaluation.predictions, options.errors, &object);
    Out().WriteExactLine(Dump(object));
  } else {
    PrintTable(evaluation, figures);
    PrintLabelReport(file, set, evaluation.predictions, options.errors);
  }
  if (!options.confusion.empty()) {
    converter::WriteTextFile(options.confusion, converter::ConfusionCsv(set, evaluation.predictions, file.labels()));
  }
  PrintTruncated(evaluation.truncated, "texts");
  if (options.write_report) WriteReport(file, figures.accuracy);
  return 0;
}

}  // namespace

int EvalCommand(CommandLine& line) {
  Options options;
  line.Describe("FILE DATASET", kDescription, kMore);
  line.Add("--reference", options.reference, "The checkpoint that FILE was made from: compare with it in fp32",
           "CHECKPOINT_DIR");
  line.Add("--oos-label", options.out_of_scope_label, "The label of out-of-scope texts (default oos)", "LABEL");
  line.Add("--errors", options.errors, "Show so many wrongly answered texts, the most confident first", "N");
  line.Add("--confusion", options.confusion, "Write how often each label was taken for each, as .csv", "CSV");
  line.AddFlag("--write-report", options.write_report, "Store these figures in FILE, where `inspect` shows them");
  bool choose_threads = false;  // as the default does
  options.threads = MostTextsAtOnce();
  line.AddThreads(
      options.threads,
      "Texts answered at once, each on one core (default, and auto: all\ncores, without small ones beside bigger)",
      &choose_threads);
  line.AddBackend(options.backend);
  line.AddFlag("--json", options.json, "Print for machines");
  if (!line.Parse()) return 0;
  if (choose_threads) options.threads = MostTextsAtOnce();
  line.Expect(2, 2);
  const std::string &path = line.positionals()[0], &dataset = line.positionals()[1];
  const ModelHandle file(path);
  const bool classifies = !converter::HasTaskMetrics(file);
  const std::unique_ptr<ModelHandle> fp32 = OpenInFp32(path, options.reference);
  if (fp32 != nullptr && fp32->labels() != file.labels()) {
    throw converter::Error(options.reference + ": its labels are not those of " + path);
  }
  return classifies ? EvalClassifier(file, fp32.get(), dataset, options) : EvalTask(file, fp32.get(), dataset, options);
}

}  // namespace pbert::cli
