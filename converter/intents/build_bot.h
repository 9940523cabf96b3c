// Labelled sentences become a bot: an intent head on a frozen encoder of sentences, in one file.
#ifndef POCKETBERT_CONVERTER_INTENTS_BUILD_BOT_H_
#define POCKETBERT_CONVERTER_INTENTS_BUILD_BOT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "converter/intents/intent_training.h"
#include "converter/support/callbacks.h"

namespace pbert::converter {

struct BuildOptions {
  std::string sentences;  // what ReadSentences reads
  std::string encoder;    // a .pbert file of sentence embeddings, a checkpoint, or a name in the Hugging Face cache
  std::string output;
  std::string out_of_scope_label;  // empty: "oos", "out_of_scope" and Rasa's "nlu_fallback"
  double keep = 0.97;
  bool names = true;  // the intents' names may count as sentences
  size_t threads = 1;
  ProgressCallback progress;
  WarningCallback warn;
};

struct BuildResult {
  std::vector<std::string> intents;
  size_t sentences = 0, out_of_scope = 0;
  uint64_t encoder_bytes = 0, file_bytes = 0;
  IntentHead head;
};

// The file appears when it is complete, and has been opened and asked for what was trained. Throws Error.
BuildResult BuildBot(const BuildOptions& options);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_BUILD_BOT_H_
