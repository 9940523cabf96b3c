// The validator's rules about heads with features, and about rejection.

#include <doctest/doctest.h>

#include "tests/support/feature_head.h"
#include "tests/support/validate_cases.h"

namespace pbert::test {
namespace {

HeadT& Head(TinyFile& file) { return *file.model.heads[0]; }

// A case of a file that was right before.
Case Wrong(const char* name, std::function<void(TinyFile&)> change, const char* where, const char* why) {
  return {name, [change](TinyFile& f) { change(SetFeatureHead(&f, TensorType::I8)); }, where, why};
}

TEST_CASE("a head with features opens") {
  for (const TensorType type : {TensorType::F32, TensorType::I8}) {
    TinyFile file(type);
    SetFeatureHead(&file, type);
    const Status status = Open(file);
    INFO(status.message());
    CHECK(status.ok());
    Head(file).rejection = nullptr;
    CHECK(Open(file).ok());
  }
}

TEST_CASE("features and rejection") {
  Run({
      Wrong(
          "no parts", [](TinyFile& f) { Head(f).features->parts.clear(); }, "head 0: features", "0 parts"),
      Wrong(
          "layer", [](TinyFile& f) { Head(f).features->parts[1]->layer = 2; }, "head 0: features: part 1",
          "layer 2 of 1"),
      Wrong(
          "order", [](TinyFile& f) { Head(f).features->parts[1]->layer = 0; }, "part 1", "layers must ascend"),
      Wrong(
          "weight", [](TinyFile& f) { Head(f).features->parts[0]->weight = kNan; }, "part 0: weight", "not finite"),
      Wrong(
          "rows", [](TinyFile& f) { Head(f).rows = RowChoice::First; }, "head 0", "row choice 0"),
      Wrong(
          "steps", [](TinyFile& f) { Head(f).steps.push_back(std::make_unique<HeadStepT>()); }, "head 0",
          "has steps and features"),
      Wrong(
          "packed", [](TinyFile& f) { Head(f).features->linear = f.AddLinear("p", 3, 16, TensorType::I8); },
          "head 0: features", "must be RowMajor"),
      Wrong(
          "no bias", [](TinyFile& f) { Head(f).features->linear->bias = -1; }, "head 0: features: bias", "is missing"),
      Wrong(
          "width", [](TinyFile& f) { Head(f).features->linear->weight = f.AddMatrix("m", 3, 8, TensorType::F32); },
          "head 0: features: tensor m", "should be a matrix of width 16"),
      Wrong(
          "labels", [](TinyFile& f) { Head(f).labels.pop_back(); }, "head 0", "2 labels for 3 outputs"),
      Wrong(
          "temperature 0", [](TinyFile& f) { Head(f).temperature = 0; }, "head 0: temperature", "above 0"),
      Wrong(
          "temperature NaN", [](TinyFile& f) { Head(f).temperature = kNan; }, "head 0: temperature", "above 0"),
      Wrong(
          "offset", [](TinyFile& f) { Head(f).rejection->offset = kInfinity; }, "head 0: rejection", "not finite"),
      Wrong(
          "two others",
          [](TinyFile& f) { Head(f).rejection->out_of_scope->weight = f.AddMatrix("m", 2, 16, TensorType::F32); },
          "head 0: rejection", "2 rows, should be 1"),
      Wrong(
          "means", [](TinyFile& f) { Head(f).rejection->means = f.AddMatrix("m", 2, 2, TensorType::F32); },
          "head 0: rejection", "2 means for 3 labels"),
      Wrong(
          "mean width", [](TinyFile& f) { Head(f).rejection->means = f.AddMatrix("m", 3, 3, TensorType::F32); },
          "head 0: rejection", "should be a matrix of width 2"),
      Wrong(
          "precisions", [](TinyFile& f) { Head(f).rejection->precisions = -1; }, "head 0: rejection: precisions",
          "is missing"),
      Wrong(
          "several labels", [](TinyFile& f) { Head(f).problem_type = ProblemType::MultiLabel; }, "head 0: rejection",
          "only of a single label"),
      Wrong(
          "no features",
          [](TinyFile& f) {
            Head(f).features = nullptr;
            Head(f).rows = RowChoice::First;
            Head(f).steps.push_back(std::make_unique<HeadStepT>());
            Head(f).steps[0]->linear = f.AddLinear("s", 3, 8, TensorType::F32);
          },
          "head 0: rejection", "the head has no features"),
      Wrong(
          "other task", [](TinyFile& f) { Head(f).task = Task::FeatureExtraction; },
          "head 0: features, temperature or rejection", "only of TextClassification"),
  });
}

}  // namespace
}  // namespace pbert::test
