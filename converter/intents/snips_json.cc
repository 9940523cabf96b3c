#include "converter/intents/snips_json.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "converter/support/error.h"

namespace pbert::converter {
namespace {

// A string member, or "" where there is none.
std::string StringIn(const Json& object, const char* key, const std::string& where) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return "";
  if (!found->is_string()) throw Error(where + "`" + key + "` is no string");
  return found->get<std::string>();
}

class SnipsReader {
 public:
  SnipsReader(std::string path, Reading* reading) : path_(std::move(path)), reading_(*reading) {}

  void ReadIntent(const std::string& name, const Json& utterances) {
    const std::string source = path_ + ": intent `" + name + "`";
    if (!utterances.is_array()) throw Error(source + ": its utterances are no list");
    if (utterances.empty()) reading_.LeaveOut("intent without examples", "intents without examples");
    reading_.StartSource(source);
    size_t number = 0;
    for (const Json& utterance : utterances) {
      ++number;
      const std::string where = source + ": utterance " + std::to_string(number) + ": ";
      if (!utterance.is_object() || !utterance.contains("data") || !utterance["data"].is_array()) {
        throw Error(where + "not an object with a list `data`");
      }
      Sentence sentence = ReadUtterance(utterance["data"], where);
      if (WithoutBlanks(sentence.text).empty()) throw Error(where + "it is blank; write a sentence or take it out");
      sentence.intent = name;
      reading_.Add(number, std::move(sentence));
    }
  }

  void ReadEntities(const Json& entities) {
    if (!entities.is_object()) throw Error(path_ + ": `entities` is no object");
    for (const auto& [name, entity] : entities.items()) {
      const std::string where = path_ + ": entity `" + name + "`: ";
      if (!entity.is_object()) throw Error(where + "not an object");
      if (entity.contains("regex")) reading_.LeaveOut("regex", "regexes");
      const auto used = entity.find("use_synonyms");
      const auto data = entity.find("data");
      if (data == entity.end() || (used != entity.end() && *used == false)) continue;
      if (!data->is_array()) throw Error(where + "`data` is no list");
      for (const Json& entry : *data) ReadValue(name, entry, where);
    }
  }

 private:
  Sentence ReadUtterance(const Json& chunks, const std::string& where) {
    Sentence sentence;
    for (const Json& chunk : chunks) {
      if (!chunk.is_object() || !chunk.contains("text")) throw Error(where + "a part has no `text`");
      const std::string text = StringIn(chunk, "text", where);
      SlotSpan slot;
      slot.begin = sentence.text.size();
      sentence.text += text;
      slot.end = sentence.text.size();
      const std::string entity = StringIn(chunk, "entity", where);
      slot.entity = StringIn(chunk, "slot_name", where);
      if (slot.entity.empty()) slot.entity = entity;
      if (slot.entity.empty()) continue;
      if (WithoutBlanks(text).empty()) throw Error(where + "the slot `" + slot.entity + "` is blank");
      // Synonyms are of the entity, whose name only this knows.
      slot.value = synonyms_.Find(entity, text);
      sentence.slots.push_back(std::move(slot));
    }
    return sentence;
  }

  void ReadValue(const std::string& entity, const Json& entry, const std::string& where) {
    if (!entry.is_object()) throw Error(where + "an entry of `data` is no object");
    const std::string value = StringIn(entry, "value", where);
    if (value.empty()) throw Error(where + "a value is empty");
    synonyms_.Add(entity, value, value, SynonymTable::Rank::kListed);
    const auto synonyms = entry.find("synonyms");
    if (synonyms == entry.end()) return;
    if (!synonyms->is_array()) throw Error(where + "`synonyms` of `" + value + "` is no list");
    for (const Json& text : *synonyms) {
      if (!text.is_string()) throw Error(where + "a synonym of `" + value + "` is no string");
      synonyms_.Add(entity, text, value, SynonymTable::Rank::kListed);
      reading_.AddSynonym(entity, text, value);
    }
  }

  std::string path_;
  Reading& reading_;
  SynonymTable synonyms_;
};

// Whether these are utterances and not CLINC150's rows.
bool AreUtterances(const Json& list) {
  return list.is_array() && !list.empty() && list[0].is_object() && list[0].contains("data");
}

}  // namespace

bool IsSnips(const Json& root) {
  if (!root.is_object() || root.empty()) return false;
  const auto intents = root.find("intents");
  if (intents != root.end() && intents->is_object()) return true;
  return AreUtterances(*root.begin());
}

void ReadSnips(const Json& root, const std::string& path, Reading* reading) {
  SnipsReader reader(path, reading);
  const auto intents = root.find("intents");
  if (intents == root.end() || !intents->is_object()) {
    for (const auto& [name, utterances] : root.items()) reader.ReadIntent(name, utterances);
    return;
  }
  if (root.contains("entities")) reader.ReadEntities(root["entities"]);
  for (const auto& [name, intent] : intents->items()) {
    if (!intent.is_object() || !intent.contains("utterances")) {
      throw Error(path + ": intent `" + name + "` has no `utterances`");
    }
    reader.ReadIntent(name, intent["utterances"]);
  }
}

}  // namespace pbert::converter
