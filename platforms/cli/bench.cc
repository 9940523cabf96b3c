// pocketbert bench: time and memory on this machine.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "converter/error.h"
#include "converter/evaluate/model_handle.h"
#include "engine/prepared_model.h"
#include "platforms/cli/bench_texts.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/output.h"
#include "platforms/cli/progress.h"
#include "platforms/cli/report_view.h"

namespace pbert::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kTexts = 32;  // in rotation, so that nothing is answered from what the last request left behind
constexpr char kDefaultTokens[] = "8,16,32,64,128";

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

uint64_t PeakResidentBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;  // Linux counts kilobytes
}

struct Timing {
  uint32_t tokens = 0;
  double min = 0, median = 0, p99 = 0;  // milliseconds
};

Timing Summarize(uint32_t tokens, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const size_t n = times.size();
  Timing timing;
  timing.tokens = tokens;
  timing.min = times.front();
  timing.median = (times[(n - 1) / 2] + times[n / 2]) / 2;
  timing.p99 = times[(n * 99 + 99) / 100 - 1];  // the smallest that 99 % do not exceed
  return timing;
}

// What the C interface does not say, found out before anything is measured: texts, and names of what will run.
struct Preparation {
  std::vector<std::vector<std::string>> texts;  // for each length
  std::string backend, isa;
};

Preparation Prepare(const std::string& path, std::vector<uint32_t>* lengths, bool lengths_given, BackendKind kind) {
  const std::unique_ptr<Model> model = OpenModel(path);
  Preparation preparation;
  std::unique_ptr<PreparedModel> prepared;
  ThrowIfError(PreparedModel::Create(*model, kind, &prepared));
  preparation.backend = prepared->backend_name();
  preparation.isa = prepared->isa_name();

  Tokenizer tokenizer;
  ThrowIfError(Tokenizer::Open(model->tokenizer(), &tokenizer));
  BenchTexts texts(tokenizer);
  const uint32_t most = model->max_tokens(), least = texts.frame() + 1;
  if (!lengths_given) std::erase_if(*lengths, [&](uint32_t n) { return n > most || n < least; });
  for (const uint32_t n : *lengths) {
    if (n < least || n > most) {
      throw UsageError("--tokens: " + std::to_string(n) + ": this model takes " + std::to_string(least) + " to " +
                       std::to_string(most) + ", special tokens included");
    }
    preparation.texts.push_back(texts.Make(n, kTexts));
  }
  return preparation;
}

class Bench {
 public:
  explicit Bench(pbert_session* session) : session_(session) {}

  Timing Measure(uint32_t tokens, const std::vector<std::string>& texts, uint32_t iterations) {
    Progress progress("bench");
    const auto start = Clock::now();
    // Until caches, branch predictors and clock rates have settled.
    for (size_t i = 0; i < 3 || (i < kTexts && MillisecondsSince(start) < 200); ++i) Ask(texts[i % kTexts], tokens);
    std::vector<double> times(iterations);
    for (uint32_t i = 0; i < iterations; ++i) {
      const auto begin = Clock::now();
      Ask(texts[i % kTexts], tokens);
      times[i] = MillisecondsSince(begin);
      progress.Show(static_cast<double>(i) / iterations, Format("%u tokens, %.2f ms", tokens, times[i]));
    }
    return Summarize(tokens, std::move(times));
  }

 private:
  void Ask(const std::string& text, uint32_t tokens) {
    const pbert_input input = MakeInput(text, nullptr);
    pbert_classification answer = PBERT_CLASSIFICATION;
    Require(pbert_classify(session_, &input, &answer));
    if (answer.token_count != tokens) throw Error("a text of the wrong length was timed");
  }

  pbert_session* session_;
};

constexpr char kDescription[] =
    "Times one request after another, text in to label out, tokenizer included, for texts of exactly so many tokens,\n"
    "special ones included: 32 different ones in rotation, made from the model's vocabulary. A warm-up comes first.";

constexpr char kMore[] =
    "JSON: an object a line, first one for each length: tokens, threads, backend, isa (the vector kernels'), min_ms,\n"
    "median_ms, p99_ms; then one of load_ms (open the file and make the session), arena_bytes (the session's memory, "
    "for\n"
    "the longest of these lengths), peak_rss_bytes (the whole process).\n\n"
    "Example:\n"
    "  pocketbert bench intent.pbert --tokens 16,32 --threads 2";

}  // namespace

int BenchCommand(const Arguments& arguments) {
  std::string tokens = kDefaultTokens, backend = "auto";
  uint32_t threads = 1, iterations = 200;
  bool json = false;
  CommandLine line("bench", "FILE", kDescription, kMore);
  const auto* tokens_flag = line.Add("--tokens", tokens, "Lengths of texts (default 8,16,32,64,128)", "N,N,...");
  line.AddThreads(threads, "Cores for one text (default 1)");
  line.Add("--iterations", iterations, "Timed requests for each length (default 200)", "N")
      ->check(Between(1u, 10000000u));
  line.AddBackend(backend);
  line.AddFlag("--json", json, "Print for machines");
  if (!line.Parse(arguments)) return 0;
  line.Expect(1, 1);
  const std::string& path = line.positionals()[0];
  const pbert_backend kind = ParseBackend(backend);
  std::vector<uint32_t> lengths = ParseNumbers("--tokens", tokens);
  const Preparation preparation = Prepare(path, &lengths, tokens_flag->count() > 0, static_cast<BackendKind>(kind));
  if (lengths.empty()) throw Error(path + ": it takes none of the lengths " + tokens + ": name others with --tokens");

  pbert_session_options options = PBERT_SESSION_OPTIONS;
  options.max_tokens = *std::max_element(lengths.begin(), lengths.end());
  options.threads = threads;
  options.backend = kind;
  const auto start = Clock::now();
  const ModelHandle model(path);
  const SessionHandle session = model.NewSession(options);
  const double load_ms = MillisecondsSince(start);
  size_t arena_bytes = 0;
  Require(pbert_session_memory(model.get(), &options, &arena_bytes), path);

  Bench bench(session.get());
  Table table("rrrr", {"tokens", "min, ms", "median, ms", "p99, ms"});
  for (size_t i = 0; i < lengths.size(); ++i) {
    const Timing timing = bench.Measure(lengths[i], preparation.texts[i], iterations);
    table.Add({std::to_string(timing.tokens), Format("%.3f", timing.min), Format("%.3f", timing.median),
               Format("%.3f", timing.p99)});
    if (!json) continue;
    Out().WriteLine(Dump({{"tokens", timing.tokens},
                          {"threads", threads},
                          {"backend", preparation.backend},
                          {"isa", preparation.isa},
                          {"min_ms", Rounded(timing.min, 4)},
                          {"median_ms", Rounded(timing.median, 4)},
                          {"p99_ms", Rounded(timing.p99, 4)}}));
    Out().Flush();
  }
  const uint64_t peak = PeakResidentBytes();
  if (json) {
    Out().WriteLine(Dump({{"load_ms", Rounded(load_ms, 4)}, {"arena_bytes", arena_bytes}, {"peak_rss_bytes", peak}}));
    return 0;
  }
  Out().WriteLine(Format("%s, %u thread%s, backend %s, kernels for %s\n", path.c_str(), threads,
                         threads == 1 ? "" : "s", preparation.backend.c_str(), preparation.isa.c_str()));
  Out().Write(table.Print());
  Out().WriteLine(Format("\nloaded in %.1f ms; arena %s; peak resident memory %s", load_ms, Bytes(arena_bytes).c_str(),
                         Bytes(peak).c_str()));
  return 0;
}

}  // namespace pbert::cli
