#include "converter/evaluate/texts.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "converter/evaluate/data_file.h"
#include "converter/evaluate/dataset.h"
#include "converter/evaluate/task_sets.h"
#include "converter/support/error.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> Labelled(const std::string& argument) {
  std::vector<std::string> texts;
  for (DatasetRow& row : ReadDataset(argument).rows) {
    texts.push_back(std::move(row.text));
    if (row.has_pair) texts.push_back(std::move(row.pair));
  }
  return texts;
}

std::vector<std::string> Tagged(const DatasetPath& path) {
  std::vector<std::string> texts;
  for (const TaggedSentence& sentence : ReadTagged(path)) {
    std::string text;
    for (const std::string& word : sentence.words) text += (text.empty() ? "" : " ") + word;
    texts.push_back(std::move(text));
  }
  return texts;
}

std::vector<std::string> Asked(const DatasetPath& path) {
  std::vector<std::string> texts;
  const std::string* last = nullptr;
  for (const Question& question : ReadQuestions(path)) {
    texts.push_back(question.question);
    if (question.context.get() != last) texts.push_back(*question.context);
    last = question.context.get();
  }
  return texts;
}

std::vector<std::string> Lines(const DatasetPath& path) {
  RequireNoSplits(path);
  std::vector<std::string> texts;
  const std::string text = ReadDataFile(path.path);
  for (const std::string_view line : TextLines(text)) texts.emplace_back(line);
  return texts;
}

// A folder or .json file of another task is no set of labelled texts; where it is of neither the first reason counts,
// which is about the commoner kind.
template <typename Other>
std::vector<std::string> LabelledOr(const std::string& argument, Other other) {
  try {
    return Labelled(argument);
  } catch (const Error& error) {
    try {
      return other(ParseDatasetPath(argument));
    } catch (const Error&) {
    }
    throw Error(error);
  }
}

std::vector<std::string> ReadAny(const std::string& argument) {
  const DatasetPath path = ParseDatasetPath(argument);
  if (fs::is_directory(path.path)) return LabelledOr(argument, Tagged);
  const std::string extension = DataName(path.path).extension().string();
  if (extension == ".json") return LabelledOr(argument, Asked);
  if (extension == ".csv" || extension == ".tsv" || extension == ".jsonl") {
    try {
      return Labelled(argument);
    } catch (const Error& error) {
      throw Error(std::string(error.what()) + "; texts without labels may be a .txt file, one a line");
    }
  }
  if (extension == ".conll" || extension == ".annotated") return Tagged(path);
  return Lines(path);
}

}  // namespace

std::vector<std::string> ReadTexts(const std::string& argument) {
  std::vector<std::string> texts = ReadAny(argument);
  const auto blank = [](const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; };
  if (std::all_of(texts.begin(), texts.end(), blank)) throw Error(argument + ": there is no text in it");
  return texts;
}

}  // namespace pbert::converter
