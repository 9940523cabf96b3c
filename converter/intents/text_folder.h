// A folder with a text file for each intent.
#ifndef POCKETBERT_CONVERTER_INTENTS_TEXT_FOLDER_H_
#define POCKETBERT_CONVERTER_INTENTS_TEXT_FOLDER_H_

#include <filesystem>
#include <vector>

#include "converter/intents/reading.h"

namespace pbert::converter {

// The files in a folder that end so, in the order of their names; nothing that is hidden.
std::vector<std::filesystem::path> FilesWithExtension(const std::filesystem::path& folder, const char* extension);

// A .txt file: its name without that is the intent, and every line that is not blank a sentence, `#` or not. Throws
// Error.
void ReadTextFileOfIntent(const std::filesystem::path& path, Reading* reading);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_TEXT_FOLDER_H_
