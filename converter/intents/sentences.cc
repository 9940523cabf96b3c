#include "converter/intents/sentences.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "converter/evaluate/data_file.h"
#include "converter/evaluate/dataset.h"
#include "converter/intents/dataset_sentences.h"
#include "converter/intents/rasa_nlu.h"
#include "converter/intents/reading.h"
#include "converter/intents/snips_json.h"
#include "converter/intents/text_folder.h"
#include "converter/support/error.h"
#include "converter/support/json.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;

constexpr char kSentenceKinds[] =
    "sentences are a .csv, .tsv, .jsonl or CLINC150 .json file; Rasa's .yml, or a folder of them; Snips NLU's .json; a "
    "folder with seq.in and label; or a folder with a .txt for each intent";

Json ParseFileOfJson(const fs::path& path) {
  Json root;
  std::string why;
  if (!TryParseJson(ReadDataFile(path), &root, &why)) {
    throw Error(path.string() + ": not JSON (for an object a line, the name ends in .jsonl): " + why);
  }
  if (root.is_object() && root.contains("rasa_nlu_data")) {
    throw Error(path.string() + ": the JSON of Rasa 1; make YAML of it by `rasa data convert nlu -f yaml`");
  }
  return root;
}

void ReadFolderOfSentences(const fs::path& folder, Reading* reading) {
  if (const auto yaml = YamlFiles(folder); !yaml.empty()) {
    for (const fs::path& file : yaml) ReadRasaFile(file, false, reading);
  } else if (const auto json = FilesWithExtension(folder, ".json"); !json.empty()) {
    for (const fs::path& file : json) {
      const Json root = ParseFileOfJson(file);
      if (!IsSnips(root))
        throw Error(file.string() + ": not Snips NLU's JSON; name this file alone if it is CLINC150's");
      ReadSnips(root, file.string(), reading);
    }
  } else if (const auto text = FilesWithExtension(folder, ".txt"); !text.empty()) {
    for (const fs::path& file : text) ReadTextFileOfIntent(file, reading);
  } else {
    throw Error(folder.string() + ": no sentences in this folder; " + kSentenceKinds);
  }
}

// Whether ReadDataset is asked: for a folder with seq.in, or some in its splits.
bool IsDatasetFolder(const fs::path& folder, const std::vector<std::string>& splits) {
  if (splits.empty()) return fs::exists(folder / "seq.in");
  for (const std::string& split : splits) {
    if (!fs::is_directory(folder / split)) throw Error(folder.string() + ": it has no subfolder `" + split + "`");
    if (fs::exists(folder / split / "seq.in")) return true;
  }
  return false;
}

void ReadFileOfSentences(const std::string& argument, const DatasetPath& path, Reading* reading) {
  const fs::path name = DataName(path.path);
  if (IsYamlName(name)) {
    RequireNoSplits(path);
    return ReadRasaFile(path.path, true, reading);
  }
  if (name.extension() == ".json") {
    const Json root = ParseFileOfJson(path.path);
    if (IsSnips(root)) {
      RequireNoSplits(path);
      return ReadSnips(root, path.path, reading);
    }
  } else if (name.extension() == ".txt") {
    throw Error(path.path + ": one text file has no intents; name the folder that has one for each intent");
  } else if (name.extension() != ".csv" && name.extension() != ".tsv" && name.extension() != ".jsonl") {
    throw Error(path.path + ": " + kSentenceKinds);
  }
  ReadDatasetSentences(argument, path, reading);
}

}  // namespace

SentenceSet ReadSentences(const std::string& argument) {
  const DatasetPath path = ParseDatasetPath(argument);
  Reading reading;
  if (!fs::is_directory(path.path)) {
    ReadFileOfSentences(argument, path, &reading);
  } else if (IsDatasetFolder(path.path, path.splits)) {
    ReadDatasetSentences(argument, path, &reading);
  } else if (path.splits.empty()) {
    ReadFolderOfSentences(path.path, &reading);
  } else {
    for (const std::string& split : path.splits) ReadFolderOfSentences(fs::path(path.path) / split, &reading);
  }
  return reading.Finish(path.name, path.path);
}

}  // namespace pbert::converter
