// pocketbert compare: int8 against fp32, layer by layer.

#include <cmath>
#include <string_view>
#include <vector>

#include "converter/error.h"
#include "converter/sample_texts.h"
#include "engine/network.h"
#include "engine/prepared_model.h"
#include "platforms/cli/command_line.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/input.h"
#include "platforms/cli/output.h"
#include "platforms/cli/progress.h"
#include "platforms/cli/report_view.h"
#include "tasks/session.h"
#include "text/tokenizer.h"

namespace pbert::cli {
namespace {

constexpr uint64_t kLargestTexts = 64u << 20;

// One model, opened with the runtime's inner interface because hidden states do not pass through the outer one.
class Probe {
 public:
  Probe(const std::string& path, const std::string& name, BackendKind backend) : name_(name) {
    model_ = OpenModel(path);
    Check(PreparedModel::Create(*model_, backend, &prepared_));
    Check(prepared_->Pack(nullptr, 0));
    Check(Tokenizer::Open(model_->tokenizer(), &tokenizer_));
    Check(session_.Create(*prepared_, tokenizer_, {}, nullptr, 0));
  }

  // Hidden states of all tokens after the embeddings and after each layer, then the head's outputs.
  const std::vector<std::vector<float>>& Run(std::string_view text) {
    states_.clear();
    TextInput input;
    input.text = text;
    Check(session_.Tokenize(input));
    const HiddenStateTap tap = {&Probe::See, this};
    RowSelection rows;
    rows.choice = schema::RowChoice::All;
    Network& network = *session_.network();
    Check(network.Encode(session_.network_input(), rows, &tap));
    const float* outputs = nullptr;
    Check(network.RunHead(0, 1, &outputs));
    states_.emplace_back(outputs, outputs + network.head_outputs());
    return states_;
  }

  size_t tokens() const { return session_.encoding().size; }
  const Model& model() const { return *model_; }

 private:
  static void See(void* context, uint32_t, const float* hidden, size_t rows, size_t hidden_size) {
    static_cast<Probe*>(context)->states_.emplace_back(hidden, hidden + rows * hidden_size);
  }

  void Check(const Status& status) const {
    if (!status.ok()) throw Error(name_ + ": " + status.message());
  }

  std::string name_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<PreparedModel> prepared_;
  Tokenizer tokenizer_;
  Session session_;
  std::vector<std::vector<float>> states_;
};

// The measures of quant/error_measures.h over many texts, of which only sums are kept.
struct Sums {
  double reference = 0, approximation = 0, product = 0, error = 0, absolute = 0, worst = 0;
  size_t count = 0;

  void Add(const std::vector<float>& fp32, const std::vector<float>& int8) {
    for (size_t i = 0; i < fp32.size(); ++i) {
      const double r = fp32[i], a = int8[i], difference = std::abs(r - a);
      reference += r * r;
      approximation += a * a;
      product += r * a;
      error += difference * difference;
      absolute += difference;
      worst = std::max(worst, difference);
    }
    count += fp32.size();
  }
  double SnrDb() const { return 10 * std::log10(reference / error); }
  double Cosine() const { return product / std::sqrt(reference * approximation); }
};

struct Comparison {
  std::vector<Sums> layers;  // embeddings first
  Sums logits;
  size_t texts = 0, tokens = 0, same_answer = 0;
};

size_t Largest(const std::vector<float>& values) {
  return static_cast<size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

Comparison Compare(Probe* int8, Probe* fp32, const std::vector<std::string>& texts) {
  Comparison comparison;
  Progress progress("compare");
  for (const std::string& text : texts) {
    const auto& approximations = int8->Run(text);
    const auto& references = fp32->Run(text);
    comparison.layers.resize(references.size() - 1);
    for (size_t i = 0; i < comparison.layers.size(); ++i) comparison.layers[i].Add(references[i], approximations[i]);
    comparison.logits.Add(references.back(), approximations.back());
    comparison.same_answer += Largest(references.back()) == Largest(approximations.back());
    comparison.tokens += int8->tokens();
    progress.Count(++comparison.texts, texts.size(), "texts");
  }
  return comparison;
}

std::string LayerName(size_t layer) { return layer == 0 ? "embeddings" : "layer " + std::to_string(layer); }

Json ToJson(const Comparison& comparison) {
  Json object;
  object["texts"] = comparison.texts;
  object["tokens"] = comparison.tokens;
  object["layers"] = Json::array();
  for (size_t i = 0; i < comparison.layers.size(); ++i) {
    const Sums& sums = comparison.layers[i];
    object["layers"].push_back({{"layer", i},
                                {"name", LayerName(i)},
                                {"snr_db", Rounded(sums.SnrDb(), 3)},
                                {"cosine", Rounded(sums.Cosine(), 7)}});
  }
  const Sums& logits = comparison.logits;
  object["logits"] = {{"snr_db", Rounded(logits.SnrDb(), 3)},
                      {"cosine", Rounded(logits.Cosine(), 7)},
                      {"worst_error", Rounded(logits.worst, 7)},
                      {"mean_error", Rounded(logits.absolute / static_cast<double>(logits.count), 7)}};
  object["same_answer"] =
      Rounded(static_cast<double>(comparison.same_answer) / static_cast<double>(comparison.texts), 6);
  return object;
}

void PrintTable(const Comparison& comparison) {
  Table table("lrr", {"after", "SNR, dB", "cosine"});
  const auto row = [&](const std::string& name, const Sums& sums) {
    table.Add({name, Format("%.1f", sums.SnrDb()), Format("%.6f", sums.Cosine())});
  };
  for (size_t i = 0; i < comparison.layers.size(); ++i) row(LayerName(i), comparison.layers[i]);
  row("logits", comparison.logits);
  Out().Write(table.Print());
  Out().WriteLine(
      Format("\nlogits off by %.4f at worst, %.4f on average; the same answer to %zu of %zu texts (%zu tokens)",
             comparison.logits.worst, comparison.logits.absolute / static_cast<double>(comparison.logits.count),
             comparison.same_answer, comparison.texts, comparison.tokens));
}

std::vector<std::string> ReadTexts(const std::string& path) {
  const std::string all = ReadTextFile(path, kLargestTexts);
  std::vector<std::string> texts;
  for (size_t at = 0; at < all.size();) {
    const size_t end = std::min(all.find('\n', at), all.size());
    texts.push_back(all.substr(at, end - at));
    at = end + 1;
  }
  if (texts.empty()) throw Error(path + ": there is no text in it");
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
  throw Error(path + ": it was not made from " + checkpoint + ": their layers, vocabularies or labels differ");
}

constexpr char kDescription[] =
    "Runs texts through FILE and through the same model in fp32, made from the checkpoint on the spot, and shows how "
    "far\n"
    "the hidden states of all tokens are apart after each layer: the signal-to-noise ratio in decibel (20 dB: an error "
    "of\n"
    "a tenth, 40 dB: of a hundredth) and the cosine. TEXTS is a file with a text a line; by default built-in ones.";

constexpr char kMore[] =
    "JSON keys: texts, tokens, layers [{layer, name, snr_db, cosine}], embeddings being layer 0, logits {snr_db, "
    "cosine,\n"
    "worst_error, mean_error}, same_answer (share of texts with the same best output); null where nothing differs.\n\n"
    "Example:\n"
    "  pocketbert compare intent.pbert my-checkpoint questions.txt";

}  // namespace

int CompareCommand(const Arguments& arguments) {
  std::string backend = "auto";
  bool json = false;
  CommandLine line("compare", "FILE CHECKPOINT_DIR [TEXTS]", kDescription, kMore);
  line.AddBackend(backend);
  line.AddFlag("--json", json, "Print for machines");
  if (!line.Parse(arguments)) return 0;
  line.Expect(2, 3);
  const auto kind = static_cast<BackendKind>(ParseBackend(backend));
  const std::string& path = line.positionals()[0];
  const std::string& checkpoint = line.positionals()[1];
  std::vector<std::string> texts;
  if (line.positionals().size() == 3) {
    texts = ReadTexts(line.positionals()[2]);
  } else {
    for (const std::string_view text : SampleTexts()) texts.emplace_back(text);
  }

  Probe int8(path, path, kind);
  std::unique_ptr<Probe> fp32;
  {
    const auto temporary = WriteInFp32(checkpoint);
    fp32 = std::make_unique<Probe>(temporary->path().string(), checkpoint, kind);
  }
  RequireSameShape(int8.model(), fp32->model(), path, checkpoint);
  const Comparison comparison = Compare(&int8, fp32.get(), texts);
  if (json) {
    Out().WriteLine(Dump(ToJson(comparison)));
  } else {
    PrintTable(comparison);
  }
  return 0;
}

}  // namespace pbert::cli
