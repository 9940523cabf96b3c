// rerank: texts in the order in which they answer a query, by a cross-encoder.

#include "converter/evaluate/model_handle.h"
#include "converter/support/error.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/input.h"
#include "platforms/cli/json_output.h"
#include "platforms/cli/output.h"
#include "platforms/cli/table.h"

namespace pbert::cli {
namespace {

using converter::Error;
using converter::MakeInput;
using converter::ModelHandle;
using converter::Require;
using converter::SessionHandle;

constexpr char kDescription[] =
    "Puts the CANDIDATEs, or, without one, the lines of standard input, into the order in which they answer QUERY, "
    "best\n"
    "first. FILE is a cross-encoder: text classification with one label, which reads both texts together. It is "
    "slower\n"
    "than `search`, which compares vectors, and better; so let `search` find some lines and `rerank` order them.";

constexpr char kMore[] =
    "JSON: an array of {\"index\", \"score\", \"text\"}; the index counts the candidates from 0.\n\n"
    "Example:\n"
    "  pocketbert rerank cross-encoder.pbert \"how do I reset my password\" \"Use the link below.\" \"We open at "
    "nine.\"";

}  // namespace

int RerankCommand(CommandLine& line) {
  uint32_t threads = 0, top_k = 0;
  std::string backend = "auto";
  bool json = false;
  line.Describe("FILE QUERY [CANDIDATE ...]", kDescription, kMore);
  line.Add("--top-k", top_k, "Show so many, best first; default: all", "N");
  line.AddThreads(threads, "Cores for one text (default 1)");
  line.AddBackend(backend);
  line.AddFlag("--json", json, "Print for machines");
  if (!line.Parse()) return 0;
  line.Expect(2, SIZE_MAX);
  const std::string& path = line.positionals()[0];
  const ModelHandle any(path);
  if (pbert_task_head(any.get(), PBERT_TEXT_CLASSIFICATION) == any.info().head_count) {
    throw Error(path + ": it is no cross-encoder: those are for text classification, and this is not");
  }
  const ModelHandle model(path, "text-classification");
  const std::string& query = line.positionals()[1];

  InputOptions input;
  input.texts.assign(line.positionals().begin() + 2, line.positionals().end());
  std::vector<std::string> texts;
  ForEachRequest(
      input, [&](size_t, Request& request) { texts.push_back(std::move(request.text)); },
      [](const std::string& why) { throw Error(why); });
  std::vector<pbert_text> candidates;
  for (const std::string& text : texts) candidates.push_back({text.data(), text.size()});
  if (candidates.empty()) throw Error("there are no candidates: give them as arguments or as lines of standard input");

  pbert_session_options options = PBERT_SESSION_OPTIONS;
  options.threads = threads;
  options.backend = ParseBackend(backend);
  const SessionHandle session = model.NewSession(options);
  const pbert_input asked = MakeInput(query, nullptr);
  std::vector<pbert_label_score> scores(candidates.size());
  uint32_t truncated = 0;
  Require(pbert_rerank(session.get(), &asked, candidates.data(), static_cast<uint32_t>(candidates.size()),
                       scores.data(), &truncated));
  if (top_k != 0 && top_k < scores.size()) scores.resize(top_k);
  if (json) {
    Json list = Json::array();
    for (const pbert_label_score& score : scores) {
      list.push_back({{"index", score.label}, {"score", Number(score.score)}, {"text", texts[score.label]}});
    }
    Out().WriteExactLine(Dump(list));
  } else {
    for (const pbert_label_score& score : scores) {
      Out().WriteLine(Format("%.4f  ", static_cast<double>(score.score)) + OneLine(texts[score.label], SIZE_MAX));
    }
  }
  if (truncated != 0) Complain(CommandName(), "at least one pair of texts was too long and was cut");
  return 0;
}

}  // namespace pbert::cli
