#include "converter/intents/build_bot.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>

#include "base/ascii.h"
#include "converter/convert.h"
#include "converter/evaluate/model_handle.h"
#include "converter/intents/bot_file.h"
#include "converter/intents/sentence_features.h"
#include "converter/intents/sentences.h"
#include "converter/support/error.h"
#include "converter/support/file.h"

namespace fs = std::filesystem;

namespace pbert::converter {
namespace {

constexpr char kNoEncoder[] =
    "--encoder is missing: the model of sentences to stand on. These two lines get a good small one of English and "
    "build on it:\n"
    "  pip install huggingface_hub && hf download sentence-transformers/all-MiniLM-L6-v2\n"
    "  pocketbert build SENTENCES -o bot.pbert --encoder sentence-transformers/all-MiniLM-L6-v2";

bool IsOutOfScope(const std::string& intent, const std::string& label) {
  if (!label.empty()) return intent == label;
  return intent == "oos" || intent == "out_of_scope" || intent == "nlu_fallback";
}

// The sentences' texts, those that are out of scope behind the others, and the names behind these.
struct Material {
  std::vector<std::string> intents, texts;
  std::vector<uint32_t> labels;  // of the first of `texts`
  size_t out_of_scope = 0;
};

Material Sort(const SentenceSet& set, const BuildOptions& options) {
  Material material;
  std::map<std::string, size_t> counts;
  for (const Sentence& sentence : set.sentences) {
    if (!IsOutOfScope(sentence.intent, options.out_of_scope_label)) ++counts[sentence.intent];
  }
  if (counts.size() < 2) throw Error(set.name + ": only one intent: a bot needs at least two to choose from");
  for (const auto& [intent, count] : counts) {
    if (count < 2) {
      throw Error(set.name + ": intent " + intent + ": only one sentence: two are the least, ten are a good beginning");
    }
    material.intents.push_back(intent);
  }
  std::vector<std::string> others;
  for (const Sentence& sentence : set.sentences) {
    if (IsOutOfScope(sentence.intent, options.out_of_scope_label)) {
      others.push_back(sentence.text);
      continue;
    }
    const auto place = std::lower_bound(material.intents.begin(), material.intents.end(), sentence.intent);
    material.labels.push_back(static_cast<uint32_t>(place - material.intents.begin()));
    material.texts.push_back(sentence.text);
  }
  material.out_of_scope = others.size();
  material.texts.insert(material.texts.end(), others.begin(), others.end());
  return material;
}

// All names, or none where one says nothing.
std::vector<std::string> NamesAsSentences(const std::vector<std::string>& intents) {
  std::vector<std::string> names;
  for (const std::string& intent : intents) {
    names.push_back(NameAsSentence(intent));
    if (names.back().empty()) return {};
  }
  return names;
}

// Opened as an application would, it must say what the trained head says of its own sentences.
void Check(const fs::path& file, const Material& material, const IntentHead& head) {
  const ModelHandle model(file.string(), "text-classification");
  pbert_session_options options = PBERT_SESSION_OPTIONS;
  options.tasks = 1u << PBERT_TEXT_CLASSIFICATION;
  const SessionHandle session = model.NewSession(options);
  constexpr size_t kMost = 200;
  const size_t count = material.labels.size(), step = std::max<size_t>(1, count / kMost);
  size_t asked = 0, right = 0;
  for (size_t i = 0; i < count; i += step) {
    const pbert_input input = MakeInput(material.texts[i], nullptr);
    pbert_classification answer = PBERT_CLASSIFICATION;
    Require(pbert_classify(session.get(), &input, &answer));
    ++asked;
    right += answer.labels[0].label == material.labels[i];
  }
  // A sentence that was trained on is nearly always known: far fewer than that are a fault of ours.
  if (static_cast<double>(right) < static_cast<double>(asked) * (head.held_out.accuracy - 0.1)) {
    throw Error(model.path() + ": the file knows " + std::to_string(right) + " of " + std::to_string(asked) +
                " of its own sentences: please report this as a fault of pocketbert");
  }
}

}  // namespace

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
    if (letter || digit) text += upper ? static_cast<char>(c - 'A' + 'a') : c;
    letters = letters || letter;
    lower = letter && !upper;
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return letters ? text : std::string();
}

BuildResult BuildBot(const BuildOptions& options) {
  if (options.encoder.empty()) throw Error(kNoEncoder);
  const SentenceSet set = ReadSentences(options.sentences);
  for (const std::string& note : set.notes) {
    if (options.warn) options.warn(set.name + ": left out: " + note);
  }
  const Material material = Sort(set, options);
  std::vector<std::string> texts = material.texts;
  const std::vector<std::string> names =
      options.names ? NamesAsSentences(material.intents) : std::vector<std::string>();
  texts.insert(texts.end(), names.begin(), names.end());

  auto file = TemporaryBeside(options.output);
  std::unique_ptr<TemporaryFile> converted;
  fs::path encoder = options.encoder;
  if (!fs::is_regular_file(encoder)) {
    converted = WriteScratchModel(options.encoder, WeightType::kInt8, options.progress);
    encoder = converted->path();
  }
  const SentenceFeatures features = EmbedSentences(encoder, texts, options.threads, options.progress);
  IntentExamples examples{.features = features, .intents = material.intents.size()};
  for (size_t i = 0; i < texts.size(); ++i) {
    const bool labelled = i < material.labels.size(), other = !labelled && i < material.texts.size();
    (labelled ? examples.sentences : other ? examples.out_of_scope : examples.names).push_back(i);
  }
  examples.labels = material.labels;
  BuildResult result;
  result.head = TrainIntents(examples, {.keep = options.keep, .threads = options.threads}, options.progress);
  result.intents = material.intents;
  result.sentences = material.labels.size();
  result.out_of_scope = material.out_of_scope;
  result.encoder_bytes = fs::file_size(encoder);
  result.file_bytes = WriteBot(
      {.encoder = encoder, .intents = material.intents, .head = &result.head, .dataset = set.name, .recipe = "build"},
      *file);
  Check(file->path(), material, result.head);
  file->Rename(options.output);
  return result;
}

}  // namespace pbert::converter
