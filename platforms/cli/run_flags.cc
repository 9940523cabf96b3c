#include "platforms/cli/run_flags.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "converter/network/heads.h"
#include "platforms/cli/task_runner.h"

namespace pbert::cli {
namespace {

constexpr Range kTokens = {1, 1 << 20}, kStride = {0, 1 << 20};

// Sets of tasks, a bit for each pbert_task; zero-shot is a task of its own here.
constexpr uint32_t kClassify = 1u << PBERT_TEXT_CLASSIFICATION, kTag = 1u << PBERT_TOKEN_CLASSIFICATION,
                   kAnswer = 1u << PBERT_QUESTION_ANSWERING, kFill = 1u << PBERT_FILL_MASK,
                   kEmbed = 1u << PBERT_FEATURE_EXTRACTION, kNext = 1u << PBERT_NEXT_SENTENCE, kZeroShot = 1u << 6;
constexpr const char* kTaskNames[] = {
    "text classification", "token classification",     "question answering",      "fill-mask",
    "embeddings",          "next-sentence prediction", "zero-shot classification"};

struct FlagTasks {
  const char* flag;
  uint32_t tasks;
  bool raw;  // --raw reads it too
};
// What is not listed is for every task.
constexpr FlagTasks kFlagTasks[] = {
    {"--pair", kClassify | kNext | kEmbed | kFill, true},
    {"--question", kAnswer, true},
    {"--context", kAnswer, true},
    {"--doc-stride", kAnswer, false},
    {"--max-seq-len", kAnswer, false},
    {"--max-answer-len", kAnswer, false},
    {"--impossible", kAnswer, false},
    {"--part-words", kAnswer, false},
    {"--aggregation", kTag, false},
    {"--ignore-labels", kTag, false},
    {"--stride", kTag | kClassify | kEmbed, false},
    {"--targets", kFill, false},
    {"--labels", kZeroShot, false},
    {"--template", kZeroShot, false},
    {"--multi-label", kZeroShot, false},
    {"--pooling", kEmbed, false},
    {"--normalize", kEmbed, false},
    {"--top-k", kClassify | kNext | kAnswer | kFill, false},
    {"--function-to-apply", kClassify | kNext, false},
    {"--reject", kClassify, false},
    {"--table", kClassify | kNext, false},
};

std::string NamesOf(uint32_t tasks) {
  std::vector<std::string> names;
  for (size_t i = 0; i < std::size(kTaskNames); ++i) {
    if ((tasks >> i & 1) != 0) names.emplace_back(kTaskNames[i]);
  }
  std::string list;
  for (size_t i = 0; i < names.size(); ++i) {
    list += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  }
  return list;
}

// Names that say nothing: the reference gives them where a checkpoint has none.
bool AreUnnamed(const std::vector<std::string>& labels) {
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] != "LABEL_" + std::to_string(i)) return false;
  }
  return labels.size() == 2 || labels.size() == 3;
}

}  // namespace

RunFlags::RunFlags(CommandLine* command_line) : line_(*command_line) {
  CommandLine& line = line_;
  line.Add("--pair", pair_, "A second text, that goes with each TEXT or line; an empty one\nis none", "TEXT");
  line.Add("--task", task_,
           "Of a file with several heads the one that answers (default:\nthe first): text-classification, "
           "feature-extraction ...",
           "TASK", converter::TaskNames());
  line.Add("--input", format_, "How to read standard input: lines (default) or jsonl", "FORMAT", {"lines", "jsonl"});
  line.Add("--question", question_, "Question answering: what to answer ...", "TEXT");
  line.Add("--context", context_, "... from this text, however long", "TEXT");
  line.Add("--doc-stride", doc_stride_, "Tokens that neighbouring windows of the context share", "N", kStride);
  line.Add("--max-seq-len", max_seq_len_, "Tokens of a window, the question's included (default 384)", "N", kTokens);
  line.Add("--max-answer-len", max_answer_len_, "Tokens of the longest answer (default 15)", "N", kTokens);
  line.AddFlag("--impossible", impossible_,
               "Let \"no answer\", an empty one, compete with the others;\nit wins by the file's null threshold, if "
               "there is one");
  line.AddFlag("--part-words", part_words_, "Let answers begin and end within words");
  line.Add("--aggregation", aggregation_, "Token classification: none (default), simple, first, average\nor max",
           "NAME", {"none", "simple", "first", "average", "max"});
  line.Add("--ignore-labels", ignored_, "Token classification: leave out these (default O)", "A,B,C");
  line.Add(
      "--stride", stride_,
      "Read a long text in windows that share N tokens, instead of\ncutting it: entities of all, or the mean of scores "
      "or vectors",
      "N", kStride);
  line.Add("--targets", targets_, "Fill-mask: choose only among these words", "A,B,C");
  line.Add("--labels", labels_, "Zero-shot: these labels, with an entailment model", "A,B,C");
  line.Add("--template", template_, "Zero-shot: default \"This example is {}.\"", "TEXT");
  line.AddFlag("--multi-label", multi_label_, "Zero-shot: each label for itself");
  line.Add(
      "--pooling", pooling_,
      "Embeddings: tokens (a vector each), cls, mean, max, or model:\nwhat the file says; default model, or tokens "
      "where it says none",
      "NAME", {"tokens", "cls", "mean", "max", "model"});
  line.AddFlag("--normalize", normalize_, "Embeddings: scale pooled vectors to length 1");
  line.Add("--top-k", options_.top_k, "How many labels to show, best first: 1 by default, 0 for all", "N");
  line.Add("--function-to-apply", options_.function_to_apply,
           "Text classification: make scores of outputs by softmax,\nsigmoid or none; default: as the model's problem "
           "type has it",
           "NAME", {"softmax", "sigmoid", "none"});
  line.Add("--max-tokens", options_.max_tokens,
           "Cut after N tokens, special ones included, the longer\nof a pair first; default: the model's positions",
           "N", kTokens);
  line.AddThreads(options_.threads,
                  "Cores for one text (default 1); auto: as many as are fastest here,\nby a short measurement",
                  &choose_threads_);
  line.AddBackend(options_.backend);
  line.AddFlag("--reject", options_.reject,
               "Say `not understood` where the best score is below\nthe file's reject threshold (see convert --eval)");
  line.AddFlag("--table", options_.table,
               "A table of sentence, intent, confidence and milliseconds,\nmeasured after one run that is not");
  line.AddFlag("--json", options_.json, "Print for machines, as the reference's pipelines answer");
  line.AddFlag("--raw", options_.raw, "Print the network's outputs instead of the answer, as JSON");
}

// Flags of which one would not be read beside the other.
void RunFlags::CheckTogether() const {
  if (options_.table && (options_.json || options_.raw)) {
    throw UsageError("--table: it is for people; leave out --json and --raw");
  }
  if (options_.raw && options_.reject) throw UsageError("--raw: raw outputs are not rejected; leave out --reject");
  const bool lines = format_ == "lines";
  if (line_.Given("--question") && line_.positionals().size() > 1) {
    throw UsageError(
        "--question: there are texts among the arguments, which are questions too; leave out one or the other");
  }
  if (line_.Given("--question") && line_.Given("--input")) {
    throw UsageError("--question: standard input, of which --input speaks, is not read beside it");
  }
  if (line_.Given("--pair") && line_.Given("--context")) {
    throw UsageError("--pair: question answering's second text is its --context");
  }
  for (const char* flag : {"--template", "--multi-label"}) {
    if (line_.Given(flag) && lines && !line_.Given("--labels"))
      throw UsageError(std::string(flag) + ": it needs --labels");
  }
}

InputOptions RunFlags::Input() {
  options_.top_k_given = line_.Given("--top-k");
  CheckTogether();
  InputOptions input;
  input.format = format_;
  if (line_.Given("--pair")) input.pair = pair_;
  input.texts.assign(line_.positionals().begin() + 1, line_.positionals().end());
  if (line_.Given("--context")) input.pair = context_;
  if (line_.Given("--question")) input.texts.push_back(question_);
  CheckInputOptions(input, line_.Given("--input"));
  ParseBackend(options_.backend);
  return input;
}

void RunFlags::CheckTask(const converter::ModelHandle& model) const {
  const uint32_t own = model.info().task;
  uint32_t task = 1u << own;
  if (own == PBERT_TEXT_CLASSIFICATION) {
    if (line_.Given("--labels")) {
      task = kZeroShot;
    } else if (format_ == "jsonl") {
      task |= kZeroShot;  // the lines may have candidate labels
    }
  }
  for (const FlagTasks& known : kFlagTasks) {
    if (!line_.Given(known.flag)) continue;
    const std::string flag = known.flag;
    if (options_.raw && !known.raw) throw UsageError(flag + ": it does nothing to --raw outputs");
    if ((known.tasks & task) != 0) continue;
    const bool zero_shot = task == kZeroShot;
    throw UsageError(flag + ": it is for " + NamesOf(known.tasks) + "; " +
                     (zero_shot ? "--labels makes this zero-shot classification"
                                : (model.info().head_count == 1 ? "this model's task is " : "the answer here is ") +
                                      std::string(kTaskNames[own])));
  }
  if (line_.Given("--question") && !line_.Given("--context")) {
    throw UsageError("--question: it needs the --context in which the answer is");
  }
  const uint32_t special = model.info().special_tokens;
  if (line_.Given("--max-tokens") && options_.max_tokens < special) {
    throw UsageError("--max-tokens: " + std::to_string(options_.max_tokens) +
                     ": the special tokens around a text are " + std::to_string(special) + " already");
  }
  if (line_.Given("--normalize") && pooling_ == "tokens") {
    throw UsageError("--normalize: it is for pooled vectors, not for --pooling tokens");
  }
  if (line_.Given("--labels")) CheckLabels(model);
}

// With a classifier that was not trained on entailment each label would get a score that means nothing.
void RunFlags::CheckLabels(const converter::ModelHandle& model) const {
  if (StatesEntailment(model) || AreUnnamed(model.labels())) return;
  throw UsageError(
      "--labels: it is for zero-shot classification by an entailment model, and none of this classifier's labels "
      "begins "
      "with \"entail\" (candidate_labels in --input jsonl takes its last one for that, as the reference does)");
}

Json RunFlags::TaskDefaults() const {
  Json tasks = Json::object();
  const auto text = [&](const char* flag, const char* name, const std::string& value) {
    if (line_.Given(flag)) tasks[name] = value;
  };
  const auto list = [&](const char* flag, const char* name, const std::string& value) {
    if (line_.Given(flag)) tasks[name] = value.empty() ? Json::array() : Json(StringList(value, flag, true));
  };
  const auto number = [&](const char* flag, const char* name, uint32_t value) {
    if (line_.Given(flag)) tasks[name] = value;
  };
  text("--aggregation", "aggregation_strategy", aggregation_);
  text("--template", "hypothesis_template", template_);
  text("--pooling", "pooling", pooling_);
  text("--labels", "candidate_labels", labels_);
  list("--targets", "targets", targets_);
  list("--ignore-labels", "ignore_labels", ignored_);
  number("--doc-stride", "doc_stride", doc_stride_);
  number("--max-seq-len", "max_seq_len", max_seq_len_);
  number("--max-answer-len", "max_answer_len", max_answer_len_);
  number("--stride", "stride", stride_);
  if (multi_label_) tasks["multi_label"] = true;
  if (impossible_) tasks["handle_impossible_answer"] = true;
  if (part_words_) tasks["align_to_words"] = false;
  if (normalize_) tasks["normalize"] = true;
  return tasks;
}

}  // namespace pbert::cli
