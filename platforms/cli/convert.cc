// pocketbert convert: a checkpoint directory becomes one .pbert file.

#include "converter/convert.h"

#include <algorithm>
#include <exception>

#include "converter/evaluate/evaluate.h"
#include "converter/evaluate/task_eval.h"
#include "converter/evaluate/texts.h"
#include "converter/network/heads.h"
#include "converter/support/error.h"
#include "platforms/cli/auto_threads.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/output.h"
#include "platforms/cli/progress.h"
#include "platforms/cli/report_view.h"

namespace pbert::cli {
namespace {

constexpr char kDescription[] =
    "Makes one .pbert file of what save_pretrained wrote: config.json, model.safetensors, vocab.txt or "
    "tokenizer.json.\n"
    "Weights become int8, one scale for each output. Then it opens its own file, runs sample texts through it and\n"
    "through the same model in fp32 (a file in $TMPDIR, else /tmp, that goes away again), and stores what it measured\n"
    "in the file.";

constexpr char kMore[] =
    "--add-head makes one file of several tasks: the encoder is stored once and runs once over a text, whichever "
    "heads\n"
    "then answer. So it must be the same in all checkpoints, value by value: train the heads with a frozen encoder.\n"
    "The report and --eval are about the first head; logit errors are those of all.\n\n"
    "--eval also measures accuracy and, where the set has texts labelled as out of scope, picks a reject threshold: "
    "of\n"
    "the scores below which `run --reject` and `chat` say `not understood`, the one with the largest sum of in-scope\n"
    "accuracy and out-of-scope recall that costs at most --reject-cost points of in-scope accuracy. Use a set that "
    "the\n"
    "model was not trained on. A DATASET is PATH[:SPLIT,...]: see eval --help.\n"
    "Of questions some of which have no answer in their context (SQuAD 2's) it picks the null threshold with the\n"
    "largest F1: `run --impossible` then says \"no answer\" where its score less the best answer's is above it.\n\n"
    "--trim-vocab is for a file that need not know every word: half of a small model is the table of its pieces. "
    "TEXTS is\n"
    "a DATASET, or any other file with a text a line. These texts are tokenized as before; other words may fall into\n"
    "shorter pieces, down to characters, all of which are kept. With --eval it tells how many of that set's texts do, "
    "and\n"
    "what they cost: words that are rare for the task count, too, so give texts of other kinds as well.\n\n"
    "JSON keys: file, weights, source_bytes, file_bytes, reject_threshold, null_threshold (null: none), vocabulary\n"
    "{pieces, pieces_before, bytes_before (the file's, with all pieces), test_texts, changed_texts, test_tokens,\n"
    "test_tokens_before: of --eval, null without} (null: not trimmed), report\n"
    "{converter_version, source_bytes, error_texts, worst_logit_error, mean_logit_error, reject_cost, accuracy "
    "{dataset,\n"
    "examples, metric, int8, fp32, same_answer, mean_abs_score_diff, p_value, in_scope_accuracy, out_of_scope_recall,\n"
    "in_scope_accuracy_rejecting, out_of_scope_recall_rejecting}}; null: not measured.\n\n"
    "Examples:\n"
    "  pocketbert convert my-checkpoint -o intent.pbert --eval data_oos_plus.json:val,oos_val\n"
    "  pocketbert convert intents -o assistant.pbert --add-head slots --add-head feature-extraction\n"
    "  pocketbert convert my-checkpoint -o small.pbert --trim-vocab train.csv --eval test.csv";

struct Options {
  std::string output, weights = "int8", task, eval, out_of_scope_label = "oos";
  std::vector<std::string> keep, add_heads, trim_vocab;
  double reject_cost = 1.5;
  uint32_t threads = MostTextsAtOnce();
  bool json = false;
};

// "fp32:NAME" as NAME.
std::vector<std::string> KeptPatterns(const std::vector<std::string>& flags) {
  constexpr std::string_view kPrefix = "fp32:";
  std::vector<std::string> patterns;
  for (const std::string& flag : flags) {
    if (!flag.starts_with(kPrefix) || flag.size() == kPrefix.size()) {
      throw UsageError("--keep: " + flag + ": it is fp32:NAME, as in --keep 'fp32:*.ffn_out.weight'");
    }
    patterns.push_back(flag.substr(kPrefix.size()));
  }
  return patterns;
}

// Nothing without a name. What changes is counted in the set of --eval, where there is one; one that cannot be read is
// complained of when it is needed.
converter::TrimTexts ReadTrimTexts(const std::vector<std::string>& arguments, const std::string& eval) {
  converter::TrimTexts trim;
  for (const std::string& argument : arguments) {
    trim.name += (trim.name.empty() ? "" : " + ") + converter::ParseDatasetPath(argument).name;
    for (std::string& text : converter::ReadTexts(argument)) trim.texts.push_back(std::move(text));
  }
  constexpr size_t kLongestName = 1000;  // the file holds it
  if (trim.name.size() > kLongestName) trim.name = std::to_string(arguments.size()) + " files";
  try {
    if (!arguments.empty() && !eval.empty()) trim.test = converter::ReadTexts(eval);
  } catch (const converter::Error&) {
  }
  return trim;
}

Json VocabularyJson(const converter::TrimFigures& trim) {
  if (trim.pieces == 0) return {};
  const bool tested = trim.test_texts > 0;
  return {{"pieces", trim.pieces},
          {"pieces_before", trim.pieces_before},
          {"bytes_before", trim.bytes_before},
          {"test_texts", tested ? Json(trim.test_texts) : Json()},
          {"changed_texts", tested ? Json(trim.changed_texts) : Json()},
          {"test_tokens", tested ? Json(trim.tokens) : Json()},
          {"test_tokens_before", tested ? Json(trim.tokens_before) : Json()}};
}

void AddTrimRows(const converter::TrimFigures& trim, uint64_t file_bytes, Table* table) {
  if (trim.pieces == 0) return;
  table->Add({"vocabulary", Grouped(trim.pieces) + " of " + Grouped(trim.pieces_before) +
                                " pieces: " + Bytes(file_bytes) + " instead of " + Bytes(trim.bytes_before)});
  if (trim.test_texts == 0) return;
  const auto share = static_cast<double>(trim.changed_texts) / static_cast<double>(trim.test_texts);
  table->Add({"tokenized differently", Grouped(trim.changed_texts) + " of " + Grouped(trim.test_texts) + " texts (" +
                                           Percent(share) + "): " + Grouped(trim.tokens) + " tokens in all, " +
                                           Grouped(trim.tokens_before) + " before"});
}

void Print(const converter::ConvertOptions& job, const converter::ConvertResult& result, bool json) {
  const bool int8 = job.weights.type == converter::WeightType::kInt8;
  if (json) {
    Json object;
    object["file"] = job.output;
    object["weights"] = int8 ? "int8" : "fp32";
    object["source_bytes"] = result.source_bytes;
    object["file_bytes"] = result.file_bytes;
    object["reject_threshold"] = result.reject_threshold >= 0 ? Number(result.reject_threshold) : Json();
    object["null_threshold"] = result.null_threshold != 0 ? Number(result.null_threshold) : Json();
    object["vocabulary"] = VocabularyJson(result.trim);
    object["report"] = ReportJson(result.report);
    Out().WriteExactLine(Dump(object));
    return;
  }
  Table table("ll");
  table.Add({"file", job.output});
  std::string kept;
  for (const std::string& pattern : job.weights.keep) kept += (kept.empty() ? ", but fp32: " : ", ") + pattern;
  table.Add({"weights", int8 ? "int8" + kept : "fp32"});
  table.Add({"size", Bytes(result.file_bytes) + " from " + Bytes(result.source_bytes) +
                         Format(" (%.0f %%)", 100.0 * static_cast<double>(result.file_bytes) /
                                                  static_cast<double>(std::max<uint64_t>(1, result.source_bytes)))});
  AddTrimRows(result.trim, result.file_bytes, &table);
  AddReportRows(result.report, result.reject_threshold, result.null_threshold, &table);
  Out().Write(table.Print());
}

}  // namespace

int ConvertCommand(CommandLine& line) {
  Options options;
  line.Describe("CHECKPOINT_DIR -o FILE", kDescription, kMore);
  line.Add("-o,--output", options.output, "The file to write; it appears when it is complete", "FILE");
  line.Add("--weights", options.weights, "int8 (default), or fp32 for comparison", "TYPE", {"int8", "fp32"});
  line.Add("--keep", options.keep,
           "Matrices that stay fp32, as `compare` names them: fp32:NAME,\nwith * for any characters; may be repeated",
           "fp32:NAME");
  line.Add("--task", options.task,
           "Which head to take, where the checkpoint does not say or\nhas several: text-classification, fill-mask, "
           "feature-extraction ...",
           "TASK", converter::TaskNames());
  line.Add(
      "--add-head", options.add_heads,
      "A checkpoint with the same encoder, not trained further,\nwhose head comes into the file too; or the task of "
      "another\nhead of CHECKPOINT_DIR; may be repeated",
      "CHECKPOINT");
  line.Add(
      "--trim-vocab", options.trim_vocab,
      "Keep only the pieces that these texts need, and those of\nsingle characters and special tokens; may be repeated",
      "TEXTS");
  line.Add("--eval", options.eval, "Measure on these labelled texts, and pick a threshold", "DATASET");
  line.Add("--oos-label", options.out_of_scope_label, "The label of out-of-scope texts (default oos)", "LABEL");
  line.Add("--reject-cost", options.reject_cost,
           "Points of in-scope accuracy that the threshold may cost\n(default 1.5)", "POINTS", Range{0, 100});
  line.AddThreads(options.threads, "Texts of --eval answered at once (default: all cores)");
  line.AddFlag("--json", options.json, "Print for machines");
  if (!line.Parse()) return 0;
  line.Expect(1, 1);
  if (options.output.empty()) throw UsageError("-o FILE is missing: where should the model go?");
  if (options.weights != "int8" && options.weights != "fp32") {
    throw UsageError("--weights: " + options.weights + ": it is int8 or fp32");
  }

  // Before the long work, where it may fail. Sets for words, questions and pairs are read once the task is known.
  converter::Dataset dataset;
  std::exception_ptr unreadable;
  if (!options.eval.empty()) {
    (void)converter::ParseDatasetPath(options.eval);
    try {
      dataset = converter::ReadDataset(options.eval);
    } catch (const converter::Error&) {
      unreadable = std::current_exception();
    }
  }

  converter::ConvertOptions job;
  job.checkpoint_dir = line.positionals()[0];
  job.output = options.output;
  job.task = options.task;
  job.add_heads = options.add_heads;
  job.weights.type = options.weights == "int8" ? converter::WeightType::kInt8 : converter::WeightType::kFloat32;
  job.weights.keep = KeptPatterns(options.keep);
  job.trim = ReadTrimTexts(options.trim_vocab, options.eval);
  converter::ConvertResult result;
  bool classifies = false, all_without = false;
  {
    Progress progress("convert");
    job.warn = [](const std::string& message) { Complain("convert", message); };
    job.progress = [&](const std::string& step, double done) { progress.Show(done, step); };
    if (!options.eval.empty()) {
      job.expected = converter::ExpectedFindings(dataset, options.out_of_scope_label);
      job.evaluate = [&](const std::string& file, const std::string& fp32_file) {
        const converter::ModelHandle int8(file), fp32(fp32_file);
        if (converter::HasTaskMetrics(int8)) {
          converter::TaskEvalOptions work;
          work.threads = options.threads;
          work.progress = [&](size_t done, size_t total) { progress.Count(done, total, "answers"); };
          work.find_null_threshold = true;
          const converter::TaskEvaluation evaluation = converter::EvaluateTask(int8, &fp32, options.eval, work);
          converter::Findings findings;
          findings.accuracy = converter::ToReport(evaluation);
          findings.null_threshold = evaluation.null_threshold;
          all_without = evaluation.unanswerable > 0 && evaluation.unanswerable == evaluation.examples;
          return findings;
        }
        if (unreadable) std::rethrow_exception(unreadable);
        classifies = true;
        const converter::LabelledSet set =
            converter::ResolveLabels(std::move(dataset), int8.labels(), options.out_of_scope_label);
        converter::PredictOptions predict;
        predict.threads = options.threads;
        predict.progress = [&](size_t done, size_t total) { progress.Count(done, total, "answers"); };
        return converter::FindThresholdAndMeasure(int8, fp32, set, options.reject_cost, predict);
      };
    }
    result = converter::Convert(job);
  }
  Print(job, result, options.json);
  if (all_without) {
    Complain("convert",
             options.eval + ": no null threshold: none of its questions has an answer; one is found where some have");
  }
  if (classifies && result.reject_threshold < 0) {
    Complain("convert", options.eval + ": no reject threshold: it has no text labelled `" + options.out_of_scope_label +
                            "`, or no threshold is better than none");
  }
  return 0;
}

}  // namespace pbert::cli
