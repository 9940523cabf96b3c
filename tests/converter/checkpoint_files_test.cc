// Directories, files and names that are no checkpoint, or one in another form: what is said about them.
#include "converter/checkpoint/checkpoint_files.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>

#include "converter/checkpoint_fixture.h"
#include "converter/convert.h"
#include "model/model.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;
using test::CheckMessage;
using test::ErrorOf;
using test::TemporaryDirectory;
using test::TinyCheckpoint;
using test::WriteFile;

std::string ConvertError(const std::string& from, const TemporaryDirectory& directory, const std::string& task = "") {
  return ErrorOf([&] { WriteModel(from, (directory / "out.pbert").string(), WeightType::kInt8, {}, task); });
}

// Sets an environment variable for as long as it lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
  ~Variable() { unsetenv(name_); }

 private:
  const char* name_;
};

std::vector<uint32_t> DataOf(const fs::path& file) {
  std::unique_ptr<Model> model;
  const Status status = Model::OpenPath(file.c_str(), {}, &model);
  REQUIRE_MESSAGE(status.ok(), status.message());
  return {model->header().data_checksum, model->header().data_checksum + 2};
}

TEST_CASE("checkpoint files: a file of another kind is named, with the way out") {
  TemporaryDirectory directory;
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"model.onnx", {"ONNX", "checkpoint directory"}},
      {"model.tflite", {"TensorFlow Lite", "checkpoint directory"}},
      {"model.gguf", {"GGUF", "checkpoint directory"}},
      {"model.pt", {"PyTorch file", "save_pretrained"}},
      {"model.PTH", {"PyTorch file", "save_pretrained"}},
      {"tf_model.h5", {"from_tf=True"}},
      {"flax_model.msgpack", {"from_flax=True"}},
      {"done.pbert", {"converted already", "pocketbert run"}},
      {"weights.safetensors", {"not a directory", "save_pretrained"}}};
  for (const auto& [name, words] : cases) {
    CAPTURE(name);
    WriteFile(directory / name, "x");
    CheckMessage(ConvertError((directory / name).string(), directory), words);
    // The same alone in a directory, beside a config.json.
    if (std::string(name) == "weights.safetensors") continue;
    fs::create_directories(directory / "alone");
    WriteFile(directory / "alone" / "config.json", "{\"model_type\": \"bert\"}");
    WriteFile(directory / "alone" / name, "x");
    CheckMessage(ConvertError((directory / "alone").string(), directory), words);
    fs::remove_all(directory / "alone");
  }
}

TEST_CASE("checkpoint files: an adapter, a tokenizer, nothing") {
  TemporaryDirectory directory;
  for (const char* name : {"adapter", "tokenizer", "empty", "configless"}) fs::create_directories(directory / name);
  WriteFile(directory / "adapter" / "adapter_config.json", R"({"base_model_name_or_path": "org/base"})");
  WriteFile(directory / "adapter" / "adapter_model.safetensors", "x");
  WriteFile(directory / "adapter" / "tokenizer.json", "{}");
  CheckMessage(ConvertError((directory / "adapter").string(), directory), {"LoRA", "org/base", "merge_and_unload"});
  WriteFile(directory / "tokenizer" / "tokenizer.json", "{}");
  CheckMessage(ConvertError((directory / "tokenizer").string(), directory),
               {"only a tokenizer", "config.json", "model.safetensors", "save_pretrained"});
  CheckMessage(ConvertError((directory / "empty").string(), directory), {"not a checkpoint", "save_pretrained"});
  WriteFile(directory / "configless" / "model.safetensors", "x");
  CheckMessage(ConvertError((directory / "configless").string(), directory), {"config.json", "no such file"});
}

TEST_CASE("checkpoint files: Git LFS pointers") {
  const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
  for (const char* name : {"model.safetensors", "config.json", "pytorch_model.bin"}) {
    CAPTURE(name);
    TemporaryDirectory directory;
    TinyCheckpoint().Write(directory / "c");
    if (std::string(name) == "pytorch_model.bin") fs::remove(directory / "c" / "model.safetensors");
    WriteFile(directory / "c" / name, pointer);
    CheckMessage(ConvertError((directory / "c").string(), directory), {name, "Git LFS pointer", "git lfs pull"});
  }
}

TEST_CASE("checkpoint files: a model's name is looked for in the Hugging Face cache") {
  TemporaryDirectory directory;
  const Variable home("HF_HOME", (directory / "hf").string());
  CheckMessage(ConvertError("org/tiny", directory), {"org/tiny", (directory / "hf").string(), "hf download org/tiny"});
  const fs::path model = directory / "hf" / "hub" / "models--org--tiny";
  TinyCheckpoint().Write(model / "snapshots" / "0123abc");
  fs::create_directories(model / "refs");
  WriteFile(model / "refs" / "main", "0123abc\n");
  CHECK(ConvertError("org/tiny", directory) == "");
  CHECK(FindCheckpoint("org/tiny") == model / "snapshots" / "0123abc");
  WriteFile(model / "refs" / "main", "../../../elsewhere");
  CheckMessage(ConvertError("org/tiny", directory), {"hf download org/tiny"});
  const Variable hub("HF_HUB_CACHE", (directory / "other").string());
  CheckMessage(ConvertError("org/tiny", directory), {(directory / "other").string()});
  for (const char* name : {"../x", "a/b/c", "-x", "a b", "x/"}) {
    CHECK(ConvertError(name, directory).find("hf download") == std::string::npos);
  }
}

TEST_CASE("checkpoint files: sharded weights give the file that whole ones give") {
  TemporaryDirectory directory;
  TinyCheckpoint whole;
  whole.Write(directory / "whole");
  CHECK(ConvertError((directory / "whole").string(), directory) == "");
  const std::vector<uint32_t> expected = DataOf(directory / "out.pbert");

  const fs::path sharded = directory / "sharded";
  nlohmann::json map = nlohmann::json::object();
  TinyCheckpoint parts[2] = {whole, whole};
  size_t number = 0;
  for (const auto& [name, tensor] : whole.tensors) {
    parts[number % 2].tensors.erase(name);
    map[name] = "part" + std::to_string((number + 1) % 2) + ".safetensors";
    ++number;
  }
  for (size_t i = 0; i < 2; ++i) {
    parts[i].Write(sharded);
    fs::rename(sharded / "model.safetensors", sharded / ("part" + std::to_string(i) + ".safetensors"));
  }
  const auto write_index = [&] {
    WriteFile(sharded / "model.safetensors.index.json", nlohmann::json{{"weight_map", map}}.dump());
  };
  write_index();
  CHECK(ConvertError(sharded.string(), directory) == "");
  CHECK(DataOf(directory / "out.pbert") == expected);

  map["more"] = "part0.safetensors";
  write_index();
  CheckMessage(ConvertError(sharded.string(), directory), {"index.json", "\"more\"", "not in part0.safetensors"});
  map["more"] = "part2.safetensors";
  write_index();
  CheckMessage(ConvertError(sharded.string(), directory), {"part2.safetensors", "download is not complete"});
  map["more"] = "../whole/model.safetensors";
  write_index();
  CheckMessage(ConvertError(sharded.string(), directory), {"not the name of a file beside it"});
}

TEST_CASE("checkpoint files: heads that are not there, of another task, without labels") {
  TemporaryDirectory directory;
  const auto error = [&](void (*change)(TinyCheckpoint*), const std::string& task = "") {
    TinyCheckpoint checkpoint;
    change(&checkpoint);
    fs::remove_all(directory / "c");
    checkpoint.Write(directory / "c");
    return ConvertError((directory / "c").string(), directory, task);
  };
  const auto behead = [](TinyCheckpoint* c) {
    for (const char* name : {"pre_classifier", "classifier"}) {
      for (const char* part : {".weight", ".bias"}) c->tensors.erase(std::string(name) + part);
    }
  };
  const auto keep = [](TinyCheckpoint*) {};
  CheckMessage(error(behead),
               {"pre_classifier.weight", "no head for text-classification", "fine-tune", "--task feature-extraction"});
  CHECK(error(behead, "feature-extraction") == "");
  CheckMessage(error(keep, "token-classification"), {"--task token-classification", "trained for text-classification"});
  CheckMessage(error(keep, "fill-mask"), {"vocab_transform.weight", "--task text-classification"});
  CheckMessage(error(keep, "translation"), {"--task translation", "not a task of model type distilbert", "fill-mask"});
  CheckMessage(error([](TinyCheckpoint* c) { c->config["architectures"] = {"DistilBertForMultipleChoice"}; }),
               {"DistilBertForMultipleChoice", "not supported", "--task feature-extraction"});
  CheckMessage(error([](TinyCheckpoint* c) { c->config.erase("id2label"); }),
               {"\"id2label\" is missing", "3 outputs", "\"id2label\": {\"0\": \"NAME\""});
  CheckMessage(error([](TinyCheckpoint* c) { c->config["vocab_size"] = 11; }),
               {"\"vocab_size\" is 11", "12 rows", "save_pretrained"});
}

}  // namespace
}  // namespace pbert::converter
