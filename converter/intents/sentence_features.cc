#include "converter/intents/sentence_features.h"

#include <algorithm>
#include <memory>

#include "converter/check/raw_outputs.h"
#include "converter/evaluate/parallel.h"
#include "converter/support/error.h"
#include "tasks/features.h"

namespace pbert::converter {
namespace {

// Writes the means of one sentence.
struct MeansTap {
  const std::vector<uint32_t>& layers;
  float* out;

  void See(TapPoint point, uint32_t layer, const float* hidden, size_t rows, size_t hidden_size) const {
    const auto found = std::find(layers.begin(), layers.end(), layer);
    if (point == TapPoint::kAttention || found == layers.end()) return;
    TakeMean(hidden, rows, hidden_size, 1, out + static_cast<size_t>(found - layers.begin()) * hidden_size);
  }
};

}  // namespace

SentenceFeatures EmbedSentences(const std::filesystem::path& encoder, std::span<const std::string> texts,
                                size_t threads, const ProgressCallback& progress) {
  std::vector<std::unique_ptr<RawModel>> models;
  const size_t workers = WorkersFor(texts.size(), threads);
  for (size_t i = 0; i < workers; ++i) models.push_back(std::make_unique<RawModel>(encoder, RawOptions()));
  const Model& model = models[0]->model();
  if (model.head(0).task() != schema::Task::FeatureExtraction) {
    throw Error(encoder.string() + ": its task is " + schema::EnumNameTask(model.head(0).task()) +
                ": an encoder for sentences is wanted, a file of sentence embeddings (convert makes one of a "
                "sentence-transformers checkpoint)");
  }
  const schema::Encoder& table = model.encoder();
  const uint32_t last = table.order() != nullptr ? table.order()->size() : table.layers()->size();
  SentenceFeatures features;
  features.layers = {0, last / 2, last};
  features.layers.erase(std::unique(features.layers.begin(), features.layers.end()), features.layers.end());
  features.hidden_size = table.hidden_size();
  features.sentences = texts.size();
  features.values.resize(texts.size() * features.layers.size() * features.hidden_size);
  features.cut.resize(texts.size());
  const auto report = [&](size_t done, size_t total) {
    if (progress) progress("embedding", static_cast<double>(done) / static_cast<double>(total));
  };
  ForEachExample(texts.size(), workers, report, [&](size_t worker, size_t index) {
    MeansTap means{features.layers, features.values.data() + index * features.layers.size() * features.hidden_size};
    const HiddenStateTap tap = {
        [](void* context, TapPoint point, uint32_t layer, const float* hidden, size_t rows, size_t hidden_size) {
          static_cast<MeansTap*>(context)->See(point, layer, hidden, rows, hidden_size);
        },
        &means};
    TextInput input;
    input.text = texts[index];
    models[worker]->Encode(input, &tap);
    features.cut[index] = models[worker]->encoding().truncated;
  });
  return features;
}

DenseMatrix FeatureMatrix(const SentenceFeatures& features, std::span<const size_t> sentences,
                          std::span<const WeightedLayer> layers) {
  DenseMatrix matrix(sentences.size(), layers.size() * features.hidden_size + 1);
  for (size_t row = 0; row < sentences.size(); ++row) {
    float* out = matrix.row(row);
    for (const WeightedLayer& wanted : layers) {
      const auto layer = std::find(features.layers.begin(), features.layers.end(), wanted.layer);
      const float* const part = features.part(sentences[row], static_cast<size_t>(layer - features.layers.begin()));
      for (size_t i = 0; i < features.hidden_size; ++i) *out++ = part[i] * wanted.weight;
    }
    *out = 1;
  }
  return matrix;
}

}  // namespace pbert::converter
