// A .pbert file of an encoder with an intent head beside it.
#ifndef POCKETBERT_CONVERTER_INTENTS_BOT_FILE_H_
#define POCKETBERT_CONVERTER_INTENTS_BOT_FILE_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "converter/intents/intent_training.h"
#include "converter/support/file.h"

namespace pbert::converter {

struct BotFile {
  std::filesystem::path encoder;     // a .pbert file, whose tensors are copied byte for byte
  std::vector<std::string> intents;  // the labels
  const IntentHead* head = nullptr;
  std::string dataset;  // what it was trained on
  std::string recipe;   // how
};

// Writes it to `file`; returns its size. Throws Error.
uint64_t WriteBot(const BotFile& bot, const TemporaryFile& file);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_BOT_FILE_H_
