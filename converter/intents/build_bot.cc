#include "converter/intents/build_bot.h"

#include <algorithm>
#include <filesystem>

#include "converter/evaluate/model_handle.h"
#include "converter/intents/bot_file.h"
#include "converter/intents/material.h"
#include "converter/intents/sentence_features.h"
#include "converter/intents/sentences.h"
#include "converter/support/error.h"
#include "converter/support/file.h"

namespace fs = std::filesystem;

namespace pbert::converter {
namespace {

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

BuildResult BuildBot(const BuildOptions& options) {
  if (options.encoder.empty()) {
    throw Error(
        "--encoder is missing: the model of sentences to stand on. These two lines get a good small one of English and "
        "build on it:\n" +
        GetAnEncoder("build SENTENCES -o bot.pbert"));
  }
  const SentenceSet set = ReadSentences(options.sentences, options.warn);
  const Material material = SortSentences(set, options.out_of_scope_label, SingleSentences::kRefuse);
  const std::vector<std::string> texts = TextsAndNames(material, options.names);
  auto file = TemporaryBeside(options.output);
  const EncoderFile encoder = FindEncoder(options.encoder, options.progress);
  const SentenceFeatures features = EmbedSentences(encoder.path, texts, options.threads, options.progress);
  BuildResult result;
  result.head = TrainIntents(ExamplesOf(material, features), {.keep = options.keep, .threads = options.threads},
                             options.progress);
  result.intents = material.intents;
  result.sentences = material.labels.size();
  result.out_of_scope = material.out_of_scope;
  result.encoder_bytes = fs::file_size(encoder.path);
  result.file_bytes = WriteBot({.encoder = encoder.path,
                                .intents = material.intents,
                                .head = &result.head,
                                .dataset = set.name,
                                .recipe = "build"},
                               *file);
  Check(file->path(), material, result.head);
  file->Rename(options.output);
  return result;
}

}  // namespace pbert::converter
