// A classifier on features of the whole encoder: hand-made states of which every number can be reckoned.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/tasks/feature_fixture.h"

namespace pbert::test {
namespace {

using schema::TensorType;

// Of [CLS] hello world [SEP] three tokens have pattern 1 and one 2: their sum has the length sqrt(8 * (9 + 1)).
const double kLength = std::sqrt(80.0);

TEST_CASE("features are means behind layers, of the length that the file says") {
  const TinyFile file = FeatureFile();
  const TaskSession session(file);
  const pbert_classification result = Asked(session, "hello world");
  CHECK(result.logits[0] == doctest::Approx(0.5 * 4 / kLength));
  CHECK(result.logits[1] == doctest::Approx(4 / kLength));
  CHECK(result.logits[2] == doctest::Approx(3 * 2 / kLength));
  CHECK(result.labels[0].label == 2);
  // The file's temperature is 2.
  double sum = 0;
  for (uint32_t i = 0; i < 3; ++i) sum += std::exp(static_cast<double>(result.logits[i]) / 2);
  CHECK(result.labels[0].score == doctest::Approx(std::exp(3 / kLength) / sum));
}

TEST_CASE("what is understood is what the schema says") {
  TinyFile file = FeatureFile();
  SetRow(&file, "head.other.weight", 0, 1, 1, 1);
  SetRow(&file, "head.projection.weight", 0, 1, 2, 10);
  SetRow(&file, "head.projection.weight", 1, 1, 1, 1);
  const float means[] = {1, 0, 0, 0, 0, 3}, precisions[] = {0.25f, 0.5f};
  std::copy_n(means, 6, file.values("head.means"));
  std::copy_n(precisions, 2, file.values("head.precisions"));
  const double x[] = {10 / kLength, 3 / kLength};
  const double nearest = (x[0] - 1) * (x[0] - 1) + x[1] * x[1];
  const double distance = nearest - (x[0] * x[0] * 0.25 + x[1] * x[1] * 0.5);
  double energy = 0;
  for (const double logit : {2 / kLength, 4 / kLength, 6 / kLength}) energy += std::exp(logit);
  energy = std::log(energy);
  const double other = 3 / kLength;
  const double understood = 1 / (1 + std::exp(-(0.25 + 0.5 * energy + 0.75 * (energy - other) - 0.125 * distance)));
  for (const double shift : {-0.001, 0.001}) {
    file.model.heads[0]->reject_threshold = static_cast<float>(understood + shift);
    const TaskSession session(file);
    const pbert_classification result = Asked(session, "hello world");
    CHECK(result.understood == doctest::Approx(understood));
    CHECK(result.rejected == (shift > 0 ? 1u : 0u));
  }
}

TEST_CASE("without a rejection the top score is what is understood") {
  TinyFile file = FeatureFile();
  file.model.heads[0]->rejection = nullptr;
  const TaskSession session(file);
  const pbert_classification result = Asked(session, "hello world");
  CHECK(result.understood == result.labels[0].score);
}

TEST_CASE("int8 weights give what floats give, but for rounding") {
  TinyFile floats = PatternFile({{kHello, 2}});
  SetFeatureHead(&floats, TensorType::F32);
  TinyFile bytes = PatternFile({{kHello, 2}});
  SetFeatureHead(&bytes, TensorType::I8);
  for (const char* name : {"head.features.weight", "head.other.weight", "head.projection.weight", "head.means"}) {
    const schema::TensorT& tensor = floats.tensor(name);
    for (uint32_t row = 0; row < tensor.shape[0]; ++row) {
      for (uint32_t i = 0; i < tensor.shape[1]; ++i) {
        const uint32_t at = row * tensor.shape[1] + i;
        floats.values(name)[at] =
            static_cast<float>(reinterpret_cast<const int8_t*>(bytes.bytes(name))[at]) * bytes.scales(name)[row];
      }
    }
  }
  for (const char* name : {"head.features.bias", "head.other.bias", "head.projection.bias", "head.precisions"}) {
    std::copy_n(bytes.values(name), bytes.tensor(name).shape[0], floats.values(name));
  }
  const TaskSession exact(floats), rounded(bytes);
  const pbert_classification a = Asked(exact, "hello world"), b = Asked(rounded, "hello world");
  for (uint32_t i = 0; i < 3; ++i) CHECK(b.logits[i] == doctest::Approx(a.logits[i]).epsilon(0.01));
  CHECK(b.understood == doctest::Approx(a.understood).epsilon(0.01));
}

TEST_CASE("a text in windows has the mean of their features, and a batch the answers of one by one") {
  const TinyFile file = FeatureFile();
  const TaskSession session(file);
  const std::string text = "hello world world world world world world world world world world hello";
  pbert_input inputs[] = {Text("hello"), Text(text), Text("world hello")};
  inputs[1].max_tokens = 6;
  inputs[1].stride = 1;
  std::vector<float> alone;
  for (const pbert_input& input : inputs) {
    pbert_classification result = PBERT_CLASSIFICATION;
    REQUIRE(pbert_classify(session, &input, &result) == PBERT_OK);
    alone.insert(alone.end(), result.logits, result.logits + 3);
  }
  // Windows of four words that share one: hello www, wwww, wwww, ww hello; their features are of different lengths.
  CHECK(alone[3 + 1] > 0);
  CHECK(alone[3 + 1] < alone[1]);
  std::vector<float> together;
  const auto visit = [](void* context, uint32_t, const pbert_classification* result) {
    auto* all = static_cast<std::vector<float>*>(context);
    all->insert(all->end(), result->logits, result->logits + 3);
    return 0;
  };
  REQUIRE(pbert_classify_batch(session, inputs, 3, visit, &together) == PBERT_OK);
  CHECK(together == alone);
}

TEST_CASE("beside a head for embeddings the features are those of the text that is asked about") {
  TinyFile file = FeatureFile();
  auto embeddings = std::make_unique<schema::HeadT>();
  embeddings->name = "embeddings";
  embeddings->task = schema::Task::FeatureExtraction;
  embeddings->rows = schema::RowChoice::All;
  file.model.heads.push_back(std::move(embeddings));
  const TaskSession session(file);
  const TaskSession alone(FeatureFile());
  const pbert_input other = Text("world");
  const std::vector<pbert_input> batch = {Text("world"), Text("hello hello")};
  for (int i = 0; i < 3; ++i) {
    const pbert_classification result = Asked(session, "hello world");
    const pbert_classification expected = Asked(alone, "hello world");
    CHECK(std::equal(result.logits, result.logits + 3, expected.logits));
    pbert_embedding embedding = PBERT_EMBEDDING;
    const auto ignore = [](void*, uint32_t, const pbert_embedding*) { return 0; };
    if (i == 0) REQUIRE(pbert_embed(session, &other, PBERT_POOL_MEAN, 0, &embedding) == PBERT_OK);
    if (i == 1) REQUIRE(pbert_embed_batch(session, batch.data(), 2, PBERT_POOL_MEAN, 0, ignore, nullptr) == PBERT_OK);
  }
}

}  // namespace
}  // namespace pbert::test
