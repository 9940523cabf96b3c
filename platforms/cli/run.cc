// pocketbert run: the model's own task on texts.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <span>

#include "converter/error.h"
#include "converter/evaluate/model_handle.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/input.h"
#include "platforms/cli/json_output.h"
#include "platforms/cli/output.h"
#include "platforms/cli/raw.h"
#include "platforms/cli/table.h"
#include "platforms/cli/task_runner.h"

namespace pbert::cli {
namespace {

constexpr char kNotUnderstood[] = "not understood";
constexpr uint32_t kAll = 0;

struct Options {
  uint32_t top_k = 1;
  bool top_k_given = false;
  uint32_t max_tokens = 0, threads = 1;
  std::string backend = "auto";
  bool json = false, raw = false, reject = false, table = false;
};

using Scores = std::vector<pbert_label_score>;  // highest first

// What the model's own scores would be had it another problem type, as the pipelines' `function_to_apply` has it.
Scores Apply(const std::string& function, std::span<const float> logits) {
  Scores scores;
  const float largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit - largest));
  for (uint32_t i = 0; i < logits.size(); ++i) {
    const double x = logits[i];
    const double score = function == "softmax"   ? std::exp(x - largest) / sum
                         : function == "sigmoid" ? 1 / (1 + std::exp(-x))
                                                 : x;
    scores.push_back({i, static_cast<float>(score)});
  }
  std::sort(scores.begin(), scores.end(),
            [](const auto& a, const auto& b) { return a.score != b.score ? a.score > b.score : a.label < b.label; });
  return scores;
}

// One model asked about one text after another, and what is printed about each.
class Runner {
 public:
  Runner(const ModelHandle& model, const Options& options, const TaskOptions& task)
      : model_(model),
        options_(options),
        task_(task),
        table_("llrr", {"sentence", "intent", "confidence", "milliseconds"}) {
    pbert_session_options session = PBERT_SESSION_OPTIONS;
    session.max_tokens = options.max_tokens;
    session.threads = options.threads;
    session.backend = ParseBackend(options.backend);
    session_ = model.NewSession(session);
    limit_ = options.max_tokens == 0 ? model.info().max_tokens : std::min(options.max_tokens, model.info().max_tokens);
  }

  void Answer(size_t number, const Request& request) {
    if (request.task_options.contains("candidate_labels") || task_.defaults.contains("candidate_labels")) {
      if (!zero_shot_) zero_shot_.emplace(model_, task_);
      return zero_shot_->Answer(number, request);
    }
    const std::string_view pair = request.pair ? std::string_view(*request.pair) : std::string_view();
    const pbert_input input = MakeInput(request.text, request.pair ? &pair : nullptr,
                                        request.max_tokens == 0 ? 0 : std::min(request.max_tokens, limit_));
    pbert_classification answer = PBERT_CLASSIFICATION;
    if (options_.table && count_ == 0) {
      // The first run touches the model's pages; the table is to show what every further text takes.
      Require(pbert_classify(session_.get(), &input, &answer));
    }
    const auto start = std::chrono::steady_clock::now();
    Require(pbert_classify(session_.get(), &input, &answer));
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    ++count_;
    if (answer.truncated != 0) truncation_.Add(number, answer.token_count);

    Scores scores = request.function_to_apply ? Apply(*request.function_to_apply, {answer.logits, answer.count})
                                              : Scores(answer.labels, answer.labels + answer.count);
    const bool top_k_given = request.top_k.has_value() || options_.top_k_given;
    const uint32_t top_k = request.top_k.value_or(options_.top_k);
    if (top_k != kAll && top_k < scores.size()) scores.resize(top_k);

    if (options_.table) {
      AddRow(request, answer, time.count());
    } else if (options_.json) {
      // The reference's pipeline answers a pair with a bare object where no top_k was asked for.
      PrintJson(scores, answer.rejected != 0, request.pair.has_value() && !top_k_given);
    } else {
      PrintText(scores, answer.rejected != 0);
    }
  }

  void Fail(const std::string& why) {
    Out().WriteLine(options_.json ? Dump({{"error", why}}) : "error: " + why);
    Out().Flush();
  }

  void Finish() {
    if (options_.table) Out().Write(table_.Print());
    truncation_.Finish(count_);
  }

 private:
  std::string Label(const pbert_label_score& score) const {
    if (model_.labels().empty()) return "LABEL_" + std::to_string(score.label);  // next sentence
    return model_.labels()[score.label];
  }

  void AddRow(const Request& request, const pbert_classification& answer, double milliseconds) {
    constexpr size_t kSentenceColumns = 64;
    const bool rejected = options_.reject && answer.rejected != 0;
    table_.Add({OneLine(request.pair ? request.text + " | " + *request.pair : request.text, kSentenceColumns),
                rejected ? kNotUnderstood : Label(answer.labels[0]), Format("%.3f", answer.labels[0].score),
                Format("%.2f", milliseconds)});
  }

  void PrintJson(const Scores& scores, bool rejected, bool bare) {
    Json list = Json::array();
    for (const pbert_label_score& score : scores)
      list.push_back({{"label", Label(score)}, {"score", Number(score.score)}});
    Json answer = bare ? list[0] : list;
    if (options_.reject) answer = {{"rejected", rejected}, {"answer", answer}};
    PrintLine(Dump(answer));
  }

  void PrintText(const Scores& scores, bool rejected) {
    std::string line;
    for (const pbert_label_score& score : scores) {
      line += (line.empty() ? "" : ", ") + Label(score) + Format(" %.4f", score.score);
    }
    PrintLine(options_.reject && rejected ? std::string(kNotUnderstood) + " (" + line + ")" : line);
  }

  // Whoever writes a line and waits for its answer gets it at once.
  void PrintLine(const std::string& line) {
    Out().WriteLine(line);
    Out().Flush();
  }

  const ModelHandle& model_;
  const Options& options_;
  const TaskOptions& task_;
  std::optional<TaskRunner> zero_shot_;
  SessionHandle session_;
  uint32_t limit_ = 0;
  size_t count_ = 0;
  Table table_;
  TruncationNotice truncation_;
};

constexpr char kDescription[] =
    "Answers each TEXT, or, without one, each line of standard input as soon as it arrives. An empty line is a text.\n"
    "The task is the model's own: text classification (zero-shot with --labels), token classification, question\n"
    "answering, fill-mask, embeddings or next-sentence prediction.";

constexpr char kMore[] =
    "--input jsonl reads an object a line: text, text_pair, and the options top_k (null: all labels), max_length,\n"
    "function_to_apply (none, sigmoid, softmax) and truncation, which go before the flags. A line that fails is "
    "answered\n"
    "with {\"error\": why}, the others go on, and the exit status is 1.\n\n"
    "Other tasks' options by the pipelines' names: question, context, doc_stride, max_answer_len, max_seq_len,\n"
    "handle_impossible_answer; aggregation_strategy; targets; sequence, candidate_labels, hypothesis_template,\n"
    "multi_label. Their --json is what the pipeline of the task answers.\n\n"
    "JSON, a line for each text:\n"
    "  --json            [{\"label\", \"score\"}, ...], best first; for a pair without --top-k the one object alone\n"
    "  --json --reject   {\"rejected\", \"answer\"}, answer as above\n"
    "  --raw             {\"input_ids\", \"logits\", \"shape\"}, numbers in row-major order; question answering has\n"
    "                    start_logits and end_logits, an encoder alone last_hidden_state\n\n"
    "Text that is longer than the limit is cut, and a line on standard error says so.\n\n"
    "Examples:\n"
    "  pocketbert run intent.pbert \"play some jazz\" \"what is the capital of peru\" --top-k 3\n"
    "  tail -f questions.txt | pocketbert run intent.pbert --json --reject";

// `input` through `runner`; returns the exit status.
template <typename AnyRunner>
int AnswerAll(const InputOptions& input, AnyRunner* runner) {
  const size_t failures = ForEachRequest(
      input, [&](size_t number, Request& request) { runner->Answer(number, request); },
      [&](const std::string& why) { runner->Fail(why); });
  runner->Finish();
  return failures == 0 ? 0 : 1;
}

int RunRaw(const std::string& path, const Options& options, const InputOptions& input) {
  RawOptions raw;
  raw.backend = static_cast<BackendKind>(ParseBackend(options.backend));
  raw.max_tokens = options.max_tokens;
  raw.threads = options.threads;
  RawRunner runner(path, raw);
  return AnswerAll(input, &runner);
}

}  // namespace

int RunCommand(CommandLine& line) {
  Options options;
  InputOptions input;
  line.Describe("FILE [TEXT ...]", kDescription, kMore);
  std::string pair, top_k;
  line.Add("--pair", pair, "A second text, that goes with each TEXT or line", "TEXT");
  line.Add("--input", input.format, "How to read standard input: lines (default) or jsonl", "FORMAT",
           {"lines", "jsonl"});
  Json tasks = Json::object();
  std::string question, context, labels, hypothesis, aggregation, targets, pooling;
  uint32_t doc_stride = 0, max_answer_len = 0;
  bool multi_label = false, impossible = false, normalize = false;
  line.Add("--question", question, "Question answering: what to answer ...", "TEXT");
  line.Add("--context", context, "... from this text, however long", "TEXT");
  line.Add("--doc-stride", doc_stride, "Tokens that neighbouring windows of the context share", "N");
  line.Add("--max-answer-len", max_answer_len, "Tokens of the longest answer (default 15)", "N");
  line.AddFlag("--impossible", impossible, "Let \"no answer\", an empty one, compete with the others");
  line.Add("--aggregation", aggregation, "Token classification: none (default), simple, first, average\nor max", "NAME",
           {"none", "simple", "first", "average", "max"});
  line.Add("--targets", targets, "Fill-mask: choose only among these words", "A,B,C");
  line.Add("--labels", labels, "Zero-shot: these labels, with an entailment model", "A,B,C");
  line.Add("--template", hypothesis, "Zero-shot: default \"This example is {}.\"", "TEXT");
  line.AddFlag("--multi-label", multi_label, "Zero-shot: each label for itself");
  line.Add("--pooling", pooling,
           "Embeddings: tokens (default: a vector each), cls, mean, max,\nor model: what the file says", "NAME",
           {"tokens", "cls", "mean", "max", "model"});
  line.AddFlag("--normalize", normalize, "Embeddings: scale pooled vectors to length 1");
  line.Add("--top-k", options.top_k, "How many labels to show, best first: 1 by default, 0 for all", "N");
  line.Add("--max-tokens", options.max_tokens,
           "Cut after N tokens, special ones included, the longer\nof a pair first; default: the model's limit", "N",
           Range{1, 1 << 20});
  line.AddThreads(options.threads, "Cores for one text (default 1)");
  line.AddBackend(options.backend);
  line.AddFlag("--reject", options.reject,
               "Say `not understood` where the best score is below\nthe file's reject threshold (see convert --eval)");
  line.AddFlag("--table", options.table,
               "A table of sentence, intent, confidence and milliseconds,\nmeasured after one run that is not");
  line.AddFlag("--json", options.json, "Print for machines, as the reference's pipelines answer");
  line.AddFlag("--raw", options.raw, "Print the network's outputs instead of the answer, as JSON");
  if (!line.Parse()) return 0;
  line.Expect(1, SIZE_MAX);
  if (options.table && (options.json || options.raw))
    throw UsageError("--table: it is for people; leave out --json and --raw");
  if (options.raw && options.reject) throw UsageError("--raw: raw outputs are not rejected; leave out --reject");
  options.top_k_given = line.Given("--top-k");
  if (line.Given("--pair")) input.pair = pair;
  input.texts.assign(line.positionals().begin() + 1, line.positionals().end());
  if (line.Given("--context")) input.pair = context;
  if (line.Given("--question")) input.texts.push_back(question);
  const auto set = [&tasks](const char* name, const std::string& value) {
    if (!value.empty()) tasks[name] = value;
  };
  set("aggregation_strategy", aggregation);
  set("targets", targets);
  set("candidate_labels", labels);
  set("hypothesis_template", hypothesis);
  set("pooling", pooling);
  if (doc_stride != 0) tasks["doc_stride"] = doc_stride;
  if (max_answer_len != 0) tasks["max_answer_len"] = max_answer_len;
  if (multi_label) tasks["multi_label"] = true;
  if (impossible) tasks["handle_impossible_answer"] = true;
  if (normalize) tasks["normalize"] = true;
  CheckInputOptions(input, line.Given("--input"));
  ParseBackend(options.backend);

  if (options.raw) return RunRaw(line.positionals()[0], options, input);
  const ModelHandle model(line.positionals()[0]);
  if (options.reject && !model.has_reject_threshold()) {
    throw Error(model.path() + ": it has no reject threshold: convert it with --eval and a validation set that has " +
                "out-of-scope texts");
  }
  const bool classifies = model.info().task == PBERT_TEXT_CLASSIFICATION || model.info().task == PBERT_NEXT_SENTENCE;
  TaskOptions task;
  task.session.max_tokens = options.max_tokens;
  task.session.threads = options.threads;
  task.session.backend = ParseBackend(options.backend);
  task.top_k = options.top_k_given ? options.top_k : 0;
  task.json = options.json;
  task.defaults = tasks;
  if (!classifies) {
    if (options.table) throw UsageError("--table: it is for classifiers");
    TaskRunner runner(model, task);
    return AnswerAll(input, &runner);
  }
  Runner runner(model, options, task);
  return AnswerAll(input, &runner);
}

}  // namespace pbert::cli
