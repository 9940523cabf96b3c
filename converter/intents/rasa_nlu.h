// Rasa's training data: YAML of the versions 2 and 3 (https://rasa.com/docs, "Training Data Format").
#ifndef POCKETBERT_CONVERTER_INTENTS_RASA_NLU_H_
#define POCKETBERT_CONVERTER_INTENTS_RASA_NLU_H_

#include <filesystem>
#include <vector>

#include "converter/intents/reading.h"

namespace pbert::converter {

bool IsYamlName(const std::filesystem::path& path);

// All files with such a name in a folder and its subfolders, in the order of their paths; nothing that is hidden.
std::vector<std::filesystem::path> YamlFiles(const std::filesystem::path& folder);

// The items of `nlu`: intents, with their examples as a text of lines or as a list, and synonyms. Noted as left out are
// regexes, lookup tables, metadata, entities' groups, lines of examples that do not begin with `-` (Rasa leaves them
// out, too), intents without examples, and what else the file holds (stories, rules, ...). A file `alone` must have
// `nlu`. Throws Error naming file and line.
void ReadRasaFile(const std::filesystem::path& path, bool alone, Reading* reading);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_RASA_NLU_H_
