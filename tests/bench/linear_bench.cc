// The matrix products of six layers of DistilBERT-base by each backend, over weights that do not fit into a cache:
// what a request spends in products if all its rows go through every layer. Items are multiply-accumulates, so
// that items_per_second is to be held against the core's peak.
//
//     linear_bench --benchmark_filter=/16
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "base/arena.h"
#include "base/packed_block.h"
#include "engine/bound_linear.h"
#include "kernels/kernels.h"
#include "quant/pack.h"

namespace {

using pbert::Backend;
using pbert::BoundLinear;
using pbert::PackedLinear;

constexpr size_t kLayers = 6, kWidest = 3072;
struct Shape {
  uint32_t outputs, inputs;
};
constexpr Shape kShapes[] = {{768, 768}, {768, 768}, {768, 768}, {768, 768}, {3072, 768}, {768, 3072}};

void Layers(benchmark::State& state, const Backend* backend) {
  const size_t rows = static_cast<size_t>(state.range(0));
  std::mt19937 random(1);
  std::vector<int8_t> x(rows * kWidest + pbert::kInputPadding);
  for (int8_t& value : x) value = static_cast<int8_t>(random());
  const std::vector<pbert::RowQuant> params(rows + 16, {3, 0.01f});
  std::vector<float> y(rows * kWidest);
  std::vector<int8_t> weights(kWidest * 768);
  for (int8_t& value : weights) value = static_cast<int8_t>(random() % 255 - 127);
  const std::vector<float> scales(kWidest, 0.01f);

  std::vector<std::unique_ptr<uint64_t[]>> memory;
  auto take = [&](size_t bytes) {
    memory.push_back(std::make_unique<uint64_t[]>(bytes / 8 + 8));
    return reinterpret_cast<uint8_t*>(pbert::RoundUp(reinterpret_cast<uintptr_t>(memory.back().get()), 64));
  };
  std::vector<BoundLinear> products;
  double multiplications = 0;
  size_t scratch_bytes = 0;
  for (size_t layer = 0; layer < kLayers; ++layer) {
    for (const Shape& shape : kShapes) {
      PackedLinear linear;
      linear.weights.weight.name = "bench";
      linear.weights.weight.type = pbert::schema::TensorType::I8;
      linear.weights.weight.layout = pbert::schema::Layout::Packed16x4;
      linear.weights.weight.rows = shape.outputs;
      linear.weights.weight.columns = shape.inputs;
      uint8_t* blocks = take(static_cast<size_t>(pbert::PackedBytes(shape.inputs, shape.outputs)));
      pbert::PackInt8Weights(weights.data(), scales.data(), nullptr, shape.inputs, shape.outputs, blocks);
      linear.weights.weight.data = blocks;
      linear.backend = backend;
      if (!backend->PackedSize(linear.weights, &linear.packed_bytes).ok()) return state.SkipWithError("size");
      if (linear.packed_bytes != 0) {
        uint8_t* packed = take(linear.packed_bytes);
        if (!backend->Pack(linear.weights, packed, linear.packed_bytes).ok()) return state.SkipWithError("pack");
        linear.packed = packed;
      }
      scratch_bytes = std::max(scratch_bytes, linear.backend->ScratchBytes(linear.weights, rows));
      pbert::Arena counting;
      BoundLinear product;
      if (!product.Bind(linear, shape.outputs, 1, &counting).ok()) return state.SkipWithError("count");
      const size_t bytes = counting.Needed();
      pbert::Arena arena(take(bytes), bytes);
      if (!product.Bind(linear, shape.outputs, 1, &arena).ok()) return state.SkipWithError("bind");
      products.push_back(product);
      multiplications += double{1} * shape.outputs * shape.inputs * static_cast<double>(rows);
    }
  }
  uint8_t* scratch = take(scratch_bytes);
  for (auto _ : state) {
    for (const BoundLinear& product : products) {
      if (!product.Run(0, rows, {nullptr, x.data(), params.data()}, y.data(), scratch).ok()) state.SkipWithError("run");
    }
  }
  for (BoundLinear& product : products) product.Release();
  state.SetItemsProcessed(static_cast<int64_t>(multiplications * static_cast<double>(state.iterations())));
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const Backend* xnnpack = nullptr;
  if (!pbert::XnnBackend(&xnnpack).ok()) xnnpack = nullptr;
  for (const Backend* backend : {xnnpack, pbert::NativeBackend()}) {
    if (backend == nullptr) continue;
    benchmark::RegisterBenchmark(backend->name(), [backend](benchmark::State& state) { Layers(state, backend); })
        ->ArgsProduct({{1, 8, 16, 32, 64, 128}})
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
