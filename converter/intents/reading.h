// What the readers of the single formats add to: a set that is not finished, for synonyms and counts come from all
// files.
#ifndef POCKETBERT_CONVERTER_INTENTS_READING_H_
#define POCKETBERT_CONVERTER_INTENTS_READING_H_

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "converter/intents/sentences.h"

namespace pbert::converter {

// Without blanks, tabs and line ends at its beginning and end.
std::string_view WithoutBlanks(std::string_view text);

std::string LowerCase(std::string_view text);

// What texts of entities stand for. Letters' case makes no difference, as in Rasa and Snips.
class SynonymTable {
 public:
  enum class Rank { kListed, kAnnotated };  // where both are, an annotation counts, as in Rasa

  // `entity` is empty where it is said of all. Of several values of one text the last counts; false: there were.
  bool Add(const std::string& entity, const std::string& text, const std::string& value, Rank rank);
  // The value of a text that another is listed or annotated for; also of a value in other letters (`PARIS`). Or "".
  std::string Find(const std::string& entity, std::string_view text) const;
  std::vector<Synonym> List() const;

 private:
  struct Entry {
    std::string text, value;
    Rank rank;
  };
  using Key = std::pair<std::string, std::string>;  // entity, text in lower case
  std::vector<Entry> entries_;
  std::map<Key, size_t> by_text_;
  std::map<Key, std::string> by_value_;
};

class Reading {
 public:
  // What follows comes from there.
  void StartSource(const std::string& source) { set_.sources.push_back(source); }
  // `source: line 3: `
  std::string At(size_t line) const;

  // Line and source are filled in; blanks around the text are taken away. Throws Error where text, intent or a slot is
  // blank.
  void Add(size_t line, Sentence sentence);
  // Of all entities where `entity` is empty, and only then Finish gives it to slots without a value.
  void AddSynonym(const std::string& entity, const std::string& text, const std::string& value,
                  SynonymTable::Rank rank = SynonymTable::Rank::kListed);
  // Something left out, by its names as one and as many: "regex", "regexes".
  void LeaveOut(const std::string& one, const std::string& many) { ++left_out_[{one, many}]; }

  // The set under this name, which is that of `path` in messages. Throws Error unless there are two intents.
  SentenceSet Finish(const std::string& name, const std::string& path);

 private:
  SentenceSet set_;
  SynonymTable synonyms_;
  std::map<std::pair<std::string, std::string>, size_t> left_out_;
};

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_READING_H_
