#include "converter/evaluate/task_sets.h"

#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "converter/evaluate/data_file.h"
#include "converter/evaluate/tag_names.h"
#include "converter/support/error.h"
#include "converter/support/json.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> Words(std::string_view line) {
  std::vector<std::string> words;
  for (size_t at = 0; (at = line.find_first_not_of(" \t", at)) != std::string_view::npos;) {
    const size_t end = std::min(line.find_first_of(" \t", at), line.size());
    words.emplace_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

std::string LineOf(const fs::path& path, size_t number) { return path.string() + ": line " + std::to_string(number); }

void ReadFolder(const fs::path& folder, const TagNames& names, std::vector<TaggedSentence>* sentences) {
  if (!fs::exists(folder / "seq.in") || !fs::exists(folder / "seq.out")) {
    throw Error(folder.string() + ": a folder of tagged words has a file seq.in and a file seq.out");
  }
  const std::string word_file = ReadDataFile(folder / "seq.in");
  const std::string tag_file = ReadDataFile(folder / "seq.out");
  const auto words = TextLines(word_file), tags = TextLines(tag_file);
  if (words.size() != tags.size()) {
    throw Error(folder.string() + ": seq.in has " + std::to_string(words.size()) + " lines and seq.out has " +
                std::to_string(tags.size()));
  }
  for (size_t i = 0; i < words.size(); ++i) {
    TaggedSentence sentence{Words(words[i]), Words(tags[i])};
    if (sentence.words.size() != sentence.tags.size()) {
      throw Error(LineOf(folder / "seq.out", i + 1) + ": " + std::to_string(sentence.tags.size()) + " tags for " +
                  std::to_string(sentence.words.size()) + " words");
    }
    for (std::string& tag : sentence.tags) tag = names.Resolve(tag, LineOf(folder / "seq.out", i + 1));
    sentences->push_back(std::move(sentence));
  }
}

// Lines of CoNLL columns, and what their form says.
class Columns {
 public:
  Columns(const fs::path& path, const TagNames& names) : path_(path), names_(names), text_(ReadDataFile(path)) {}

  void Read(std::vector<TaggedSentence>* sentences) {
    const std::vector<std::string_view> lines = TextLines(text_);
    FindForm(lines);
    TaggedSentence sentence;
    size_t number = 0;
    const auto finish = [&] {
      if (!sentence.words.empty()) sentences->push_back(std::move(sentence));
      sentence = {};
    };
    for (const std::string_view line : lines) {
      ++number;
      const std::vector<std::string> columns = Words(line);
      if (Separates(columns)) {
        finish();
        continue;
      }
      if (sentence.words.empty() && IsComment(columns)) continue;
      if (columns.size() < 2) {
        throw Error(LineOf(path_, number) + ": a word without a tag (CoNLL columns have both)");
      }
      sentence.words.push_back(columns.front());
      sentence.tags.push_back(names_.Resolve(columns.back(), LineOf(path_, number)));
    }
    finish();
  }

 private:
  static bool Separates(const std::vector<std::string>& columns) {
    return columns.empty() || columns[0] == "-DOCSTART-";
  }

  // A word may be a # or a #hashtag, too.
  bool IsComment(const std::vector<std::string>& columns) const {
    return columns[0].starts_with('#') && ((width_ != 0 && columns.size() != width_) || !names_.Names(columns.back()));
  }

  // How many columns words have, by the first line that cannot be a comment. Words that are numbered as they stand in
  // their sentence (1, 2, 3-4, 5.1), as CoNLL-U, GermEval and others have them, are in no first column.
  void FindForm(const std::vector<std::string_view>& lines) {
    size_t place = 0, numbered = 0, number = 0, first = 0;
    for (const std::string_view line : lines) {
      ++number;
      const std::vector<std::string> columns = Words(line);
      if (Separates(columns)) {
        place = 0;
        continue;
      }
      if (columns[0].starts_with('#')) continue;
      if (width_ == 0) width_ = columns.size(), first = number;
      if (columns.size() < 3) return;
      size_t count = 0;
      const std::string& name = columns[0];
      const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), count);
      const bool plain = end == name.data() + name.size();
      if (error != std::errc() || (!plain && *end != '-' && *end != '.') || (plain && count != place + 1)) return;
      if (plain) place = count;
      ++numbered;
    }
    if (numbered > 0) {
      throw Error(LineOf(path_, first) +
                  ": words have their running numbers in the first column, as in CoNLL-U: the "
                  "first is to be the word and the last its tag; keep these two, as by cut -f2,4");
    }
  }

  const fs::path path_;
  const TagNames& names_;
  const std::string text_;
  size_t width_ = 0;
};

}  // namespace

std::vector<TaggedSentence> ReadTagged(const DatasetPath& path, const std::vector<std::string>& labels) {
  std::vector<TaggedSentence> sentences;
  const TagNames names(labels);
  if (fs::is_directory(path.path)) {
    if (path.splits.empty()) ReadFolder(path.path, names, &sentences);
    for (const std::string& split : path.splits) ReadFolder(fs::path(path.path) / split, names, &sentences);
  } else {
    RequireNoSplits(path);
    Columns(path.path, names).Read(&sentences);
  }
  if (sentences.empty()) throw Error(path.path + ": there are no tagged words in it");
  return sentences;
}

std::vector<Question> ReadQuestions(const DatasetPath& path) {
  const std::string wrong = path.path + ": this model answers questions: a data set is SQuAD's JSON, ";
  RequireNoSplits(path);
  Json root;
  std::string why;
  if (!TryParseJson(ReadDataFile(path.path), &root, &why))
    throw Error(wrong + "an object with `data`, and this is no JSON: " + why);
  if (!root.is_object() || !root.contains("data") || !root["data"].is_array()) {
    throw Error(wrong + "an object with `data`");
  }
  std::vector<Question> questions;
  try {
    for (const Json& article : root["data"]) {
      for (const Json& paragraph : article.at("paragraphs")) {
        std::shared_ptr<const std::string> context;
        for (const Json& asked : paragraph.at("qas")) {
          Question question;
          question.question = asked.at("question").get<std::string>();
          if (!context) context = std::make_shared<const std::string>(paragraph.at("context").get<std::string>());
          question.context = context;
          const bool impossible = asked.value("is_impossible", false);  // then `answers` may be left out
          if (!impossible || asked.contains("answers")) {
            for (const Json& answer : asked.at("answers"))
              question.answers.push_back(answer.at("text").get<std::string>());
          }
          questions.push_back(std::move(question));
        }
      }
    }
  } catch (const Json::exception&) {
    throw Error(wrong + "and question " + std::to_string(questions.size() + 1) +
                " lacks a `question`, its paragraph's `context` or `answers` with `text`");
  }
  if (questions.empty()) throw Error(path.path + ": there are no questions in it");
  return questions;
}

std::vector<ScoredPair> ReadScoredPairs(const std::string& argument) {
  const Dataset rows = ReadDataset(argument);
  std::vector<ScoredPair> pairs;
  for (const DatasetRow& row : rows.rows) {
    double score = 0;
    const char* end = row.label.data() + row.label.size();
    const auto [stopped, error] = std::from_chars(row.label.data(), end, score);
    if (!row.has_pair || error != std::errc() || stopped != end) {
      throw Error(
          rows.sources[row.source] + ": line " + std::to_string(row.line) +
          ": this model embeds texts: a data set has `text`, `text_pair` and a number as `label`, how alike they are");
    }
    pairs.push_back({row.text, row.pair, score});
  }
  return pairs;
}

}  // namespace pbert::converter
