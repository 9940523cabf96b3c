// What a frozen encoder makes of sentences.
#ifndef POCKETBERT_CONVERTER_INTENTS_SENTENCE_FEATURES_H_
#define POCKETBERT_CONVERTER_INTENTS_SENTENCE_FEATURES_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "converter/intents/dense.h"
#include "converter/support/callbacks.h"

namespace pbert::converter {

// A part of a sentence's features: the mean of the states behind a layer, scaled to this length.
struct WeightedLayer {
  uint32_t layer = 0;
  float weight = 1;
};

// For each sentence the means behind some layers, each of length 1.
struct SentenceFeatures {
  std::vector<uint32_t> layers;  // ascending
  size_t hidden_size = 0, sentences = 0;
  std::vector<float> values;  // [sentences, layers, hidden size]
  std::vector<uint8_t> cut;   // [sentences]: whether the encoder could not take all of it

  const float* part(size_t sentence, size_t layer) const {
    return values.data() + (sentence * layers.size() + layer) * hidden_size;
  }
};

// Runs `texts` through the encoder of a .pbert file: the embeddings, the middle layer and the last one. Throws Error,
// also where the file is not one of sentence embeddings.
SentenceFeatures EmbedSentences(const std::filesystem::path& encoder, std::span<const std::string> texts,
                                size_t threads, const ProgressCallback& progress);

// A row for each of `sentences`: the parts in `layers`, which are among the features', one behind the other, and a 1.
DenseMatrix FeatureMatrix(const SentenceFeatures& features, std::span<const size_t> sentences,
                          std::span<const WeightedLayer> layers);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_SENTENCE_FEATURES_H_
