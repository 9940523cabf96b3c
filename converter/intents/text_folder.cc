#include "converter/intents/text_folder.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "converter/evaluate/data_file.h"
#include "converter/evaluate/dataset.h"
#include "converter/support/error.h"

namespace pbert::converter {

namespace fs = std::filesystem;

std::vector<fs::path> FilesWithExtension(const fs::path& folder, const char* extension) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const fs::path& path = at->path();
    if (path.extension() == extension && !path.filename().string().starts_with('.') && at->is_regular_file()) {
      files.push_back(path);
    }
  }
  if (error) throw Error(folder.string() + ": cannot be read: " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

void ReadTextFileOfIntent(const fs::path& path, Reading* reading) {
  reading->StartSource(path.string());
  const std::string text = ReadDataFile(path);
  size_t number = 0, found = 0;
  for (const std::string_view line : TextLines(text)) {
    ++number;
    if (WithoutBlanks(line).empty()) continue;
    ++found;
    Sentence sentence;
    sentence.text = std::string(line);
    sentence.intent = path.stem().string();
    reading->Add(number, std::move(sentence));
  }
  if (found == 0)
    throw Error(path.string() + ": no sentence for this intent; write some, a line each, or remove the file");
}

}  // namespace pbert::converter
