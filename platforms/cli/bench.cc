// pocketbert bench: time and memory on this machine.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <numeric>
#include <optional>
#include <vector>

#include "c_api/handles.h"
#include "converter/evaluate/model_handle.h"
#include "converter/support/error.h"
#include "engine/packed_model.h"
#include "platforms/cli/auto_threads.h"
#include "platforms/cli/bench_request.h"
#include "platforms/cli/bench_texts.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/machine.h"
#include "platforms/cli/output.h"
#include "platforms/cli/profiler.h"
#include "platforms/cli/progress.h"
#include "platforms/cli/report_view.h"
#include "platforms/cli/roofline.h"
#include "platforms/cli/timing_notes.h"

namespace pbert::cli {
namespace {

using converter::Error;
using Clock = std::chrono::steady_clock;

constexpr size_t kTexts = 32;  // in rotation, so that nothing is answered from what the last request left behind
constexpr char kDefaultTokens[] = "8,16,32,64,128";

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Of this program alone: getrusage's ru_maxrss begins, on Linux, with the size of whoever started it.
uint64_t PeakResidentBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key;) {
    uint64_t kilobytes = 0;
    if (key == "VmHWM:" && status >> kilobytes) return kilobytes * 1024;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return static_cast<uint64_t>(usage.ru_maxrss);
#else
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
#endif
}

struct Timing {
  uint32_t tokens = 0;
  double min = 0, median = 0, p99 = 0;  // milliseconds
  Work work;
  Parts parts{};  // of the fastest profiled request, milliseconds
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
  std::vector<std::vector<BenchText>> texts;  // for each length
  std::vector<Work> work;
  std::string backend, isa, file_hash;
};

Preparation Prepare(const std::string& path, std::vector<uint32_t>* lengths, bool lengths_given, BackendKind kind) {
  const std::unique_ptr<Model> model = OpenModel(path);
  Preparation preparation;
  std::unique_ptr<PackedModel> packed;
  converter::ThrowIfError(PackedModel::Create(*model, kind, &packed));
  preparation.backend = packed->products_name();
  preparation.isa = packed->isa_name();
  const uint32_t* checksum = model->header().metadata_checksum;
  preparation.file_hash = Format("%08x%08x", checksum[1], checksum[0]);

  Tokenizer tokenizer;
  converter::ThrowIfError(Tokenizer::Open(*model, &tokenizer));
  BenchTexts texts(tokenizer, model->head(0).task());
  const uint32_t most = model->max_tokens(), least = texts.least();
  if (!lengths_given) std::erase_if(*lengths, [&](uint32_t n) { return n > most || n < least; });
  for (const uint32_t n : *lengths) {
    if (n < least || n > most) {
      throw UsageError("--tokens: " + std::to_string(n) + ": this model takes " + std::to_string(least) + " to " +
                       std::to_string(most) + ", special tokens included");
    }
    preparation.texts.push_back(texts.Make(n, kTexts));
    preparation.work.push_back(WorkOf(*model, n));
  }
  return preparation;
}

class Bench {
 public:
  Bench(uint32_t task, pbert_session* session) : task_(task), session_(session) {}

  Timing Measure(uint32_t tokens, const std::vector<BenchText>& texts, uint32_t iterations) {
    Progress progress("bench");
    const auto start = Clock::now();
    // Until caches, branch predictors and clock rates have settled.
    for (size_t i = 0; i < 3 || (i < kTexts && MillisecondsSince(start) < 200); ++i) Ask(texts[i % kTexts], tokens);
    std::vector<double> times(iterations);
    const Disturbances before = Disturbances::SoFar();
    for (uint32_t i = 0; i < iterations; ++i) {
      const auto begin = Clock::now();
      Ask(texts[i % kTexts], tokens);
      times[i] = MillisecondsSince(begin);
      progress.Show(static_cast<double>(i) / iterations, Format("%u tokens, %.2f ms", tokens, times[i]));
    }
    const Disturbances after = Disturbances::SoFar();
    const uint64_t ticks = after.all - before.all;
    series_.push_back(
        {tokens, times, after.involuntary_switches - before.involuntary_switches,
         ticks == 0 ? 0 : static_cast<double>(after.stolen - before.stolen) / static_cast<double>(ticks)});
    return Summarize(tokens, std::move(times));
  }

  const std::vector<TimedSeries>& series() const { return series_; }

  // In requests of its own: reading a clock at every part would slow the timed ones down.
  Parts Profile(uint32_t tokens, const std::vector<BenchText>& texts, uint32_t iterations) {
    Profiler profiler(session_->session.context()->network);
    Parts best{};
    double least = 0;
    for (uint32_t i = 0; i < iterations; ++i) {
      profiler.Start();
      Ask(texts[i % kTexts], tokens);
      const Parts parts = profiler.Stop();
      const double total = std::accumulate(parts.begin(), parts.end(), 0.0);
      if (i == 0 || total < least) best = parts, least = total;
    }
    return best;
  }

 private:
  void Ask(const BenchText& text, uint32_t tokens) { AskBenchText(session_, task_, text, tokens); }

  uint32_t task_;
  pbert_session* session_;
  std::vector<TimedSeries> series_;
};

// Measured after everything else, because its buffer would count as the model's memory. A machine that was busy just
// then would make the model look faster than possible, so once more in that case.
Peak MeasurePeakBelow(const std::vector<Timing>& timings, uint32_t threads, const InstructionSet& instructions) {
  const size_t buffer = RooflineBuffer(timings.front().work);
  Peak peak = MeasurePeak(threads, buffer, instructions);
  const auto beaten = [&](const Timing& timing) { return LimitMs(timing.work, peak) > timing.min; };
  for (int again = 0; again < 3 && std::any_of(timings.begin(), timings.end(), beaten); ++again) {
    const Peak other = MeasurePeak(threads, buffer, instructions);
    peak.gmacs = std::max(peak.gmacs, other.gmacs);
    peak.gbytes = std::max(peak.gbytes, other.gbytes);
  }
  return peak;
}

void RequireBelowPeak(const std::vector<Timing>& timings, const Peak& peak) {
  for (const Timing& timing : timings) {
    const double share = LimitMs(timing.work, peak) / timing.min;
    if (share <= 1) continue;
    throw Error(
        Format("%u tokens took %.3f ms, %.0f %% of what this machine was measured to be able to do: one of the "
               "two is wrong; run it again while nothing else runs",
               timing.tokens, timing.min, 100 * share));
  }
}

Json LengthJson(const Timing& timing, const Peak& peak, uint32_t threads, const Preparation& preparation,
                bool profile) {
  Json object = {{"tokens", timing.tokens},
                 {"threads", threads},
                 {"backend", preparation.backend},
                 {"isa", preparation.isa},
                 {"min_ms", Rounded(timing.min, 4)},
                 {"median_ms", Rounded(timing.median, 4)},
                 {"p99_ms", Rounded(timing.p99, 4)},
                 {"gmacs", Rounded(timing.work.macs / timing.min * 1e-6, 2)},
                 {"limit_ms", Rounded(LimitMs(timing.work, peak), 4)},
                 {"roofline_share", Rounded(LimitMs(timing.work, peak) / timing.min, 4)}};
  if (!profile) return object;
  for (int part = 0; part < kOpKindCount; ++part) object["profile_ms"][PartName(part)] = Rounded(timing.parts[part], 5);
  return object;
}

Json RoundedOrNull(std::optional<double> ms) { return ms ? Json(Rounded(*ms, 4)) : Json(); }

std::string MsOrUnknown(std::optional<double> ms) { return ms ? Format("%.1f ms", *ms) : "unknown time"; }

std::string SpeedTable(const std::vector<Timing>& timings, const Peak& peak) {
  Table table("rrrrrrrl", {"tokens", "min, ms", "median, ms", "p99, ms", "GMAC/s", "limit, ms", "share", "bound by"});
  for (const Timing& timing : timings) {
    const double limit = LimitMs(timing.work, peak);
    table.Add({std::to_string(timing.tokens), Format("%.3f", timing.min), Format("%.3f", timing.median),
               Format("%.3f", timing.p99), Format("%.1f", timing.work.macs / timing.min * 1e-6), Format("%.3f", limit),
               Percent(limit / timing.min), BoundByMemory(timing.work, peak) ? "memory" : "arithmetic"});
  }
  return table.Print();
}

std::string ProfileTable(const std::vector<Timing>& timings) {
  std::string alignment = "l";
  std::vector<std::string> header = {"part, ms"};
  for (const Timing& timing : timings) {
    alignment += "rr";
    header.insert(header.end(), {Format("%u tokens", timing.tokens), ""});
  }
  Table table(alignment, header);
  for (int part = 0; part < kOpKindCount; ++part) {
    std::vector<std::string> row = {PartName(part)};
    for (const Timing& timing : timings) {
      const double total = std::accumulate(timing.parts.begin(), timing.parts.end(), 0.0);
      row.push_back(Format("%.4f", timing.parts[part]));
      row.push_back(Percent(timing.parts[part] / total));
    }
    table.Add(row);
  }
  return table.Print();
}

// | SoC | ISA | threads | ms by length | memory | file | commit |
std::string ReportRow(const std::vector<Timing>& timings, const Peak& peak, uint32_t threads, uint64_t memory,
                      const Preparation& preparation) {
  std::string times;
  for (const Timing& timing : timings) {
    times += (times.empty() ? "" : ", ") + Format("%u: %.2f", timing.tokens, timing.min);
  }
  return Format("| %s | %s, %s, %.0f GMAC/s, %.0f GB/s | %u | %s | %s | %s | %s |", ProcessorName().c_str(),
                peak.dot_isa, preparation.backend.c_str(), peak.gmacs, peak.gbytes, threads, times.c_str(),
                Bytes(memory).c_str(), preparation.file_hash.c_str(), BuildCommit());
}

constexpr char kDescription[] =
    "Times one request after another, text in to label out, tokenizer included, for texts of exactly so many tokens,\n"
    "special ones included: 32 different ones in rotation, made from the model's vocabulary. A warm-up comes first.";

constexpr char kMore[] =
    "The limit is what the matrix products cannot be faster than on this machine: their arithmetic at the peak of "
    "int8\n"
    "dot products, or reading the weights once at the bandwidth of memory, whichever takes longer; both are measured "
    "here.\n"
    "Above 100 % of it something was measured wrong, and the command fails.\n\n"
    "--report prints one row for a table with this head:\n"
    "  | SoC | ISA, backend, peak | threads | tokens: ms | memory | file | commit |\n\n"
    "JSON: an object a line, first one for each length: tokens, threads, backend, isa (the vector kernels'), min_ms,\n"
    "median_ms, p99_ms, gmacs, limit_ms, roofline_share, profile_ms {part: ms} with --profile; then one of load_ms "
    "(open\n"
    "the file and make the session), first_answer_ms and cold_first_answer_ms (from the file to an answer of the "
    "first\n"
    "length, the second with the file out of the page cache; null where that cannot be), arena_bytes (the session's\n"
    "memory, for the longest of these lengths), peak_rss_bytes (the whole process), dot_isa, peak_gmacs and "
    "peak_gbytes\n"
    "(a second, of all threads together), notes [sentence] (thermal throttling or a busy neighbour, where times show\n"
    "one).\n\n"
    "Example:\n"
    "  pocketbert bench intent.pbert --tokens 16,32 --threads 2 --profile";

}  // namespace

int BenchCommand(CommandLine& line) {
  std::string tokens = kDefaultTokens, backend = "auto";
  uint32_t threads = 1, iterations = 200;
  bool json = false, profile = false, report = false, choose_threads = false;
  line.Describe("FILE", kDescription, kMore);
  line.Add("--tokens", tokens, "Lengths of texts (default 8,16,32,64,128)", "N,N,...");
  line.AddThreads(threads, "Cores for one text (default 1); auto: as many as are fastest here,\nby a short measurement",
                  &choose_threads);
  line.Add("--iterations", iterations, "Timed requests for each length (default 200)", "N", Range{1, 10000000});
  line.AddBackend(backend);
  line.AddFlag("--profile", profile, "Show the time by part as well");
  line.AddFlag("--report", report, "Print one row of Markdown, to tell others");
  line.AddFlag("--json", json, "Print for machines");
  if (!line.Parse()) return 0;
  line.Expect(1, 1);
  if (report && (json || profile)) throw UsageError("--report goes neither with --json nor with --profile");
  const std::string& path = line.positionals()[0];
  const pbert_backend kind = ParseBackend(backend);
  std::vector<uint32_t> lengths = ParseNumbers("--tokens", tokens);
  const Preparation preparation = Prepare(path, &lengths, line.Given("--tokens"), static_cast<BackendKind>(kind));
  if (lengths.empty()) throw Error(path + ": it takes none of the lengths " + tokens + ": name others with --tokens");

  pbert_session_options options = PBERT_SESSION_OPTIONS;
  options.max_tokens = *std::max_element(lengths.begin(), lengths.end());
  options.backend = kind;
  if (choose_threads) threads = FastestThreads(converter::ModelHandle(path), kind, lengths, preparation.texts);
  options.threads = threads;
  const auto first_answer = [&](bool cold) {
    return FirstAnswerMs(path, options, preparation.texts[0][0], lengths[0], cold);
  };
  const std::optional<double> cold_first_answer_ms = first_answer(true), first_answer_ms = first_answer(false);
  const auto start = Clock::now();
  const converter::ModelHandle model(path);
  const converter::SessionHandle session = model.NewSession(options);
  const double load_ms = MillisecondsSince(start);
  size_t arena_bytes = 0;
  converter::Require(pbert_session_memory(model.get(), &options, &arena_bytes), path);

  Bench bench(model.info().task, session.get());
  std::vector<Timing> timings;
  for (size_t i = 0; i < lengths.size(); ++i) {
    timings.push_back(bench.Measure(lengths[i], preparation.texts[i], iterations));
    timings.back().work = preparation.work[i];
    if (profile) timings.back().parts = bench.Profile(lengths[i], preparation.texts[i], iterations);
  }
  const uint64_t memory = PeakResidentBytes();
  // XNNPACK takes what the processor has, whatever POCKETBERT_ISA says.
  const bool ours = preparation.backend == "native";
  const Peak peak = MeasurePeakBelow(timings, threads, ours ? UsedInstructionSet() : BestInstructionSet());
  RequireBelowPeak(timings, peak);
  const std::vector<std::string> notes = TimingNotes(bench.series());
  if (report) {
    Out().WriteLine(ReportRow(timings, peak, threads, memory, preparation));
    return 0;
  }
  if (json) {
    for (const Timing& timing : timings)
      Out().WriteExactLine(Dump(LengthJson(timing, peak, threads, preparation, profile)));
    Out().WriteExactLine(Dump({{"load_ms", Rounded(load_ms, 4)},
                               {"first_answer_ms", RoundedOrNull(first_answer_ms)},
                               {"cold_first_answer_ms", RoundedOrNull(cold_first_answer_ms)},
                               {"arena_bytes", arena_bytes},
                               {"peak_rss_bytes", memory},
                               {"dot_isa", peak.dot_isa},
                               {"peak_gmacs", Rounded(peak.gmacs, 1)},
                               {"peak_gbytes", Rounded(peak.gbytes, 2)},
                               {"notes", notes}}));
    return 0;
  }
  Out().WriteLine(Format("%s, %u thread%s%s, backend %s, kernels for %s\n", path.c_str(), threads,
                         threads == 1 ? "" : "s", choose_threads ? " (the fastest number here)" : "",
                         preparation.backend.c_str(), preparation.isa.c_str()));
  Out().Write(SpeedTable(timings, peak));
  if (profile) Out().WriteLine("\n" + ProfileTable(timings));
  Out().WriteLine(Format("\nlimit: %.1f GMAC/s (%s), %.1f GB/s, measured on %u thread%s", peak.gmacs, peak.dot_isa,
                         peak.gbytes, threads, threads == 1 ? "" : "s"));
  Out().WriteLine(Format("loaded in %.1f ms; arena %s; peak resident memory %s", load_ms, Bytes(arena_bytes).c_str(),
                         Bytes(memory).c_str()));
  Out().WriteLine(Format("first answer after %s, %s when the file must come from the disk",
                         MsOrUnknown(first_answer_ms).c_str(), MsOrUnknown(cold_first_answer_ms).c_str()));
  for (const std::string& note : notes) Out().WriteLine(note);
  return 0;
}

}  // namespace pbert::cli
