#include "converter/intents/material.h"

#include <algorithm>
#include <map>

#include "base/ascii.h"
#include "converter/convert.h"
#include "converter/support/error.h"

namespace pbert::converter {

std::string GetAnEncoder(const std::string& command) {
  const std::string name = "sentence-transformers/all-MiniLM-L6-v2";
  return "  pip install huggingface_hub && hf download " + name + "\n  pocketbert " + command + " --encoder " + name;
}

bool IsOutOfScope(const std::string& intent, const std::string& label) {
  if (!label.empty()) return intent == label;
  return intent == "oos" || intent == "out_of_scope" || intent == "nlu_fallback";
}

Material SortSentences(const SentenceSet& set, const std::string& out_of_scope_label, SingleSentences singles) {
  Material material;
  std::map<std::string, size_t> counts;
  for (const Sentence& sentence : set.sentences) {
    if (!IsOutOfScope(sentence.intent, out_of_scope_label)) ++counts[sentence.intent];
  }
  const bool refuse = singles == SingleSentences::kRefuse;
  if (!refuse) std::erase_if(counts, [](const auto& intent) { return intent.second < 2; });
  if (refuse && counts.size() < 2) throw Error(set.name + ": only one intent: a bot needs at least two to choose from");
  for (const auto& [intent, count] : counts) {
    if (count < 2) {
      throw Error(set.name + ": intent " + intent + ": only one sentence: two are the least, ten are a good beginning");
    }
    material.intents.push_back(intent);
  }
  std::vector<size_t> others;
  for (size_t i = 0; i < set.sentences.size(); ++i) {
    const Sentence& sentence = set.sentences[i];
    if (IsOutOfScope(sentence.intent, out_of_scope_label)) {
      others.push_back(i);
      continue;
    }
    const auto place = std::lower_bound(material.intents.begin(), material.intents.end(), sentence.intent);
    if (place == material.intents.end() || *place != sentence.intent) continue;
    material.labels.push_back(static_cast<uint32_t>(place - material.intents.begin()));
    material.places.push_back(i);
  }
  material.out_of_scope = others.size();
  material.places.insert(material.places.end(), others.begin(), others.end());
  for (const size_t place : material.places) material.texts.push_back(set.sentences[place].text);
  return material;
}

SentenceSet ReadSentences(const std::string& argument, const WarningCallback& warn) {
  SentenceSet set = ReadSentences(argument);
  for (const std::string& note : set.notes) {
    if (warn) warn(set.name + ": left out: " + note);
  }
  return set;
}

std::vector<uint32_t> AllLabels(const Material& material) {
  std::vector<uint32_t> labels = material.labels;
  labels.resize(material.texts.size(), static_cast<uint32_t>(material.intents.size()));
  return labels;
}

std::vector<std::string> TextsAndNames(const Material& material, bool names) {
  std::vector<std::string> texts = material.texts;
  if (!names) return texts;
  for (std::string& name : NamesAsSentences(material.intents)) texts.push_back(std::move(name));
  return texts;
}

std::string NameAsSentence(const std::string& name) {
  std::string text;
  bool letters = false, lower = false;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z', other = static_cast<unsigned char>(c) >= 0x80;
    const bool letter = upper || (c >= 'a' && c <= 'z') || other;
    const bool digit = c >= '0' && c <= '9';
    if ((upper && lower) || !(letter || digit)) {
      if (!text.empty() && text.back() != ' ') text += ' ';
    }
    if (letter || digit) text += LowerAscii(c);
    letters = letters || letter;
    lower = letter && !upper;
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return letters ? text : std::string();
}

std::vector<std::string> NamesAsSentences(const std::vector<std::string>& intents) {
  std::vector<std::string> names;
  for (const std::string& intent : intents) {
    names.push_back(NameAsSentence(intent));
    if (names.back().empty()) return {};
  }
  return names;
}

IntentExamples ExamplesOf(const Material& material, const SentenceFeatures& features) {
  IntentExamples examples{.features = features, .intents = material.intents.size()};
  for (size_t i = 0; i < features.sentences; ++i) {
    const bool labelled = i < material.labels.size(), other = !labelled && i < material.texts.size();
    (labelled ? examples.sentences : other ? examples.out_of_scope : examples.names).push_back(i);
  }
  examples.labels = material.labels;
  return examples;
}

EncoderFile FindEncoder(const std::string& encoder, const ProgressCallback& progress) {
  EncoderFile file{.path = encoder, .converted = nullptr};
  if (!std::filesystem::is_regular_file(file.path)) {
    file.converted = WriteScratchModel(encoder, WeightType::kInt8, progress);
    file.path = file.converted->path();
  }
  return file;
}

}  // namespace pbert::converter
