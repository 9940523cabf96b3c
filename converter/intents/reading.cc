#include "converter/intents/reading.h"

#include <algorithm>
#include <set>

#include "base/utf8.h"
#include "converter/support/error.h"
#include "text/unicode.h"

namespace pbert::converter {
namespace {

void AppendCodePoint(char32_t code_point, std::string* text) {
  uint8_t bytes[4];
  text->append(reinterpret_cast<const char*>(bytes), EncodeUtf8(code_point, bytes));
}

}  // namespace

std::string LowerCase(std::string_view text) {
  std::string lower;
  while (!text.empty()) {
    const Utf8Char next = DecodeUtf8(text.data(), text.size());
    text.remove_prefix(next.length);
    const unicode::Record& record = unicode::RecordOf(next.code_point);
    if (record.flags & unicode::kLowerSequence) {
      const unicode::Sequence sequence = unicode::LowerSequence(next.code_point);
      for (uint32_t i = 0; i < sequence.size; ++i) AppendCodePoint(sequence.units[i], &lower);
    } else {
      AppendCodePoint(next.code_point + static_cast<char32_t>(record.lower_delta), &lower);
    }
  }
  return lower;
}

std::string_view WithoutBlanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

bool SynonymTable::Add(const std::string& entity, const std::string& text, const std::string& value, Rank rank) {
  by_value_.emplace(Key(entity, LowerCase(value)), value);
  if (text == value) return true;
  const auto [place, is_new] = by_text_.emplace(Key(entity, LowerCase(text)), entries_.size());
  if (is_new) {
    entries_.push_back({text, value, rank});
    return true;
  }
  Entry& entry = entries_[place->second];
  const bool same = entry.value == value;
  if (rank >= entry.rank) entry.value = value, entry.rank = rank;
  return same;
}

std::string SynonymTable::Find(const std::string& entity, std::string_view text) const {
  const std::string lower = LowerCase(text);
  for (const std::string& scope : {entity, std::string()}) {
    if (const auto found = by_text_.find({scope, lower}); found != by_text_.end()) return entries_[found->second].value;
    if (const auto found = by_value_.find({scope, lower}); found != by_value_.end()) return found->second;
  }
  return "";
}

std::vector<Synonym> SynonymTable::List() const {
  std::vector<Synonym> list;
  std::map<std::string_view, size_t> places;
  std::set<std::pair<std::string_view, std::string_view>> there;
  for (const Entry& entry : entries_) {
    const auto [place, is_new] = places.emplace(entry.value, list.size());
    if (is_new) list.push_back({entry.value, {}});
    // Two entities may share a text and its value.
    if (there.emplace(entry.value, entry.text).second) list[place->second].texts.push_back(entry.text);
  }
  return list;
}

std::string Reading::At(size_t line) const { return set_.sources.back() + ": line " + std::to_string(line) + ": "; }

void Reading::Add(size_t line, Sentence sentence) {
  const std::string_view text = WithoutBlanks(sentence.text);
  if (text.empty()) throw Error(At(line) + "the sentence is blank; write one or take the line out");
  if (WithoutBlanks(sentence.intent).empty()) throw Error(At(line) + "the intent's name is empty");
  const size_t cut = static_cast<size_t>(text.data() - sentence.text.data());
  for (SlotSpan& slot : sentence.slots) {
    // A slot at the edge of the sentence loses the blanks that the sentence loses.
    slot.begin = std::max(slot.begin, cut) - cut;
    slot.end = std::min(std::max(slot.end, cut) - cut, text.size());
    if (slot.entity.empty()) throw Error(At(line) + "a slot's name is empty");
    if (slot.begin >= slot.end || WithoutBlanks(text.substr(slot.begin, slot.end - slot.begin)).empty()) {
      throw Error(At(line) + "the slot `" + slot.entity + "` is blank");
    }
  }
  sentence.text = std::string(text);
  sentence.line = line;
  sentence.source = static_cast<uint32_t>(set_.sources.size() - 1);
  set_.sentences.push_back(std::move(sentence));
}

void Reading::AddSynonym(const std::string& entity, const std::string& text, const std::string& value,
                         SynonymTable::Rank rank) {
  if (!synonyms_.Add(entity, text, value, rank)) {
    LeaveOut("value of a text that has another (the last counts)",
             "values of texts that have others (the last counts)");
  }
}

SentenceSet Reading::Finish(const std::string& name, const std::string& path) {
  if (set_.sentences.empty()) throw Error(path + ": there is no sentence with an intent in it");
  const std::string& first = set_.sentences[0].intent;
  if (std::all_of(set_.sentences.begin(), set_.sentences.end(), [&](const Sentence& s) { return s.intent == first; })) {
    throw Error(path + ": all its sentences have the intent `" + first +
                "`; there must be two intents at least, for example one of what users say besides");
  }
  for (Sentence& sentence : set_.sentences) {
    for (SlotSpan& slot : sentence.slots) {
      const std::string_view text = std::string_view(sentence.text).substr(slot.begin, slot.end - slot.begin);
      if (slot.value.empty()) slot.value = synonyms_.Find("", text);
      if (slot.value == text) slot.value.clear();
    }
  }
  set_.name = name;
  set_.synonyms = synonyms_.List();
  for (const auto& [names, count] : left_out_) {
    set_.notes.push_back(std::to_string(count) + " " + (count == 1 ? names.first : names.second));
  }
  return std::move(set_);
}

}  // namespace pbert::converter
