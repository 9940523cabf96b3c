// The JSON (and text) files of a checkpoint. The input is parts behind the byte 0xFF each; the letter in front says
// which file a part is. Weights are not there: they have whatever square tensor is asked for.

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "converter/checkpoint/checkpoint_files.h"
#include "converter/checkpoint/config.h"
#include "converter/checkpoint/known_keys.h"
#include "converter/network/architectures.h"
#include "converter/network/plan.h"
#include "converter/network/sentence_transformer.h"
#include "converter/support/error.h"
#include "converter/tokenizer/reader.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/temporary_folder.h"
#include "text/encoding.h"
#include "text/tokenizer.h"

namespace pbert::fuzz {
namespace {

using converter::SourceTensor;

// As in make_seeds.py.
const std::map<char, const char*> kFiles = {{'c', "config.json"},
                                            {'t', "tokenizer.json"},
                                            {'k', "tokenizer_config.json"},
                                            {'s', "special_tokens_map.json"},
                                            {'a', "added_tokens.json"},
                                            {'v', "vocab.txt"},
                                            {'j', "vocab.json"},
                                            {'m', "merges.txt"},
                                            {'M', "modules.json"},
                                            {'P', "1_Pooling/config.json"},
                                            {'B', "sentence_bert_config.json"},
                                            {'S', "config_sentence_transformers.json"},
                                            {'x', "model.safetensors.index.json"},
                                            {'X', "pytorch_model.bin.index.json"},
                                            {'A', "adapter_config.json"}};

constexpr uint64_t kSide = 4;  // a seed's config.json has it for all sizes

class SquareWeights : public converter::Weights {
 public:
  const std::string& name() const override { return name_; }
  const SourceTensor* Find(const std::string& tensor) const override {
    const auto has = [&](const char* part) { return tensor.find(part) != std::string::npos; };
    const bool vector = has("bias") || has("gamma") || has("beta") || has("norm") || has("Norm");
    const uint64_t rows = has("qa_outputs") ? 2 : kSide;
    SourceTensor& made = made_[tensor];
    made.name = tensor;
    made.type = "F32";
    made.shape = vector ? std::vector<uint64_t>{rows} : std::vector<uint64_t>{rows, kSide};
    made.elements = vector ? rows : rows * kSide;
    return &made;
  }
  std::vector<std::string> Names() const override { return converter::NamesOf(made_); }
  void Read(const SourceTensor&, uint64_t, std::span<float> out) override { std::fill(out.begin(), out.end(), 0.0f); }
  uint64_t bytes() const override { return 1; }
  uint64_t Hash() override { return 1; }

 private:
  const std::string name_ = "model.safetensors";
  mutable std::map<std::string, SourceTensor> made_;
};

// The files that the input holds, by their letters.
std::set<char> WriteFiles(std::string_view input) {
  for (const auto& [letter, name] : kFiles) std::filesystem::remove(TemporaryFolder() / name);
  std::set<char> written;
  while (!input.empty()) {
    const size_t end = std::min(input.find('\xFF'), input.size());
    const std::string_view part = input.substr(0, end);
    input.remove_prefix(std::min(input.size(), end + 1));
    if (part.empty()) continue;
    const auto file = kFiles.find(part[0]);
    if (file == kFiles.end()) continue;
    WriteTemporary(file->second, part.substr(1));
    written.insert(part[0]);
  }
  return written;
}

// Nothing but an Error with a message may come out.
template <typename Function>
void Try(const Function& function) {
  try {
    function();
  } catch (const converter::Error& error) {
    FUZZ_CHECK(*error.what() != 0);
  }
}

const converter::WarningCallback kWarn = [](const std::string& message) { FUZZ_CHECK(!message.empty()); };

void ReadConfig() {
  const converter::Config config(TemporaryFolder() / "config.json");
  config.WarnOfUnknownKeys(kWarn);
  for (const char* task : {"", "text-classification", "token-classification", "fill-mask", "feature-extraction"}) {
    Try([&] {
      SquareWeights weights;
      converter::Plan plan(weights, converter::WeightChoice(converter::WeightType::kInt8));
      converter::DescribeNetwork(config, task, &plan);
      for (const converter::PlannedTensor& tensor : plan.tensors()) {
        std::vector<float> row(std::min<uint32_t>(tensor.columns, 4096));
        if (tensor.compute && row.size() == tensor.columns) tensor.compute(0, row);
      }
    });
    Try([&] { config.RefuseTaskParameters(task); });
  }
  Try([&] { config.ProblemType(); });
  Try([&] { config.Entailment(); });
}

void ReadAndUseTokenizer() {
  const std::unique_ptr<schema::TokenizerT> read = converter::ReadTokenizer(TemporaryFolder(), 3000);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::Tokenizer::Pack(builder, read.get()));
  Tokenizer tokenizer;
  const auto& table = *flatbuffers::GetRoot<schema::Tokenizer>(builder.GetBufferPointer());
  if (!Tokenizer::Open(table, &tokenizer).ok()) return;
  constexpr size_t kTokens = 64;
  Arena counting;
  TokenizerScratch::Take(tokenizer, &counting);
  Encoding::Take(&counting, kTokens);
  const std::unique_ptr<uint8_t[]> memory(new uint8_t[counting.Needed()]);
  Arena arena(memory.get(), counting.Needed());
  TokenizerScratch scratch = TokenizerScratch::Take(tokenizer, &arena);
  Encoding encoding = Encoding::Take(&arena, kTokens);
  (void)Encode(tokenizer, "Hello w\xC3\xB6rld [MASK] don't </s> \xE4\xB8\xAD 123  x", "pair  of <mask>", true, kTokens,
               &scratch, &encoding);
}

}  // namespace
}  // namespace pbert::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pbert;
  using namespace pbert::fuzz;
  const std::set<char> written = WriteFiles({reinterpret_cast<const char*>(data), size});
  const auto has = [&](const char* letters) {
    return std::any_of(written.begin(), written.end(),
                       [&](char letter) { return std::string_view(letters).find(letter) != std::string_view::npos; });
  };
  if (has("c")) Try(ReadConfig);
  if (has("MPBS")) Try([] { converter::ReadSentenceTransformer(TemporaryFolder(), kWarn); });
  if (has("tksavjm")) Try(ReadAndUseTokenizer);
  if (has("xXA")) Try([] { converter::OpenWeights(TemporaryFolder()); });
  if (has("ckst")) Try([] { converter::WarnOfUnknownKeys(TemporaryFolder(), kWarn); });
  return 0;
}
