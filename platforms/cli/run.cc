// pocketbert run: the model's own task on texts.

#include "converter/evaluate/model_handle.h"
#include "converter/support/error.h"
#include "platforms/cli/auto_threads.h"
#include "platforms/cli/classify_runner.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/input.h"
#include "platforms/cli/raw.h"
#include "platforms/cli/run_flags.h"
#include "platforms/cli/task_runner.h"

namespace pbert::cli {
namespace {

constexpr char kDescription[] =
    "Answers each TEXT, or, without one, each line of standard input as soon as it arrives. An empty line is a text.\n"
    "The task is the model's own: text classification (zero-shot with --labels), token classification, question\n"
    "answering, fill-mask, embeddings or next-sentence prediction.";

constexpr char kMore[] =
    "--input jsonl reads an object a line: text, text_pair, and the options top_k (null: all labels), truncation,\n"
    "max_length, padding, function_to_apply (none, sigmoid, softmax), which go before the flags. A line that fails is\n"
    "answered with {\"error\": why}, the others go on, and the exit status is 1.\n\n"
    "Other tasks' options by the pipelines' names: question, context, doc_stride, max_answer_len, max_seq_len,\n"
    "max_question_len, handle_impossible_answer, align_to_words; aggregation_strategy, ignore_labels, stride; "
    "targets,\n"
    "tokenizer_kwargs; sequence, candidate_labels, hypothesis_template, multi_label. Their --json is what the "
    "pipeline\n"
    "of the task answers.\n\n"
    "JSON, a line for each text:\n"
    "  --json            [{\"label\", \"score\"}, ...], best first; for a pair without --top-k the one object alone\n"
    "  --json --reject   {\"rejected\", \"understood\" (what the threshold is compared with), \"answer\"},\n"
    "                    answer as above\n"
    "  --raw             {\"input_ids\", \"logits\", \"shape\"}, numbers in row-major order; question answering has\n"
    "                    start_logits and end_logits, an encoder alone last_hidden_state\n\n"
    "Text is cut where that is asked for, at the model's last position, and, by token and zero-shot classification "
    "and\n"
    "sentence embeddings, at the tokenizer's model_max_length. A line on standard error says so.\n\n"
    "Examples:\n"
    "  pocketbert run intent.pbert \"play some jazz\" \"what is the capital of peru\" --top-k 3\n"
    "  tail -f questions.txt | pocketbert run intent.pbert --json --reject";

// `input` through `runner`, several texts at once where it can; returns the exit status.
template <typename AnyRunner>
int AnswerAll(const InputOptions& input, AnyRunner* runner) {
  const auto answer = [&](std::span<NumberedRequest> group, size_t* done) {
    if constexpr (requires { runner->AnswerGroup(group, done); }) {
      runner->AnswerGroup(group, done);
    } else {
      runner->Answer(group[0].number, group[0].request);
      ++*done;
    }
  };
  const size_t failures = ForEachGroup(input, answer, [&](const std::string& why) { runner->Fail(why); });
  runner->Finish();
  return failures == 0 ? 0 : 1;
}

int RunRaw(const converter::ModelHandle& model, const ClassifyOptions& options, const InputOptions& input) {
  converter::RawOptions raw;
  raw.head = model.head();
  raw.backend = static_cast<BackendKind>(ParseBackend(options.backend));
  raw.max_tokens = options.max_tokens;
  raw.threads = options.threads;
  RawRunner runner(model.path(), raw);
  return AnswerAll(input, &runner);
}

}  // namespace

int RunCommand(CommandLine& line) {
  line.Describe("FILE [TEXT ...]", kDescription, kMore);
  RunFlags flags(&line);
  if (!line.Parse()) return 0;
  line.Expect(1, SIZE_MAX);
  const InputOptions input = flags.Input();
  ClassifyOptions options = flags.options();
  const converter::ModelHandle model(line.positionals()[0], flags.task());
  flags.CheckTask(model);
  if (flags.choose_threads()) {
    options.threads = FastestThreadsOf(model.path(), ParseBackend(options.backend), options.max_tokens);
  }
  if (options.raw) return RunRaw(model, options, input);
  if (options.reject && !model.has_reject_threshold()) {
    throw converter::Error(model.path() +
                           ": it has no reject threshold: convert it with --eval and a validation set that has " +
                           "out-of-scope texts");
  }
  TaskOptions task;
  task.session.max_tokens = options.max_tokens;
  task.session.threads = options.threads;
  task.session.backend = ParseBackend(options.backend);
  task.top_k = options.top_k_given ? options.top_k : 0;
  task.json = options.json;
  task.defaults = flags.TaskDefaults();
  if (model.info().task != PBERT_TEXT_CLASSIFICATION && model.info().task != PBERT_NEXT_SENTENCE) {
    TaskRunner runner(model, task);
    return AnswerAll(input, &runner);
  }
  ClassifyRunner runner(model, options, task);
  return AnswerAll(input, &runner);
}

}  // namespace pbert::cli
