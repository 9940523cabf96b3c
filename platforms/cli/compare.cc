// pocketbert compare: int8 against fp32, layer by layer.

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "converter/check/raw_outputs.h"
#include "converter/check/sample_texts.h"
#include "converter/evaluate/dataset.h"
#include "converter/evaluate/sensitivity.h"
#include "converter/support/error.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/input.h"
#include "platforms/cli/output.h"
#include "platforms/cli/progress.h"
#include "platforms/cli/report_view.h"
#include "quant/error_measures.h"

namespace pbert::cli {
namespace {

using converter::MatrixNoise;
using converter::RawModel;

constexpr uint64_t kLargestTexts = 64u << 20;
constexpr size_t kAttributionTexts = 64;  // more do not change the order of the matrices
constexpr size_t kMatricesShown = 8;

// A hidden state that both models show, in the order in which they come.
struct State {
  TapPoint point;
  uint32_t layer;
  ErrorSums errors;
};

struct Comparison {
  std::vector<State> states;
  ErrorSums logits;
  size_t texts = 0, tokens = 0, same_answer = 0;
  std::vector<MatrixNoise> matrices;
  std::vector<std::string> keep;
};

size_t Largest(std::span<const float> values) {
  return static_cast<size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

// Whether the best output of every row is the same.
bool SameAnswer(const std::vector<float>& a, const std::vector<float>& b, size_t columns) {
  for (size_t i = 0; i < a.size(); i += columns) {
    if (Largest({a.data() + i, columns}) != Largest({b.data() + i, columns})) return false;
  }
  return true;
}

Comparison CompareLayers(RawModel* int8, RawModel* fp32, const std::vector<std::string>& texts) {
  Comparison comparison;
  Progress progress("compare");
  for (const std::string& text : texts) {
    // fp32 first: its states are kept while the other's are compared with them, one by one.
    struct Tap {
      Comparison* comparison;
      std::vector<std::vector<float>> reference;
      size_t next = 0;
    } tap{&comparison, {}};
    const HiddenStateTap keep = {
        [](void* context, TapPoint, uint32_t, const float* hidden, size_t rows, size_t columns) {
          static_cast<Tap*>(context)->reference.emplace_back(hidden, hidden + rows * columns);
        },
        &tap};
    const HiddenStateTap compare = {
        [](void* context, TapPoint point, uint32_t layer, const float* hidden, size_t rows, size_t columns) {
          Tap& with = *static_cast<Tap*>(context);
          std::vector<State>& states = with.comparison->states;
          if (with.next == states.size()) states.push_back({point, layer, {}});
          states[with.next].errors.Add(with.reference[with.next], {hidden, rows * columns});
          ++with.next;
        },
        &tap};
    TextInput input;
    input.text = text;
    fp32->Encode(input, &keep);
    int8->Encode(input, &compare);
    const std::vector<float> exact = fp32->Outputs(), approximate = int8->Outputs();
    comparison.logits.Add(exact, approximate);
    comparison.same_answer += SameAnswer(exact, approximate, int8->columns());
    comparison.tokens += int8->ids().size();
    progress.Count(++comparison.texts, texts.size(), "texts");
  }
  return comparison;
}

std::string StateName(const State& state) {
  if (state.point == TapPoint::kEmbeddings) return "embeddings";
  return "layer " + std::to_string(state.layer) + (state.point == TapPoint::kAttention ? " attention" : "");
}

Json Measures(const ErrorSums& sums) {
  return {{"snr_db", Rounded(sums.SignalToNoiseDb(), 3)}, {"cosine", Rounded(sums.Cosine(), 7)}};
}

Json ToJson(const Comparison& comparison) {
  Json object;
  object["texts"] = comparison.texts;
  object["tokens"] = comparison.tokens;
  object["layers"] = Json::array();
  Json attention;
  for (const State& state : comparison.states) {
    Json measures = Measures(state.errors);
    if (state.point == TapPoint::kAttention) {
      attention = measures;
      continue;
    }
    Json layer = {{"layer", state.layer}, {"name", StateName(state)}};
    layer.update(measures);
    layer["attention"] = attention;
    object["layers"].push_back(layer);
  }
  const ErrorSums& logits = comparison.logits;
  object["logits"] = Measures(logits);
  object["logits"]["worst_error"] = Rounded(logits.worst, 7);
  object["logits"]["mean_error"] = Rounded(logits.MeanAbs(), 7);
  object["same_answer"] =
      Rounded(static_cast<double>(comparison.same_answer) / static_cast<double>(comparison.texts), 6);
  object["matrices"] = Json::array();
  for (const MatrixNoise& matrix : comparison.matrices) {
    object["matrices"].push_back({{"name", matrix.name},
                                  {"noise_share", Rounded(matrix.noise_share, 4)},
                                  {"snr_db", Rounded(matrix.snr_db, 3)},
                                  {"extra_bytes", matrix.extra_bytes}});
  }
  object["keep"] = Json::array();
  for (const std::string& name : comparison.keep) object["keep"].push_back("fp32:" + name);
  return object;
}

void PrintTable(const Comparison& comparison) {
  Table table("lrr", {"after", "SNR, dB", "cosine"});
  const auto row = [&](const std::string& name, const ErrorSums& sums) {
    table.Add({name, Format("%.1f", sums.SignalToNoiseDb()), Format("%.6f", sums.Cosine())});
  };
  for (const State& state : comparison.states) row(StateName(state), state.errors);
  row("outputs", comparison.logits);
  Out().Write(table.Print());
  Out().WriteLine(
      Format("\noutputs off by %.4f at worst, %.4f on average; the same answer to %zu of %zu texts (%zu tokens)",
             comparison.logits.worst, comparison.logits.MeanAbs(), comparison.same_answer, comparison.texts,
             comparison.tokens));
}

// Which matrices the noise comes from, and the advice.
void PrintMatrices(const Comparison& comparison) {
  if (comparison.matrices.empty()) return;
  Table table("lrrr", {"kept fp32", "noise that goes", "SNR then, dB", "file grows by"});
  for (size_t i = 0; i < std::min(kMatricesShown, comparison.matrices.size()); ++i) {
    const MatrixNoise& matrix = comparison.matrices[i];
    table.Add({matrix.name, Percent(matrix.noise_share), Format("%.1f", matrix.snr_db), Bytes(matrix.extra_bytes)});
  }
  Out().Write("\n" + table.Print());
  if (comparison.matrices.size() > kMatricesShown) {
    Out().WriteLine(Format("and %zu more (--json)", comparison.matrices.size() - kMatricesShown));
  }
  std::string flags;
  for (const std::string& name : comparison.keep) flags += " --keep fp32:" + name;
  Out().WriteLine(flags.empty() ? "\nno matrix stands out: there is none to keep finer"
                                : "\nwhere accuracy is lost (see eval), convert with" + flags);
}

std::vector<std::string> ReadTexts(const std::string& path) {
  const std::string all = converter::ReadTextFile(path, kLargestTexts);
  const std::vector<std::string_view> lines = converter::TextLines(all);
  std::vector<std::string> texts(lines.begin(), lines.end());
  if (texts.empty()) throw converter::Error(path + ": there is no text in it");
  return texts;
}

// The encoders must be the same but for their weights' type.
void RequireSameShape(const Model& a, const Model& b, const std::string& path, const std::string& checkpoint) {
  const schema::Encoder &x = a.encoder(), &y = b.encoder();
  if (x.hidden_size() == y.hidden_size() && x.layers()->size() == y.layers()->size() &&
      a.tokenizer().piece_ends()->size() == b.tokenizer().piece_ends()->size() &&
      (a.head(0).labels() == nullptr) == (b.head(0).labels() == nullptr) &&
      (a.head(0).labels() == nullptr || a.head(0).labels()->size() == b.head(0).labels()->size())) {
    return;
  }
  const auto* provenance = a.root().provenance();
  if (provenance != nullptr && provenance->recipe() != nullptr &&
      provenance->recipe()->string_view().find(", trim-vocab=") != std::string_view::npos) {
    throw converter::Error(path + ": its vocabulary was trimmed, so its tokens are not those of " + checkpoint +
                           ": compare a file that was converted without --trim-vocab; eval compares answers");
  }
  throw converter::Error(path + ": it was not made from " + checkpoint +
                         ": their layers, vocabularies or labels differ");
}

constexpr char kDescription[] =
    "Runs texts through FILE and through the same model in fp32, made from the checkpoint on the spot, and shows how "
    "far\n"
    "the hidden states of all tokens are apart after each layer, and within it behind the attention: the\n"
    "signal-to-noise ratio in decibel (20 dB: an error of a tenth, 40 dB: of a hundredth) and the cosine. Then it "
    "keeps\n"
    "each weight matrix in fp32 in turn and shows how much of the outputs' squared error goes with it. TEXTS is a "
    "file\n"
    "with a text a line; by default built-in ones.";

constexpr char kMore[] =
    "JSON keys: texts, tokens, layers [{layer, name, snr_db, cosine, attention {snr_db, cosine}}], embeddings being\n"
    "layer 0, logits {snr_db, cosine, worst_error, mean_error} (whatever the head puts out), same_answer (share of\n"
    "texts with the same best output in every row), matrices [{name, noise_share, snr_db, extra_bytes}] with the\n"
    "largest share first (measured on the first 64 texts), keep: what to give convert as --keep; null where nothing\n"
    "differs.\n\n"
    "Example:\n"
    "  pocketbert compare intent.pbert my-checkpoint questions.txt";

void AddMatrices(RawModel* int8, RawModel* fp32, std::span<const std::string> texts,
                 const converter::RawOptions& options, Comparison* comparison) {
  Progress progress("compare");
  comparison->matrices = converter::AttributeNoise(
      int8, fp32, texts.first(std::min(texts.size(), kAttributionTexts)), options,
      [&](const std::string& name, double done) { progress.Show(done, "with fp32 " + name); });
  comparison->keep = converter::WorthKeeping(comparison->matrices, comparison->logits.SignalToNoiseDb());
}

}  // namespace

int CompareCommand(CommandLine& line) {
  std::string backend = "auto";
  bool json = false, layers_only = false;
  line.Describe("FILE CHECKPOINT_DIR [TEXTS]", kDescription, kMore);
  line.AddBackend(backend);
  line.AddFlag("--layers-only", layers_only, "Do not try the matrices, which takes a run over the texts for\neach");
  line.AddFlag("--json", json, "Print for machines");
  if (!line.Parse()) return 0;
  line.Expect(2, 3);
  converter::RawOptions options;
  options.backend = static_cast<BackendKind>(ParseBackend(backend));
  const std::string& path = line.positionals()[0];
  const std::string& checkpoint = line.positionals()[1];
  std::vector<std::string> texts;
  if (line.positionals().size() == 3) {
    texts = ReadTexts(line.positionals()[2]);
  } else {
    for (const std::string_view text : converter::SampleTexts()) texts.emplace_back(text);
  }

  RawModel int8(path, options);
  std::unique_ptr<RawModel> fp32;
  {
    const auto temporary = WriteInFp32(checkpoint);
    RequireMadeFrom(path, checkpoint, temporary->path().string());
    fp32 = std::make_unique<RawModel>(temporary->path(), options);
  }
  RequireSameShape(int8.model(), fp32->model(), path, checkpoint);
  Comparison comparison = CompareLayers(&int8, fp32.get(), texts);
  if (!layers_only) AddMatrices(&int8, fp32.get(), texts, options, &comparison);
  if (json) {
    Out().WriteExactLine(Dump(ToJson(comparison)));
  } else {
    PrintTable(comparison);
    PrintMatrices(comparison);
  }
  return 0;
}

}  // namespace pbert::cli
