// What sentences are sorted into before a head is trained on them.
#ifndef POCKETBERT_CONVERTER_INTENTS_MATERIAL_H_
#define POCKETBERT_CONVERTER_INTENTS_MATERIAL_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "converter/intents/intent_training.h"
#include "converter/intents/sentence_features.h"
#include "converter/intents/sentences.h"
#include "converter/support/callbacks.h"
#include "converter/support/file.h"

namespace pbert::converter {

// Two lines that get an encoder and run `pocketbert COMMAND` with it.
std::string GetAnEncoder(const std::string& command);

// Whether an intent's name means that there is none. `label` is the user's own, or empty: "oos", "out_of_scope" and
// Rasa's "nlu_fallback".
bool IsOutOfScope(const std::string& intent, const std::string& label);

// The sentences' texts, those that are out of scope behind the others.
struct Material {
  std::vector<std::string> intents;  // ascending
  std::vector<std::string> texts;
  std::vector<size_t> places;    // of each text in SentenceSet::sentences
  std::vector<uint32_t> labels;  // of the first of `texts`
  size_t out_of_scope = 0;
};

// What becomes of intents with a single sentence, of which none can be held out.
enum class SingleSentences { kRefuse, kLeaveOut };

// kRefuse throws Error, also where there are fewer than two intents; kLeaveOut may leave none.
Material SortSentences(const SentenceSet& set, const std::string& out_of_scope_label, SingleSentences singles);

// As ReadSentences; says what was left out.
SentenceSet ReadSentences(const std::string& argument, const WarningCallback& warn);

// The label of each text; that of those that are out of scope is the number of intents.
std::vector<uint32_t> AllLabels(const Material& material);

// The texts, and behind them the intents' names, if they are to count and say something.
std::vector<std::string> TextsAndNames(const Material& material, bool names);

// An intent's name as a sentence: "card_arrival" and "CardArrival" are "card arrival". Empty where it has no letters.
std::string NameAsSentence(const std::string& name);

// All names, or none where one says nothing.
std::vector<std::string> NamesAsSentences(const std::vector<std::string>& intents);

// `features` are of the material's texts and of the names behind them.
IntentExamples ExamplesOf(const Material& material, const SentenceFeatures& features);

// A .pbert file, or what a checkpoint was converted to, which goes with the object.
struct EncoderFile {
  std::filesystem::path path;
  std::unique_ptr<TemporaryFile> converted;
};
EncoderFile FindEncoder(const std::string& encoder, const ProgressCallback& progress);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_MATERIAL_H_
