// pocketbert chat: what the model makes of each sentence as one types.

#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "converter/evaluate/model_handle.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/input.h"
#include "platforms/cli/output.h"
#include "platforms/cli/table.h"

namespace pbert::cli {
namespace {

constexpr uint32_t kShown = 3;
constexpr int kBar = 20;

std::string Bar(float share) {
  std::string bar;
  for (int i = 0; i < kBar; ++i) bar += static_cast<float>(i) + 0.5f < share * kBar ? "█" : "·";
  return bar;
}

std::string Answer(const ModelHandle& model, pbert_session* session, std::string_view text) {
  const pbert_input input = MakeInput(text, nullptr);
  pbert_classification answer = PBERT_CLASSIFICATION;
  const auto start = std::chrono::steady_clock::now();
  Require(pbert_classify(session, &input, &answer));
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;

  const bool is_score = model.info().problem_type != PBERT_REGRESSION;
  Table table("lrl");
  for (uint32_t i = 0; i < std::min(answer.count, kShown); ++i) {
    const pbert_label_score& score = answer.labels[i];
    table.Add({"  " + model.labels()[score.label], Format("%.3f", score.score), is_score ? Bar(score.score) : ""});
  }
  std::string print = answer.rejected != 0 ? "  not understood; the nearest were:\n" : "";
  print += table.Print();
  return print + Format("  %.2f ms, %u tokens%s\n", time.count(), answer.token_count,
                        answer.truncated != 0 ? ", the rest was left out" : "");
}

constexpr char kDescription[] =
    "A prompt: type a sentence, see the three best intents, their confidence and the time it took. Below the file's\n"
    "reject threshold, if it has one, the answer is `not understood`. An empty line is passed over; Ctrl-D ends.";

constexpr char kMore[] =
    "Without a terminal it answers the lines of standard input in the same words and shows no prompt.\n\n"
    "Example:\n"
    "  pocketbert chat intent.pbert";

}  // namespace

int ChatCommand(CommandLine& line) {
  pbert_session_options options = PBERT_SESSION_OPTIONS;
  uint32_t threads = 1;
  std::string backend = "auto";
  line.Describe("FILE", kDescription, kMore);
  line.AddThreads(threads, "Cores for one text (default 1)");
  line.AddBackend(backend);
  if (!line.Parse()) return 0;
  line.Expect(1, 1);
  options.threads = threads;
  options.backend = ParseBackend(backend);

  const ModelHandle model(line.positionals()[0]);
  const SessionHandle session = model.NewSession(options);
  const bool prompts = IsTerminal(STDIN_FILENO) && IsTerminal(STDOUT_FILENO);
  if (prompts) {
    (void)Answer(model, session.get(), "warm up");  // the first run touches the file's pages
    Out().WriteLine(Format("%s: %u labels%s. Ctrl-D ends.", model.path().c_str(), model.info().label_count,
                           model.has_reject_threshold()
                               ? Format(", not understood below %.3f", model.info().reject_threshold).c_str()
                               : ""));
  }
  LineReader reader(STDIN_FILENO);
  for (;;) {
    if (prompts) Out().Write("> ");
    Out().Flush();
    std::string_view text;
    if (!reader.Next(&text)) break;
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (!prompts) Out().WriteLine("> " + OneLine(text, SIZE_MAX));
    Out().Write(Answer(model, session.get(), text));
  }
  if (prompts) Out().Write("\n");
  return 0;
}

}  // namespace pbert::cli
