// How much memory a file can make packing ask for. What would break it: sizes added up in 32 bits, a copy for each
// layer that has the same matrices, matrices that overlap in the file.
#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "engine/packed_model.h"
#include "tests/engine/network_file.h"
#include "tests/engine/test_network.h"

namespace pbert::test {
namespace {

constexpr BackendKind kBackends[] = {BackendKind::kAuto, BackendKind::kXnnpack, BackendKind::kReference};

// The file's only layer so many times. With `overlap` each has one matrix that begins 64 bytes before the former one's.
void RepeatLayer(TinyFile* file, size_t times, bool overlap) {
  const schema::LayerT layer = *file->model.encoder->layers[0];
  for (size_t i = 1; i < times; ++i) {
    auto copy = std::make_unique<schema::LayerT>(layer);
    if (overlap) {
      schema::TensorT moved = *file->model.tensors[static_cast<size_t>(layer.ffn_in->weight)];
      moved.name += std::to_string(i);
      moved.data_block -= static_cast<uint32_t>(i);
      copy->ffn_in = std::make_unique<schema::LinearT>(*layer.ffn_in);
      copy->ffn_in->weight = static_cast<int32_t>(file->model.tensors.size());
      file->model.tensors.push_back(std::make_unique<schema::TensorT>(moved));
    }
    file->model.encoder->layers.push_back(std::move(copy));
  }
}

Status Prepare(const TinyFile& file, BackendKind backend, size_t* bytes) {
  const Placed placed(file.Bytes(), 4);
  std::unique_ptr<Model> model;
  PBERT_RETURN_IF_ERROR(Model::OpenMemory(placed.data(), placed.size(), {}, &model));
  std::unique_ptr<PackedModel> packed;
  PBERT_RETURN_IF_ERROR(PackedModel::Create(*model, backend, &packed));
  *bytes = packed->packed_bytes();
  return packed->Pack(nullptr, 0);
}

TinyFile OneLayer() {
  NetworkShape shape;
  shape.hidden = 256;
  shape.heads = 4;
  shape.ffn = 512;
  shape.layers = 1;
  return MakeNetworkFile(shape.With(schema::TensorType::I8));
}

TEST_CASE("packing: layers that share their matrices are packed once") {
  for (const BackendKind backend : kBackends) {
    size_t one = 0, many = 0;
    REQUIRE(Prepare(OneLayer(), backend, &one).ok());
    TinyFile file = OneLayer();
    RepeatLayer(&file, 256, false);
    REQUIRE(Prepare(file, backend, &many).ok());
    CHECK(many == one);
  }
}

TEST_CASE("packing: matrices that overlap in the file do not make a small file ask for much") {
  TinyFile file = OneLayer();
  RepeatLayer(&file, 200, true);
  for (const BackendKind backend : kBackends) {
    size_t bytes = 0;
    const Status status = Prepare(file, backend, &bytes);
    // Who runs from the file's own bytes needs no memory, whatever overlaps.
    CHECK(bytes == 0);
    if (!status.ok()) CHECK(status.code() == Code::kBadFile);
    if (backend == BackendKind::kReference) CHECK(status.ok());
#if defined(__x86_64__) || defined(__i386__)
    if (backend == BackendKind::kXnnpack) CHECK(!status.ok());
#endif
  }
}

}  // namespace
}  // namespace pbert::test
