// The tiny model with a classifier on features of which every number can be reckoned.
#ifndef POCKETBERT_TESTS_TASKS_FEATURE_FIXTURE_H_
#define POCKETBERT_TESTS_TASKS_FEATURE_FIXTURE_H_

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/support/feature_head.h"
#include "tests/tasks/task_fixture.h"

namespace pbert::test {

inline void Fill(TinyFile* file, const std::string& name, float value) {
  std::fill_n(file->values(name), file->tensor(name).data_bytes / sizeof(float), value);
}

// Row `row` of a matrix over both parts: `value` times a pattern over 8, in one of the parts.
inline void SetRow(TinyFile* file, const std::string& name, uint32_t row, uint32_t part, uint32_t pattern,
                   float value) {
  float* const weights = file->values(name) + row * 2 * TinyFile::kHidden + part * TinyFile::kHidden;
  for (uint32_t i = 0; i < TinyFile::kHidden; ++i) weights[i] = value * PatternValue(pattern, i) / TinyFile::kHidden;
}

// "hello" has pattern 2, every other piece 1, and both layers the same states.
inline TinyFile FeatureFile() {
  TinyFile file = PatternFile({{kHello, 2}});
  SetFeatureHead(&file, schema::TensorType::F32);
  for (const char* name : {"head.features.weight", "head.features.bias", "head.other.weight", "head.other.bias",
                           "head.projection.weight", "head.projection.bias"}) {
    Fill(&file, name, 0);
  }
  file.model.heads[0]->features->parts[0]->weight = 0.5f;
  SetRow(&file, "head.features.weight", 0, 0, 2, 4);  // half of hello's share of the embeddings
  SetRow(&file, "head.features.weight", 1, 1, 2, 4);  // and of the layer
  SetRow(&file, "head.features.weight", 2, 1, 1, 2);
  return file;
}

inline pbert_classification Asked(pbert_session* session, const std::string& text) {
  pbert_classification result = PBERT_CLASSIFICATION;
  const pbert_input input = Text(text);
  const pbert_status status = pbert_classify(session, &input, &result);
  INFO(pbert_error());
  REQUIRE(status == PBERT_OK);
  return result;
}

}  // namespace pbert::test

#endif  // POCKETBERT_TESTS_TASKS_FEATURE_FIXTURE_H_
