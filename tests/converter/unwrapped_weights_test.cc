#include "converter/checkpoint/unwrapped_weights.h"

#include "converter/checkpoint/safetensors.h"
#include "converter/checkpoint_fixture.h"
#include "converter/convert.h"

namespace pbert::converter {
namespace {

TEST_CASE("unwrapped weights: what torch.compile, DataParallel and trainers put into names") {
  for (const char* name :
       {"bert.pooler.dense.bias", "_orig_mod.bert.pooler.dense.bias", "module.bert.pooler.dense.bias",
        "module._orig_mod.bert.pooler.dense.bias", "_orig_mod.module.model.bert.pooler.dense.bias",
        "model._orig_mod.bert.pooler.dense.bias", "bert._orig_mod.pooler.module.dense.bias",
        "0.auto_model._orig_mod.bert.pooler.dense.bias"}) {
    CHECK(UnwrappedName(name) == "bert.pooler.dense.bias");
  }
  CHECK(UnwrappedName("encoder.layer.0.module_a.weight") == "encoder.layer.0.module_a.weight");
}

// The same numbers under other names give the same file.
TEST_CASE("unwrapped weights: a checkpoint whose names begin with _orig_mod. or more") {
  const test::TemporaryDirectory directory;
  const test::TinyCheckpoint plain;
  plain.Write(directory / "plain");
  WriteModel(directory / "plain", directory / "plain.pbert", WeightType::kFloat32);
  for (const char* wrapper : {"_orig_mod.", "module._orig_mod.", "model.module."}) {
    CAPTURE(wrapper);
    test::TinyCheckpoint wrapped;
    wrapped.tensors.clear();
    for (const auto& [name, tensor] : plain.tensors) wrapped.tensors[wrapper + name] = tensor;
    wrapped.Write(directory / "wrapped");
    WriteModel(directory / "wrapped", directory / "wrapped.pbert", WeightType::kFloat32);
    CHECK(std::filesystem::file_size(directory / "wrapped.pbert") ==
          std::filesystem::file_size(directory / "plain.pbert"));
  }
  test::TinyCheckpoint twice = plain;
  for (const char* wrapper : {"module.", "_orig_mod."}) {
    twice.tensors[std::string(wrapper) + "x"] = plain.tensors.at("classifier.bias");
  }
  twice.Write(directory / "twice");
  test::CheckMessage(
      test::ErrorOf([&] { WriteModel(directory / "twice", directory / "twice.pbert", WeightType::kFloat32); }),
      {"_orig_mod.x", "module.x"});
}

}  // namespace
}  // namespace pbert::converter
