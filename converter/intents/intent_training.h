// Trains an intent classifier on a frozen encoder's features, with a score that says what it does not understand.
#ifndef POCKETBERT_CONVERTER_INTENTS_INTENT_TRAINING_H_
#define POCKETBERT_CONVERTER_INTENTS_INTENT_TRAINING_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "converter/intents/dense.h"
#include "converter/intents/discriminant.h"
#include "converter/intents/sentence_features.h"
#include "converter/support/callbacks.h"

namespace pbert::converter {

// Sentences by number in `features`, with their intents' numbers.
struct IntentExamples {
  const SentenceFeatures& features;
  std::vector<size_t> sentences = {};
  std::vector<uint32_t> labels = {};      // < intents
  std::vector<size_t> out_of_scope = {};  // sentences that have no intent
  std::vector<size_t> names = {};  // the intents' names as sentences, one for each intent; empty: they say nothing
  size_t intents = 0;
};

struct TrainingOptions {
  double keep = 0.97;  // the share of understood sentences that is not to be rejected
  size_t threads = 1;
};

// What schema::Rejection holds.
struct RejectionWeights {
  float offset = 0, energy = 0, out_of_scope = 0, distance = 0;
};

// What is known from predictions of sentences that the predicting head had not seen.
struct HeldOut {
  std::vector<uint32_t> predicted;         // for each of IntentExamples.sentences
  std::vector<float> probability;          // of its own label
  std::vector<float> certainty;            // the probability of the predicted one
  std::vector<uint32_t> others_predicted;  // for each of IntentExamples.out_of_scope the likeliest intent
  std::vector<float> others_certainty;     // its probability, with "out of scope" among what there is to choose from
  double accuracy = 0;                     // of those with an intent
  double calibration_error = 0;            // expected, in 15 bins
  double out_of_scope_found = 0;           // share of the out-of-scope sentences that would be rejected
};

struct IntentHead {
  std::vector<WeightedLayer> layers;
  bool names_used = false;
  double strength = 0;
  DenseMatrix linear;  // [intents, and one more where there are out-of-scope sentences; features and 1]
  float temperature = 1;
  Discriminant discriminant;
  float logits_of_distance = 0;  // see LogitsOfDistance
  RejectionWeights rejection;    // understood is above 1/2 for what is to be kept
  HeldOut held_out;
};

// By cross-validation on these sentences alone. The same bits for the same features on every machine. Throws Error.
IntentHead TrainIntents(const IntentExamples& examples, const TrainingOptions& options,
                        const ProgressCallback& progress);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_INTENT_TRAINING_H_
