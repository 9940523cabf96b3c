// The file's blocks against what XNNPACK's own packer makes of the same weights, where its kernel wants blocks of 16 by
// 4 (ARM with dot products): byte for byte, so that its operators run from the file's mapping. Elsewhere the backend
// must say that it packs.
#include <xnnpack.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "base/cpu.h"
#include "base/packed_block.h"
#include "quant/pack.h"
#include "tests/engine/test_network.h"

namespace pbert::test {
namespace {

struct PackedBytesOfXnnpack {
  std::vector<uint8_t> bytes;
  bool ready = false;
};

// A weights cache that keeps the one thing that is put into it.
std::vector<uint8_t> PackByXnnpack(const int8_t* weights, const float* scales, const float* bias, uint32_t inputs,
                                   uint32_t outputs) {
  PackedBytesOfXnnpack kept;
  xnn_weights_cache_provider cache = {};
  cache.context = &kept;
  cache.look_up = [](void*, const xnn_weights_cache_look_up_key*) -> size_t { return SIZE_MAX; };
  cache.reserve_space = [](void* context, size_t size) -> void* {
    auto* self = static_cast<PackedBytesOfXnnpack*>(context);
    self->bytes.assign(size, 0xEE);
    return self->bytes.data();
  };
  cache.look_up_or_insert = [](void* context, const xnn_weights_cache_look_up_key*, void*, size_t) -> size_t {
    static_cast<PackedBytesOfXnnpack*>(context)->ready = true;
    return 0;
  };
  cache.is_finalized = [](void* context) { return static_cast<PackedBytesOfXnnpack*>(context)->ready; };
  cache.offset_to_addr = [](void* context, size_t) -> void* {
    return static_cast<PackedBytesOfXnnpack*>(context)->bytes.data();
  };
  cache.delete_cache = [](void*) { return xnn_status_success; };
  xnn_operator_t op = nullptr;
  REQUIRE(xnn_create_fully_connected_nc_qd8_f32_qc8w(inputs, outputs, inputs, outputs, scales, weights, bias, -INFINITY,
                                                     INFINITY, 0, nullptr, &cache, &op) == xnn_status_success);
  xnn_delete_operator(op);
  return kept.bytes;
}

TEST_CASE("the file's blocks are XNNPACK's packed weights on ARM with dot products") {
  const Backend* backend = nullptr;
  REQUIRE(XnnBackend(&backend).ok());
  std::mt19937 random(11);
  for (const uint32_t inputs : {1u, 3u, 4u, 31u, 64u, 768u}) {
    for (const uint32_t outputs : {1u, 15u, 16u, 17u, 64u, 150u}) {
      CAPTURE(inputs);
      CAPTURE(outputs);
      std::vector<int8_t> weights(size_t{inputs} * outputs);
      for (int8_t& weight : weights) weight = static_cast<int8_t>(random() % 255 - 127);
      std::vector<float> scales(outputs), bias(outputs);
      for (float& scale : scales) scale = 1e-3f * static_cast<float>(random() % 1000 + 1);
      for (float& each : bias) each = static_cast<float>(random() % 1000) - 500;
      std::vector<uint8_t> blocks(static_cast<size_t>(PackedBytes(inputs, outputs)));
      PackInt8Weights(weights.data(), scales.data(), bias.data(), inputs, outputs, blocks.data());

      LinearWeights linear;
      linear.weight.name = "test";
      linear.weight.type = schema::TensorType::I8;
      linear.weight.layout = schema::Layout::Packed16x4;
      linear.weight.rows = outputs;
      linear.weight.columns = inputs;
      linear.weight.data = blocks.data();
      size_t packed_bytes = 1;
      REQUIRE(backend->PackedSize(linear, &packed_bytes).ok());
      const std::vector<uint8_t> theirs = PackByXnnpack(weights.data(), scales.data(), bias.data(), inputs, outputs);
      const bool same = theirs.size() >= blocks.size() && memcmp(theirs.data(), blocks.data(), blocks.size()) == 0;
      if (packed_bytes == 0) CHECK(same);
      if (Cpu().neon_dot && !Cpu().neon_i8mm) CHECK(packed_bytes == 0);
      CHECK((packed_bytes == 0 || packed_bytes >= size_t{inputs} * outputs));
    }
  }
}

}  // namespace
}  // namespace pbert::test
