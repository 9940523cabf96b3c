// pocketbert chat: what the model makes of each line as one types.

#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <functional>

#include "converter/support/file.h"
#include "platforms/cli/chat_answers.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/dialogue.h"
#include "platforms/cli/flow.h"
#include "platforms/cli/hearing.h"
#include "platforms/cli/line_reader.h"
#include "platforms/cli/output.h"
#include "platforms/cli/table.h"

namespace pbert::cli {
namespace {

constexpr uint32_t kMaxShown = 50;
constexpr uint64_t kLargestFlow = 1 << 20;

constexpr char kDescription[] =
    "A prompt: type a sentence, see the best intents, their confidence and the time it took. Below the file's reject\n"
    "threshold, if it has one, the answer is `not understood`. A tagger marks entities in the sentence; a model that\n"
    "answers questions does so from the text given by /context; an embedding model shows the nearest lines so far.";

constexpr char kCommands[] =
    "  /top N         show the N best (3 to begin with)\n"
    "  /context TEXT  what questions are answered from\n"
    "  /learn NAME: SENTENCE; SENTENCE ...   a new intent, of a bot that `build` made\n"
    "  /forget NAME   one that was learned\n"
    "  /help          these; quit, exit or Ctrl-D ends\n";

constexpr char kMore[] =
    "A flow (YAML) says what the bot answers to each intent, and which slots it asks for before; platforms/demo/cafe "
    "has\n"
    "an example that describes all of it:\n"
    "  fallback: \"Sorry?\"            when nothing was understood\n"
    "  clarify: \"Did you mean to {first} or to {second}?\"\n"
    "  names: {order: place an order}\n"
    "  intents:\n"
    "    order:\n"
    "      form:\n"
    "        - {slot: size, values: {large: [big], small: []}, ask: \"Large or small?\"}\n"
    "        - {slot: count, entity: number, default: \"1\"}\n"
    "      confirm: \"{count} x {size}?\"\n"
    "      say: \"Here you are.\"\n"
    "      cancelled: \"No order then.\"\n\n"
    "For line editing and history: rlwrap pocketbert chat FILE. Colours are left out where NO_COLOR is set.\n"
    "Without a terminal it prints each line of standard input and answers it in the same words.\n\n"
    "Examples:\n"
    "  pocketbert chat intent.pbert\n"
    "  pocketbert chat bot.pbert --flow flow.yaml";

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// What a line that begins with a slash does, and says.
std::string Obey(std::string_view line, ChatAnswers* answers) {
  const size_t space = std::min(line.find(' '), line.size());
  const std::string_view command = line.substr(0, space), rest = Trimmed(line.substr(space));
  if (command == "/help") return kCommands;
  if (command == "/context" && !answers->reads_context()) {
    return "  /context is for models that answer questions, and this is none\n";
  }
  if (command == "/top" && !answers->reads_top()) return "  /top does nothing here: all entities are shown\n";
  if (command == "/context") {
    answers->set_context(rest);
    return rest.empty() ? "  no context any more\n" : "  ask about it\n";
  }
  if (command == "/forget") return answers->Forget(rest);
  if (command == "/learn") {
    const size_t colon = std::min(rest.find(':'), rest.size());
    std::vector<std::string_view> sentences;
    for (size_t at = colon + 1; at < rest.size();) {
      const size_t end = std::min(rest.find(';', at), rest.size());
      const std::string_view sentence = Trimmed(rest.substr(at, end - at));
      if (!sentence.empty()) sentences.push_back(sentence);
      at = end + 1;
    }
    const std::string_view name = Trimmed(rest.substr(0, colon));
    if (name.empty() || sentences.empty())
      return "  /learn takes a name, a colon, and sentences with semicolons between\n";
    return answers->Learn(name, sentences);
  }
  if (command == "/top") {
    uint32_t top = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), top);
    if (error != std::errc() || end != rest.data() + rest.size() || top < 1 || top > kMaxShown) {
      return "  /top takes a number from 1 to " + std::to_string(kMaxShown) + "\n";
    }
    answers->set_top(top);
    return "";
  }
  return "  no such command; there are\n" + std::string(kCommands);
}

// Lines of standard input to its end, or to `quit`; `answer` has the lines that each is answered with.
int Converse(bool prompts, const std::function<std::string(std::string_view text)>& answer) {
  LineReader reader(STDIN_FILENO);
  for (;;) {
    if (prompts) Out().Write("> ");
    Out().Flush();
    std::string_view text;
    if (!reader.Next(&text)) break;
    const std::string_view trimmed = Trimmed(text);
    if (trimmed.empty()) continue;
    if (!prompts) Out().WriteLine("> " + OneLine(text, SIZE_MAX));
    if (trimmed == "quit" || trimmed == "exit") return 0;
    Out().WriteExact(answer(text));
  }
  if (prompts) Out().Write("\n");
  return 0;
}

// Of the bot's there are its lines alone.
int ConverseByFlow(const converter::ModelHandle& model, const pbert_session_options& options, const std::string& path,
                   bool prompts) {
  const Flow flow = ReadFlow(converter::ReadTextFile(path, kLargestFlow), path, model.labels());
  Hearing hearing(model, options, flow);
  Dialogue dialogue(flow);
  return Converse(prompts,
                  [&](std::string_view text) { return OneLine(dialogue.Answer(hearing.Hear(text)), SIZE_MAX) + "\n"; });
}

}  // namespace

int ChatCommand(CommandLine& line) {
  pbert_session_options options = PBERT_SESSION_OPTIONS;
  uint32_t threads = 1;
  std::string backend = "auto", flow, learned;
  line.Describe("FILE", kDescription, "At the prompt:\n" + std::string(kCommands) + "\n" + kMore);
  line.Add("--flow", flow, "Answer as this file says, and not with intents", "FILE");
  line.Add("--learned", learned, "Keep in this file what /learn teaches, and begin with it", "FILE");
  line.AddThreads(threads, "Cores for one text (default 1)");
  line.AddBackend(backend);
  if (!line.Parse()) return 0;
  line.Expect(1, 1);
  options.threads = threads;
  options.backend = ParseBackend(backend);

  const converter::ModelHandle model(line.positionals()[0], flow.empty() ? "" : "text-classification");
  const char* no_color = std::getenv("NO_COLOR");
  const bool colours = IsTerminal(STDOUT_FILENO) && (no_color == nullptr || *no_color == '\0');
  const bool prompts = IsTerminal(STDIN_FILENO) && IsTerminal(STDOUT_FILENO);
  if (!flow.empty() && !learned.empty()) throw UsageError("--learned: a flow learns nothing; leave out --flow");
  if (line.Given("--flow")) return ConverseByFlow(model, options, flow, prompts);
  if (prompts) {
    ChatAnswers warm_up(model, options, false);  // the first run touches the file's pages
    warm_up.set_context("warm up");
    (void)warm_up.Answer("warm up");
    Out().WriteLine(Format(
        "%s: %u labels%s. /help lists commands, Ctrl-D ends.", model.path().c_str(), model.info().label_count,
        model.has_reject_threshold() ? Format(", not understood below %.4f", model.info().reject_threshold).c_str()
                                     : ""));
  }
  ChatAnswers answers(model, options, colours);
  if (!learned.empty()) answers.KeepLearned(learned);
  return Converse(prompts, [&](std::string_view text) {
    const std::string_view trimmed = Trimmed(text);
    return trimmed.starts_with('/') ? Obey(trimmed, &answers) : answers.Answer(text);
  });
}

}  // namespace pbert::cli
