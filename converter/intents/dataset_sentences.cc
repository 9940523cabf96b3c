#include "converter/intents/dataset_sentences.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "converter/evaluate/task_sets.h"
#include "converter/support/error.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;

bool HasTags(const DatasetPath& path) {
  if (path.splits.empty()) return fs::exists(fs::path(path.path) / "seq.out");
  bool has = false;
  for (const std::string& split : path.splits) has |= fs::exists(fs::path(path.path) / split / "seq.out");
  return has;
}

// Words joined by blanks, and what B- and I- tags say about them. An I- behind another kind of entity begins one, as
// conlleval has it.
Sentence FromTags(const TaggedSentence& tagged, const std::string& where) {
  Sentence sentence;
  std::string open;  // the kind of entity that the word before is of
  for (size_t i = 0; i < tagged.words.size(); ++i) {
    if (i > 0) sentence.text += ' ';
    const size_t begin = sentence.text.size();
    sentence.text += tagged.words[i];
    const std::string& tag = tagged.tags[i];
    const bool inside = tag.starts_with("I-");
    if (tag == "O") {
      open.clear();
      continue;
    }
    if ((!inside && !tag.starts_with("B-")) || tag.size() == 2) {
      throw Error(where + "the tag `" + tag + "` is none of O, B-NAME and I-NAME");
    }
    const std::string entity = tag.substr(2);
    if (inside && entity == open) {
      sentence.slots.back().end = sentence.text.size();
    } else {
      SlotSpan slot;
      slot.begin = begin;
      slot.end = sentence.text.size();
      slot.entity = open = entity;
      sentence.slots.push_back(std::move(slot));
    }
  }
  return sentence;
}

}  // namespace

void ReadDatasetSentences(const std::string& argument, const DatasetPath& path, Reading* reading) {
  Dataset dataset = ReadDataset(argument);
  std::vector<TaggedSentence> tagged;
  if (HasTags(path)) {
    tagged = ReadTagged(path);
    if (tagged.size() != dataset.rows.size()) {
      throw Error(path.path + ": " + std::to_string(dataset.rows.size()) + " lines in label and " +
                  std::to_string(tagged.size()) + " in seq.out");
    }
  }
  size_t started = 0;
  for (size_t i = 0; i < dataset.rows.size(); ++i) {
    DatasetRow& row = dataset.rows[i];
    while (started <= row.source) reading->StartSource(dataset.sources[started++]);
    if (row.has_pair) {
      throw Error(reading->At(row.line) +
                  "a pair of texts, and build takes single sentences: leave out the second text");
    }
    Sentence sentence;
    if (tagged.empty()) {
      sentence.text = std::move(row.text);
    } else {
      sentence = FromTags(tagged[i], reading->At(row.line));
    }
    sentence.intent = std::move(row.label);
    reading->Add(row.line, std::move(sentence));
  }
}

}  // namespace pbert::converter
