// A classifier that reads features, in the place of the tiny file's own.
#ifndef POCKETBERT_TESTS_SUPPORT_FEATURE_HEAD_H_
#define POCKETBERT_TESTS_SUPPORT_FEATURE_HEAD_H_

#include <memory>
#include <string>

#include "tests/support/tiny_file.h"

namespace pbert::test {

// RowMajor, with a bias.
inline std::unique_ptr<schema::LinearT> AddRowMajor(TinyFile* file, const std::string& name, uint32_t rows,
                                                    uint32_t columns, schema::TensorType type) {
  auto linear = std::make_unique<schema::LinearT>();
  linear->weight = file->AddMatrix(name + ".weight", rows, columns, type);
  linear->bias = file->AddVector(name + ".bias", rows);
  return linear;
}

// Means behind the embeddings and the layer, three labels, and all terms of a rejection with two dimensions. Tensors:
// head.features, head.other, head.projection, each .weight and .bias; head.means, head.precisions.
inline TinyFile& SetFeatureHead(TinyFile* file, schema::TensorType type) {
  constexpr uint32_t kWidth = 2 * TinyFile::kHidden, kDimensions = 2;
  schema::HeadT& head = *file->model.heads[0];
  head.rows = schema::RowChoice::All;
  head.steps.clear();
  head.features = std::make_unique<schema::FeaturesT>();
  for (uint32_t layer = 0; layer < 2; ++layer) {
    head.features->parts.push_back(std::make_unique<schema::FeaturePartT>());
    head.features->parts.back()->layer = layer;
  }
  head.features->linear = AddRowMajor(file, "head.features", TinyFile::kLabels, kWidth, type);
  head.temperature = 2;
  head.rejection = std::make_unique<schema::RejectionT>();
  schema::RejectionT& rejection = *head.rejection;
  rejection.offset = 0.25f;
  rejection.energy_weight = 0.5f;
  rejection.out_of_scope_weight = 0.75f;
  rejection.out_of_scope = AddRowMajor(file, "head.other", 1, kWidth, type);
  rejection.distance_weight = 0.125f;
  rejection.projection = AddRowMajor(file, "head.projection", kDimensions, kWidth, type);
  rejection.means = file->AddMatrix("head.means", TinyFile::kLabels, kDimensions, type);
  rejection.precisions = file->AddVector("head.precisions", kDimensions, 0.5f);
  return *file;
}

}  // namespace pbert::test

#endif  // POCKETBERT_TESTS_SUPPORT_FEATURE_HEAD_H_
