// Model files of any shape, with random weights of a sensible size, for the engine's tests.
#ifndef POCKETBERT_TESTS_ENGINE_NETWORK_FILE_H_
#define POCKETBERT_TESTS_ENGINE_NETWORK_FILE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/model.h"
#include "tests/support/tiny_file.h"

namespace pbert::test {

struct NetworkShape {
  uint32_t hidden = 24, heads = 3, ffn = 50;
  uint32_t embedding = 0;  // 0: as hidden, and no projection
  uint32_t layers = 2, tokens = 20;
  uint32_t types = 0;  // 0: no token types
  uint32_t position_offset = 0;
  int32_t uncounted_id = -1;
  std::vector<uint8_t> order = {};
  schema::Activation activation = schema::Activation::GeluErf;
  bool random =
      true;  // false: matrices hold the fixture's made-up values, for a large file of which only the shape matters
  // The type of each weight matrix, by its name in the file ("layer.0.ffn_out.weight").
  std::function<schema::TensorType(const std::string&)> type = AllOf(schema::TensorType::F32);

  static std::function<schema::TensorType(const std::string&)> AllOf(schema::TensorType type) {
    return [type](const std::string&) { return type; };
  }
  NetworkShape With(schema::TensorType all) const {
    NetworkShape shape = *this;
    shape.type = AllOf(all);
    return shape;
  }
};

// The heads of every such file.
enum HeadIndex : uint32_t {
  kClassifier,  // reads the first row: linear and ReLU, linear to 3 labels
  kTagger,      // reads all rows: linear to 5 labels
  kLanguage,    // reads listed rows: linear, GELU and norm; to the vocabulary, without a bias
  kFeatures,    // reads all rows, has no steps
  kManySteps,  // reads the first row: linear and tanh; nothing but a norm; to twice the width, GELU, norm; to 2 outputs
};
inline constexpr uint32_t kVocabulary = 20;

// The same shape gives the same weights (int8 ones are the rounded fp32 ones).
TinyFile MakeNetworkFile(const NetworkShape& shape);

// An open model and its memory, at an address that is 4-byte aligned and no better.
class OpenNetworkFile {
 public:
  explicit OpenNetworkFile(const NetworkShape& shape);
  const Model& model() const { return *model_; }

 private:
  Placed bytes_;
  std::unique_ptr<Model> model_;
};

}  // namespace pbert::test

#endif  // POCKETBERT_TESTS_ENGINE_NETWORK_FILE_H_
