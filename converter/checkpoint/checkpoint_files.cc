#include "converter/checkpoint/checkpoint_files.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "converter/checkpoint/pytorch_file.h"
#include "converter/checkpoint/safetensors.h"
#include "converter/checkpoint/sharded_weights.h"
#include "converter/checkpoint/tensor_reading.h"
#include "converter/checkpoint/unwrapped_weights.h"
#include "converter/support/error.h"
#include "converter/support/file.h"
#include "converter/support/json.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;

constexpr char kSaveAgain[] =
    "load it with transformers' AutoModel...from_pretrained(DIR) and write it with save_pretrained(NEW_DIR), which "
    "makes "
    "config.json and model.safetensors";

// What a file that is no checkpoint is, by its name, and what to do.
struct Remedy {
  const char* ending;
  const char* message;
};

constexpr Remedy kRemedies[] = {
    {".onnx",
     "an ONNX graph, in which the weights have lost their names; convert the checkpoint directory that it was "
     "exported from (config.json, model.safetensors, tokenizer.json)"},
    {".tflite",
     "a TensorFlow Lite model, made for another runtime; convert the checkpoint directory that it came from "
     "(config.json, model.safetensors, tokenizer.json)"},
    {".gguf",
     "a GGUF model of llama.cpp, made for another runtime; convert the checkpoint directory that it came from "
     "(config.json, model.safetensors, tokenizer.json)"},
    {".pt",
     "a bare PyTorch file, which says neither what network it is for nor how to tokenize; load it into its model "
     "and write model and tokenizer with save_pretrained(DIR), then convert DIR"},
    {".h5",
     "weights of TensorFlow; load them with from_pretrained(DIR, from_tf=True) and write them with "
     "save_pretrained(NEW_DIR)"},
    {".msgpack",
     "weights of Flax; load them with from_pretrained(DIR, from_flax=True) and write them with "
     "save_pretrained(NEW_DIR)"},
    {".pbert",
     "converted already: `pocketbert run` runs it, and to convert again give the checkpoint that it was made from"},
};

const Remedy* RemedyFor(const fs::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  if (ending == ".pth" || ending == ".ckpt") ending = ".pt";
  const auto found = std::find_if(std::begin(kRemedies), std::end(kRemedies),
                                  [&](const Remedy& remedy) { return remedy.ending == ending; });
  return found == std::end(kRemedies) ? nullptr : found;
}

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// As huggingface_hub looks for it.
fs::path HubCache() {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (const std::string path = Variable(name); !path.empty()) return path;
  }
  if (const std::string home = Variable("HF_HOME"); !home.empty()) return fs::path(home) / "hub";
  const std::string cache = Variable("XDG_CACHE_HOME");
  return (cache.empty() ? fs::path(Variable("HOME")) / ".cache" : fs::path(cache)) / "huggingface" / "hub";
}

// "name" or "organization/name", of the characters that a repository may have.
bool LooksLikeName(const std::string& text) {
  if (text.empty() || std::count(text.begin(), text.end(), '/') > 1) return false;
  const auto allowed = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == '/'; };
  return std::all_of(text.begin(), text.end(), allowed) && std::isalnum(static_cast<unsigned char>(text.front())) &&
         text.back() != '/' && text.find("..") == std::string::npos;
}

// The cache keeps a folder for each model, in it one for each version, and in refs/main which of them is the newest.
fs::path FindInCache(const std::string& name) {
  std::string folder = "models--" + name;
  if (const size_t slash = folder.find('/'); slash != std::string::npos) folder.replace(slash, 1, "--");
  const fs::path model = HubCache() / folder;
  if (!fs::exists(model / "refs" / "main")) return {};
  std::string version = ReadTextFile(model / "refs" / "main", 1024);
  while (!version.empty() && std::isspace(static_cast<unsigned char>(version.back()))) version.pop_back();
  const fs::path snapshot = model / "snapshots" / version;
  return !version.empty() && LooksLikeName(version) && fs::is_directory(snapshot) ? snapshot : fs::path();
}

constexpr char kMergeFirst[] =
    "merge them first: PeftModel.from_pretrained(base, ADAPTER_DIR).merge_and_unload().save_pretrained(DIR), "
    "tokenizer.save_pretrained(DIR), then convert DIR";

// Tensors as PEFT's wrappers call them: beside the base model's own stand others that change its answers.
void RequireNoAdapter(const Weights& weights) {
  constexpr std::string_view kParts[] = {
      ".modules_to_save.",  ".base_layer.",           ".lora_A.", ".lora_B.", ".lora_embedding_A.",
      ".lora_embedding_B.", ".lora_magnitude_vector."};
  for (const std::string& name : weights.Names()) {
    const bool left = name.starts_with("base_model.model.") ||
                      std::any_of(std::begin(kParts), std::end(kParts),
                                  [&](std::string_view part) { return name.find(part) != std::string::npos; });
    if (left) {
      throw Error(weights.name() + ": tensor \"" + name +
                  "\": the model is still wrapped for an adapter (LoRA) by PEFT; " + kMergeFirst);
    }
  }
}

// Throws Error for a directory that has a configuration and no weights, or not even that.
[[noreturn]] void ExplainNoWeights(const fs::path& directory) {
  const std::string where = directory.string() + ": ";
  if (fs::exists(directory / "adapter_config.json")) {
    std::string base = "its base model";
    const Json json = ReadJsonFile(directory / "adapter_config.json");
    const auto named = json.find("base_model_name_or_path");
    if (named != json.end() && named->is_string()) base = named->get<std::string>();
    throw Error(where + "only an adapter (LoRA) for " + base + ", not a whole model; " + kMergeFirst);
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    if (const Remedy* remedy = RemedyFor(file)) throw Error(file.string() + ": " + remedy->message);
  }
  const bool tokenizer = fs::exists(directory / "tokenizer.json") || fs::exists(directory / "vocab.txt") ||
                         fs::exists(directory / "vocab.json");
  const std::string wanted = fs::exists(directory / "config.json")
                                 ? "weights: there is no such file as model.safetensors or pytorch_model.bin"
                                 : "config.json and weights (model.safetensors or pytorch_model.bin)";
  if (tokenizer) {
    throw Error(where + "only a tokenizer; what is missing: " + wanted +
                "; write them here with model.save_pretrained(DIR)");
  }
  throw Error(where + "not a checkpoint; what is missing: " + wanted +
              "; give the directory that save_pretrained wrote");
}

}  // namespace

fs::path FindCheckpoint(const std::string& path_or_name) {
  const fs::path path(path_or_name);
  if (fs::is_directory(path)) return path;
  if (fs::exists(path)) {
    if (const Remedy* remedy = RemedyFor(path)) throw Error(path_or_name + ": " + remedy->message);
    CheckNoLfsPointer(path);
    throw Error(path_or_name + ": not a directory; a checkpoint is the directory that save_pretrained wrote" +
                (path.has_parent_path() ? ", perhaps " + path.parent_path().string() : std::string()));
  }
  if (!LooksLikeName(path_or_name)) throw Error(path_or_name + ": no such directory");
  const fs::path snapshot = FindInCache(path_or_name);
  if (!snapshot.empty()) return snapshot;
  throw Error(path_or_name + ": no such directory, and no such model in the Hugging Face cache (" +
              HubCache().string() + "); if it is a model's name, download it with: hf download " + path_or_name);
}

namespace {

std::unique_ptr<Weights> OpenFiles(const fs::path& directory) {
  const auto open_safetensors = [](const fs::path& file) -> std::unique_ptr<Weights> {
    return std::make_unique<SafeTensors>(file);
  };
  const auto open_pytorch = [](const fs::path& file) -> std::unique_ptr<Weights> {
    CheckNoLfsPointer(file);
    return std::make_unique<PyTorchFile>(file);
  };
  const bool has_config = fs::exists(directory / "config.json");
  const auto has = [&](const char* name) { return has_config && fs::exists(directory / name); };
  if (has("model.safetensors")) return open_safetensors(directory / "model.safetensors");
  if (has("model.safetensors.index.json")) {
    return std::make_unique<ShardedWeights>(directory / "model.safetensors.index.json", open_safetensors);
  }
  if (has("pytorch_model.bin")) return open_pytorch(directory / "pytorch_model.bin");
  if (has("pytorch_model.bin.index.json")) {
    return std::make_unique<ShardedWeights>(directory / "pytorch_model.bin.index.json", open_pytorch);
  }
  if (!has_config && fs::exists(directory / "model.safetensors")) {
    throw Error((directory / "config.json").string() + ": no such file, and without it the weights say too little; " +
                kSaveAgain);
  }
  ExplainNoWeights(directory);
}

}  // namespace

std::unique_ptr<Weights> OpenWeights(const fs::path& directory) {
  std::unique_ptr<Weights> weights = OpenFiles(directory);
  RequireNoAdapter(*weights);
  return std::make_unique<UnwrappedWeights>(std::move(weights));
}

}  // namespace pbert::converter
