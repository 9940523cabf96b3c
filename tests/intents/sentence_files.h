// Files of sentences in a folder of the test's own, and what reading them says.
#ifndef POCKETBERT_TESTS_INTENTS_SENTENCE_FILES_H_
#define POCKETBERT_TESTS_INTENTS_SENTENCE_FILES_H_

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "converter/intents/sentences.h"
#include "converter/support/error.h"

namespace pbert::converter {

using Strings = std::vector<std::string>;

struct SentenceFiles {
  SentenceFiles()
      : path(std::filesystem::temp_directory_path() /
             ("pocketbert-sentences-" + std::to_string(getpid()) + "-" + std::to_string(++count))) {
    std::filesystem::create_directories(path);
  }
  ~SentenceFiles() { std::filesystem::remove_all(path); }
  std::string Write(const std::string& name, std::string_view content) const {
    std::filesystem::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << content;
    return (path / name).string();
  }
  std::filesystem::path path;
  static inline int count = 0;
};

// A file alone.
inline SentenceSet ReadFrom(const std::string& name, std::string_view content) {
  const SentenceFiles files;
  return ReadSentences(files.Write(name, content));
}

// The message, or "" where there is none.
inline std::string ErrorOfSentences(const std::string& argument) {
  try {
    ReadSentences(argument);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

inline std::string ErrorFrom(const std::string& name, std::string_view content) {
  const SentenceFiles files;
  return ErrorOfSentences(files.Write(name, content));
}

inline bool Holds(const std::string& text, const std::string& part) {
  const bool holds = text.find(part) != std::string::npos;
  if (!holds) MESSAGE("`", text, "` does not hold `", part, "`");
  return holds;
}

// "entity=text", "entity=text>value", "entity/role=text".
inline Strings SlotsOf(const Sentence& sentence) {
  Strings slots;
  for (const SlotSpan& slot : sentence.slots) {
    slots.push_back(slot.entity + (slot.role.empty() ? "" : "/" + slot.role) + "=" +
                    sentence.text.substr(slot.begin, slot.end - slot.begin) +
                    (slot.value.empty() ? "" : ">" + slot.value));
  }
  return slots;
}

}  // namespace pbert::converter

#endif  // POCKETBERT_TESTS_INTENTS_SENTENCE_FILES_H_
