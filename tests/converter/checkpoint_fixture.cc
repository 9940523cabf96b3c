#include "converter/checkpoint_fixture.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <random>
#include <sstream>

#include "converter/support/error.h"

namespace pbert::test {

namespace fs = std::filesystem;

TemporaryDirectory::TemporaryDirectory() {
  std::random_device random;
  path_ = fs::temp_directory_path() / ("pocketbert-test-" + std::to_string(random()) + std::to_string(random()));
  fs::create_directory(path_);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::vector<std::string> TemporaryDirectory::Files() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path_)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

void WriteFile(const fs::path& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  REQUIRE(file.flush().good());
}

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file.good());
  return (std::ostringstream() << file.rdbuf()).str();
}

std::string SafetensorsBytes(const std::string& header, const std::string& data) {
  const uint64_t length = header.size();
  std::string bytes(sizeof(length), '\0');
  memcpy(bytes.data(), &length, sizeof(length));
  return bytes + header + data;
}

TinyCheckpoint::TinyCheckpoint() {
  config = {{"model_type", "distilbert"},
            {"architectures", {"DistilBertForSequenceClassification"}},
            {"dim", 8},
            {"hidden_dim", 16},
            {"n_layers", 1},
            {"n_heads", 2},
            {"max_position_embeddings", 12},
            {"vocab_size", 12},
            {"activation", "gelu"},
            {"id2label", {{"0", "hello"}, {"1", "weather"}, {"2", "oos"}}}};
  tokenizer_config = {{"do_lower_case", true}, {"model_max_length", 512}};
  vocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nwhat\n##s\nthe\nweather\n?\ngood\n";

  std::mt19937 random(7);
  std::uniform_real_distribution<float> values(-0.5f, 0.5f);
  const auto add = [&](const std::string& name, std::vector<uint64_t> shape, float around = 0) {
    FixtureTensor tensor{shape, std::vector<float>(shape[0] * (shape.size() == 2 ? shape[1] : 1))};
    for (float& value : tensor.values) value = around + values(random);
    tensors[name] = tensor;
  };
  const auto linear = [&](const std::string& name, uint64_t out, uint64_t in) {
    add(name + ".weight", {out, in});
    add(name + ".bias", {out});
  };
  const auto norm = [&](const std::string& name) {
    add(name + ".weight", {8}, 1);
    add(name + ".bias", {8});
  };
  add("distilbert.embeddings.word_embeddings.weight", {12, 8});
  add("distilbert.embeddings.position_embeddings.weight", {12, 8});
  norm("distilbert.embeddings.LayerNorm");
  const std::string layer = "distilbert.transformer.layer.0.";
  for (const char* part : {"q_lin", "k_lin", "v_lin", "out_lin"}) linear(layer + "attention." + part, 8, 8);
  norm(layer + "sa_layer_norm");
  linear(layer + "ffn.lin1", 16, 8);
  linear(layer + "ffn.lin2", 8, 16);
  norm(layer + "output_layer_norm");
  linear("pre_classifier", 8, 8);
  linear("classifier", 3, 8);
}

void TinyCheckpoint::RenamePrefix(const std::string& prefix) {
  const std::string old = "distilbert.";
  std::map<std::string, FixtureTensor> renamed;
  for (auto& [name, tensor] : tensors) {
    renamed[name.starts_with(old) ? prefix + name.substr(old.size()) : name] = std::move(tensor);
  }
  tensors = std::move(renamed);
}

void TinyCheckpoint::Write(const fs::path& directory) const {
  nlohmann::json header = nlohmann::json::object();
  std::string data;
  for (const auto& [name, tensor] : tensors) {
    const size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size() * sizeof(float));
    header[name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  fs::create_directories(directory);
  WriteFile(directory / "model.safetensors", SafetensorsBytes(header.dump(), data));
  WriteFile(directory / "config.json", config.dump());
  if (!tokenizer_config.is_null()) WriteFile(directory / "tokenizer_config.json", tokenizer_config.dump());
  if (!vocab.empty()) WriteFile(directory / "vocab.txt", vocab);
  for (const auto& [name, bytes] : other_files) WriteFile(directory / name, bytes);
}

std::string ErrorOf(const std::function<void()>& function) {
  try {
    function();
  } catch (const converter::Error& error) {
    return error.what();
  }
  return "";
}

void CheckMessage(const std::string& message, const std::vector<std::string>& words) {
  CAPTURE(message);
  CHECK_FALSE(message.empty());
  CHECK(message.find('\n') == std::string::npos);
  for (const std::string& word : words) {
    CAPTURE(word);
    CHECK(message.find(word) != std::string::npos);
  }
}

}  // namespace pbert::test
