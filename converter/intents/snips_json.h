// The JSON of Snips NLU: its data sets, and the files of the SNIPS benchmark.
#ifndef POCKETBERT_CONVERTER_INTENTS_SNIPS_JSON_H_
#define POCKETBERT_CONVERTER_INTENTS_SNIPS_JSON_H_

#include <filesystem>
#include <string>

#include "converter/intents/reading.h"
#include "converter/support/json.h"

namespace pbert::converter {

// Whether it is one of:
//   {"intents": {NAME: {"utterances": [{"data": [{"text": "to "}, {"text": "Rome", "entity": "city", "slot_name":
//    "dest"}]}]}}, "entities": {"city": {"data": [{"value": "Rome", "synonyms": ["Roma"]}]}}}
//   {NAME: [{"data": [{"text": "to "}, {"text": "Rome", "entity": "city"}]}]}, the benchmark's
bool IsSnips(const Json& root);

// Slots are called by `slot_name`, else by `entity`; synonyms are those of their entity. Entities' regexes
// are left out with a note. Throws Error naming file, intent and place.
void ReadSnips(const Json& root, const std::string& path, Reading* reading);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_SNIPS_JSON_H_
