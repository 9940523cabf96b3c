#include "converter/evaluate/dataset.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_map>

#include "converter/evaluate/data_file.h"
#include "converter/evaluate/delimited.h"
#include "converter/support/error.h"
#include "converter/support/json.h"
#include "converter/support/nearest.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLabelKeys[] = {"label_text", "label", "category"};

// What a text may be called, and the second one of a pair beside it; null: there is no second. The first that is there
// counts, so those with a second text come first.
struct TextKeys {
  const char *text, *pair;
};
constexpr TextKeys kTextKeys[] = {
    {"text", "text_pair"},      {"text", "pair"},     {"sentence", "sentence2"},  {"sentence1", "sentence2"},
    {"sentence", "text_pair"},  {"sentence", "pair"}, {"utterance", "text_pair"}, {"premise", "hypothesis"},
    {"question1", "question2"}, {"text", nullptr},    {"sentence", nullptr},      {"utterance", nullptr},
};
constexpr char kTextNames[] =
    "`text`, `sentence` or `utterance` (of pairs also `text_pair`; or `sentence1` and `sentence2`, `premise` and "
    "`hypothesis`)";

template <typename Has>
const TextKeys* FindTextKeys(Has has) {
  const auto found = std::find_if(std::begin(kTextKeys), std::end(kTextKeys), [&](const TextKeys& keys) {
    return has(keys.text) && (keys.pair == nullptr || has(keys.pair));
  });
  return found == std::end(kTextKeys) ? nullptr : found;
}

std::string AtLine(const std::string& source, size_t line) { return source + ": line " + std::to_string(line) + ": "; }

std::string_view WithoutByteOrderMark(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

std::vector<std::string> SplitAtCommas(const std::string& list) {
  std::vector<std::string> parts;
  for (size_t at = 0; at <= list.size();) {
    const size_t end = std::min(list.find(',', at), list.size());
    if (end > at) parts.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::string Joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : ", ") + part;
  return all;
}

// As a column of a .csv has it: several labels are joined by `|`.
std::string LabelText(const Json& label) {
  if (label.is_string()) return label.get<std::string>();
  if (!label.is_array()) return label.dump();
  std::string text;
  for (const Json& part : label) text += (text.empty() ? "" : "|") + LabelText(part);
  return text;
}

// Collects rows under the name of the file or split that they come from.
class Reader {
 public:
  Reader(fs::path path, std::vector<std::string> splits) : path_(std::move(path)), splits_(std::move(splits)) {}

  Dataset Read() {
    if (fs::is_directory(path_)) {
      ReadFolders();
    } else {
      ReadOneFile();
    }
    if (dataset_.rows.empty()) throw Error(path_.string() + ": there is no labelled text in it");
    return std::move(dataset_);
  }

 private:
  void ReadFolders() {
    if (splits_.empty()) return ReadFolder(path_);
    for (const std::string& split : splits_) {
      if (!fs::is_directory(path_ / split)) throw Error(path_.string() + ": it has no subfolder `" + split + "`");
      ReadFolder(path_ / split);
    }
  }

  // SNIPS: one text a line in seq.in, its intent in the same line of label. (seq.out holds slots.)
  void ReadFolder(const fs::path& folder) {
    if (!fs::exists(folder / "seq.in") || !fs::exists(folder / "label")) {
      throw Error(folder.string() + ": a dataset folder has a file seq.in and a file label");
    }
    const std::string text_file = ReadDataFile(folder / "seq.in");
    const std::string label_file = ReadDataFile(folder / "label");
    const auto texts = TextLines(text_file), labels = TextLines(label_file);
    if (texts.size() != labels.size()) {
      throw Error(folder.string() + ": seq.in has " + std::to_string(texts.size()) + " lines and label has " +
                  std::to_string(labels.size()));
    }
    StartSource((folder / "label").string());
    for (size_t i = 0; i < texts.size(); ++i) Add(i + 1, std::string(texts[i]), std::string(labels[i]));
  }

  void ReadOneFile() {
    const std::string name = path_.string();
    const std::string extension = DataName(path_).extension().string();
    if (extension == ".json") return ReadSplits();
    RequireNoSplits({name, splits_, name});
    if (extension == ".csv") return ReadDelimited(',', false);
    if (extension == ".tsv") return ReadDelimited('\t', true);
    if (extension == ".jsonl") return ReadJsonLines();
    if (extension == ".conll" || extension == ".annotated" || DataName(path_).filename() == "seq.out") {
      throw Error(name + ": it labels single words (CoNLL columns), which is for models of token classification");
    }
    throw Error(name + ": a dataset is a .csv, .tsv, .jsonl or CLINC150 .json file, or a folder with seq.in and label");
  }

  void ReadDelimited(char delimiter, bool lenient) {
    const std::string name = path_.string();
    const std::string text = ReadDataFile(path_);
    const auto records = ParseDelimited(WithoutByteOrderMark(text), delimiter, lenient, name);
    if (records.empty()) throw Error(name + ": it is empty");
    const std::vector<std::string>& header = records[0].fields;
    const auto column = [&](const char* wanted) {
      return std::find(header.begin(), header.end(), wanted) - header.begin();
    };
    const auto has = [&](const char* wanted) {
      return std::find(header.begin(), header.end(), wanted) != header.end();
    };
    const TextKeys* keys = FindTextKeys(has);
    const auto label = std::find_if(std::begin(kLabelKeys), std::end(kLabelKeys), has);
    if (keys == nullptr || label == std::end(kLabelKeys)) {
      throw Error(AtLine(name, 1) + "the header needs a column " +
                  (keys == nullptr ? kTextNames : "`label_text`, `label` or `category`") + "; it has " +
                  Joined(header));
    }
    const ptrdiff_t text_at = column(keys->text), label_at = column(*label);
    const ptrdiff_t pair_at = keys->pair == nullptr ? -1 : column(keys->pair);
    StartSource(name);
    for (size_t i = 1; i < records.size(); ++i) {
      const auto& fields = records[i].fields;
      if (records[i].columns != header.size()) {
        throw Error(AtLine(name, records[i].line) + std::to_string(records[i].columns) +
                    " columns where the header has " + std::to_string(header.size()));
      }
      Add(records[i].line, fields[text_at], fields[label_at]);
      if (pair_at >= 0) SetPair(fields[pair_at]);
    }
  }

  void ReadJsonLines() {
    const std::string name = path_.string();
    const std::string text = ReadDataFile(path_);
    StartSource(name);
    size_t number = 0;
    for (const std::string_view line : TextLines(text)) {
      ++number;
      if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
      Json row;
      std::string why;
      if (!TryParseJson(line, &row, &why)) throw Error(AtLine(name, number) + "not a JSON object: " + why);
      if (!row.is_object()) throw Error(AtLine(name, number) + "not a JSON object");
      // A null is as good as nothing.
      const auto has = [&](const char* key) { return row.contains(key) && !row[key].is_null(); };
      const TextKeys* keys = FindTextKeys(has);
      const auto label_key = std::find_if(std::begin(kLabelKeys), std::end(kLabelKeys), has);
      if (keys == nullptr || !row[keys->text].is_string())
        throw Error(AtLine(name, number) + "needs a string " + kTextNames);
      if (keys->pair != nullptr && !row[keys->pair].is_string()) {
        throw Error(AtLine(name, number) + "`" + keys->pair + "` is no string");
      }
      const Json* label = label_key == std::end(kLabelKeys) ? nullptr : &row[*label_key];
      if (label == nullptr || !(label->is_string() || label->is_number() || label->is_array())) {
        throw Error(AtLine(name, number) +
                    "needs a string, a number or a list of them as `label_text`, `label` or `category`");
      }
      Add(number, row[keys->text].get<std::string>(), LabelText(*label));
      if (keys->pair != nullptr) SetPair(row[keys->pair].get<std::string>());
    }
  }

  // CLINC150: {"train": [["text", "label"], ...], "oos_test": [...], ...}
  void ReadSplits() {
    const std::string name = path_.string();
    Json root;
    std::string why;
    if (!TryParseJson(ReadDataFile(path_), &root, &why)) {
      throw Error(name + ": not JSON (for an object a line, the name ends in .jsonl): " + why);
    }
    if (!root.is_object()) throw Error(name + ": a CLINC150 file is an object of splits");
    if (root.contains("data") && root.contains("version")) {
      throw Error(name + ": it holds questions (SQuAD), which is for models of question answering");
    }
    std::vector<std::string> known;
    for (const auto& item : root.items()) known.push_back(item.key());
    if (splits_.empty())
      throw Error(name + ": say which splits, as in " + name + ":" + Example(known) + ": it has " + Joined(known));
    for (const std::string& split : splits_) {
      const auto found = root.find(split);
      if (found == root.end()) {
        throw Error(name + ": no split `" + split + "` among " + Joined(known) + DidYouMean(split, known));
      }
      StartSource(name + ":" + split);
      size_t number = 0;
      for (const Json& row : *found) {
        ++number;
        if (!row.is_array() || row.size() != 2 || !row[0].is_string() || !row[1].is_string()) {
          throw Error(name + ": split " + split + ": entry " + std::to_string(number) + " is not [text, label]");
        }
        Add(number, row[0], row[1]);
      }
    }
  }

  static std::string Example(const std::vector<std::string>& splits) {
    return splits.empty()                                                    ? "test"
           : std::find(splits.begin(), splits.end(), "test") != splits.end() ? "test"
                                                                             : splits[0];
  }

  void StartSource(const std::string& source) { dataset_.sources.push_back(source); }

  void Add(size_t line, std::string text, std::string label) {
    DatasetRow row;
    row.text = std::move(text);
    row.label = std::move(label);
    row.line = line;
    row.source = static_cast<uint32_t>(dataset_.sources.size() - 1);
    dataset_.rows.push_back(std::move(row));
  }

  void SetPair(std::string pair) {
    dataset_.rows.back().pair = std::move(pair);
    dataset_.rows.back().has_pair = true;
  }

  fs::path path_;
  std::vector<std::string> splits_;
  Dataset dataset_;
};

// The last part of a path that is not empty: "snips" of "data/snips/".
std::string LastPart(const fs::path& path) {
  const fs::path name = path.has_filename() ? path.filename() : path.parent_path().filename();
  return name.string();
}

}  // namespace

std::vector<std::string_view> TextLines(std::string_view text) {
  std::vector<std::string_view> lines;
  text = WithoutByteOrderMark(text);
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

DatasetPath ParseDatasetPath(const std::string& argument) {
  DatasetPath parsed;
  fs::path path = argument;
  std::string suffix;
  if (const size_t colon = argument.rfind(':'); !fs::exists(path) && colon != std::string::npos) {
    path = argument.substr(0, colon);
    suffix = argument.substr(colon);
    parsed.splits = SplitAtCommas(argument.substr(colon + 1));
    if (parsed.splits.empty()) throw Error(argument + ": no split follows the colon");
  }
  if (!fs::exists(path)) throw Error(path.string() + ": no such file or folder");
  parsed.path = path.string();
  parsed.name = LastPart(path) + suffix;
  return parsed;
}

void RequireNoSplits(const DatasetPath& path) {
  if (path.splits.empty()) return;
  const std::string extension = DataName(path.path).extension().string();
  throw Error(path.path + ": a " + (extension.empty() ? "file of this kind" : extension + " file") +
              " has no splits that could be chosen here: leave out `:" + path.splits[0] + "`");
}

Dataset ReadDataset(const std::string& argument) {
  const DatasetPath parsed = ParseDatasetPath(argument);
  Dataset dataset = Reader(parsed.path, parsed.splits).Read();
  dataset.name = parsed.name;
  return dataset;
}

LabelledSet ResolveLabels(Dataset dataset, const std::vector<std::string>& labels,
                          const std::string& out_of_scope_label) {
  std::unordered_map<std::string_view, uint32_t> by_name;
  for (size_t i = 0; i < labels.size(); ++i) by_name.emplace(labels[i], static_cast<uint32_t>(i));
  LabelledSet set;
  set.name = dataset.name;
  set.examples.reserve(dataset.rows.size());
  for (DatasetRow& row : dataset.rows) {
    Example example;
    if (const auto found = by_name.find(row.label); found != by_name.end()) {
      example.label = found->second;
    } else {
      uint32_t index = 0;
      const char* end = row.label.data() + row.label.size();
      const auto [stopped, error] = std::from_chars(row.label.data(), end, index);
      if (error == std::errc() && stopped == end && index < labels.size()) example.label = index;
    }
    const bool named = example.label != kNoLabel;
    example.out_of_scope = row.label == out_of_scope_label || (named && labels[example.label] == out_of_scope_label);
    if (!named && !example.out_of_scope) {
      throw Error(AtLine(dataset.sources[row.source], row.line) + NoSuchLabel(row.label, labels));
    }
    set.out_of_scope += example.out_of_scope;
    example.text = std::move(row.text);
    example.pair = std::move(row.pair);
    example.has_pair = row.has_pair;
    set.examples.push_back(std::move(example));
  }
  return set;
}

}  // namespace pbert::converter
