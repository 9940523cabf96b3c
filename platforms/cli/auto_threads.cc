#include "platforms/cli/auto_threads.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/cpu.h"
#include "base/team.h"
#include "converter/support/error.h"
#include "platforms/cli/bench_request.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/fastest.h"
#include "platforms/cli/output.h"
#include "platforms/cli/report_view.h"

namespace pbert::cli {
namespace {

using Clock = std::chrono::steady_clock;

double Since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// The least of some requests' milliseconds, after two that are not timed.
double LeastMs(pbert_session* session, uint32_t task, const std::vector<BenchText>& texts, uint32_t tokens) {
  constexpr double kBudgetMs = 60;  // several time slices, so that a neighbour does not have all of them
  for (size_t i = 0; i < 2; ++i) AskBenchText(session, task, texts[i % texts.size()], tokens);
  double least = INFINITY;
  const auto start = Clock::now();
  for (size_t i = 0; i < 5 || Since(start) < kBudgetMs; ++i) {
    const auto begin = Clock::now();
    AskBenchText(session, task, texts[i % texts.size()], tokens);
    least = std::min(least, Since(begin));
  }
  return least;
}

}  // namespace

uint32_t MostThreads() { return std::clamp(static_cast<uint32_t>(BigCores().cores), 1u, kMaxThreads); }

uint32_t MostTextsAtOnce() {
  const CoreChoice cores = BigCores();
  return std::clamp(static_cast<uint32_t>(std::max(cores.processors.Count(), cores.cores)), 1u, kMaxThreads);
}

uint32_t FastestThreads(const converter::ModelHandle& model, pbert_backend backend,
                        const std::vector<uint32_t>& lengths, const std::vector<std::vector<BenchText>>& texts) {
  pbert_session_options options = PBERT_SESSION_OPTIONS;
  options.max_tokens = *std::max_element(lengths.begin(), lengths.end());
  options.backend = backend;
  return FastestCount(MostThreads(), [&](uint32_t threads) {
    options.threads = threads;
    const converter::SessionHandle session = model.NewSession(options);
    double logarithms = 0;
    for (size_t i = 0; i < lengths.size(); ++i) {
      logarithms += std::log(LeastMs(session.get(), model.info().task, texts[i], lengths[i]));
    }
    return std::exp(logarithms / static_cast<double>(lengths.size()));
  });
}

uint32_t FastestThreadsOf(const std::string& path, pbert_backend backend, uint32_t max_tokens) {
  uint32_t threads = 1;
  try {
    std::vector<uint32_t> lengths(std::begin(kBenchLengths), std::end(kBenchLengths));
    std::vector<std::vector<BenchText>> texts;
    {
      const std::unique_ptr<Model> model = OpenModel(path);
      Tokenizer tokenizer;
      converter::ThrowIfError(Tokenizer::Open(*model, &tokenizer));
      BenchTexts maker(tokenizer, model->head(0).task());
      const uint32_t most = max_tokens == 0 ? model->max_tokens() : std::min(max_tokens, model->max_tokens());
      std::erase_if(lengths, [&](uint32_t n) { return n > most || n < maker.least(); });
      for (const uint32_t n : lengths) texts.push_back(maker.Make(n, 4));
    }
    if (!lengths.empty()) threads = FastestThreads(converter::ModelHandle(path), backend, lengths, texts);
  } catch (const converter::Error&) {
    threads = 1;  // a vocabulary without words, say; what is wrong with the file is told when it is opened
  }
  Complain(CommandName(), Format("--threads auto: %u", threads));
  return threads;
}

}  // namespace pbert::cli
