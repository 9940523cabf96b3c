// What a transformer layer spends outside its matrix products, at the shape of DistilBERT-base: 768 wide, 3072
// in the middle, 12 heads of 64. Each benchmark is one layer's worth of one kernel, for 8, 32 and 128 tokens,
// with every instruction set that this CPU has:
//
//     kernels_bench --benchmark_filter=avx512
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "kernels/kernels.h"

namespace {

using pbert::ActivationKind;
using pbert::Isa;
using pbert::Kernels;
using pbert::RowOutput;
using pbert::RowQuant;

constexpr size_t kHidden = 768, kMiddle = 3072, kHeads = 12, kHeadSize = 64;

// Everything that a layer reads and writes, so that the caches see what they see in a layer.
struct Layer {
  explicit Layer(size_t rows)
      : rows(rows),
        x(rows * kHidden),
        residual(rows * kHidden),
        qkv(rows * 3 * kHidden),
        middle(rows * kMiddle),
        gamma(kHidden, 1),
        beta(kHidden, 0),
        scratch(pbert::AttentionScratch(rows, kHeadSize)),
        quantized(rows * kMiddle),
        params(rows) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    for (std::vector<float>* values : {&x, &residual, &qkv, &middle}) {
      for (float& value : *values) value = normal(random);
    }
  }
  RowOutput Quantized() { return {nullptr, quantized.data(), params.data()}; }
  RowOutput Both(float* values) { return {values, quantized.data(), params.data()}; }

  size_t rows;
  std::vector<float> x, residual, qkv, middle, gamma, beta, scratch;
  std::vector<int8_t> quantized;
  std::vector<RowQuant> params;
};

void Attention(const Kernels& kernels, Layer& layer) {
  const size_t stride = 3 * kHidden;
  for (size_t h = 0; h < kHeads; ++h) {
    const float* q = layer.qkv.data() + h * kHeadSize;
    kernels.attention(q, stride, layer.rows, q + kHidden, q + 2 * kHidden, stride, layer.rows, kHeadSize,
                      layer.scratch.data(), layer.x.data() + h * kHeadSize, kHidden);
  }
}

// The last layer of a classifier: one query.
void AttentionOfOneRow(const Kernels& kernels, Layer& layer) {
  const size_t stride = 3 * kHidden;
  for (size_t h = 0; h < kHeads; ++h) {
    const float* q = layer.qkv.data() + h * kHeadSize;
    kernels.attention(q, stride, 1, q + kHidden, q + 2 * kHidden, stride, layer.rows, kHeadSize, layer.scratch.data(),
                      layer.x.data() + h * kHeadSize, kHidden);
  }
}

void QuantizeHidden(const Kernels& kernels, Layer& layer) {
  kernels.quantize(layer.x.data(), layer.rows, kHidden, layer.quantized.data(), layer.params.data());
}

// Both of a layer's: add, normalize, keep, quantize.
void TwoLayerNorms(const Kernels& kernels, Layer& layer) {
  for (int i = 0; i < 2; ++i) {
    kernels.layer_norm(layer.x.data(), layer.residual.data(), layer.rows, kHidden, layer.gamma.data(),
                       layer.beta.data(), 1e-12f, layer.Both(layer.x.data()));
  }
}

template <ActivationKind kKind>
void Activate(const Kernels& kernels, Layer& layer) {
  // Into a place of its own, since an activation applied to its own output would soon see only zeros.
  kernels.activate(kKind, layer.middle.data(), layer.rows, kMiddle, layer.Both(layer.qkv.data()));
}

void Softmax(const Kernels& kernels, Layer& layer) {
  for (size_t h = 0; h < kHeads; ++h) {
    for (size_t r = 0; r < layer.rows; ++r) kernels.softmax(layer.x.data() + r * kHidden, layer.rows);
  }
}

using Run = void (*)(const Kernels&, Layer&);

void Measure(benchmark::State& state, Run run, const Kernels* kernels) {
  Layer layer(static_cast<size_t>(state.range(0)));
  layer.qkv.resize(std::max(layer.qkv.size(), layer.middle.size()));
  for (auto _ : state) {
    run(*kernels, layer);
    benchmark::ClobberMemory();
  }
}

int RegisterAll() {
  const struct {
    const char* name;
    Run run;
  } parts[] = {
      {"attention", Attention},
      {"attention_one_row", AttentionOfOneRow},
      {"softmax", Softmax},
      {"two_layer_norms", TwoLayerNorms},
      {"gelu_erf", Activate<ActivationKind::kGeluErf>},
      {"gelu_tanh", Activate<ActivationKind::kGeluTanh>},
      {"quantize", QuantizeHidden},
  };
  for (const Isa isa : {Isa::kScalar, Isa::kNeon, Isa::kAvx2, Isa::kAvx512, Isa::kWasmSimd, Isa::kPortable}) {
    const Kernels* kernels = pbert::KernelsFor(isa);
    if (kernels == nullptr) continue;
    for (const auto& part : parts) {
      const std::string name = std::string(kernels->name) + "/" + part.name;
      benchmark::RegisterBenchmark(name.c_str(), Measure, part.run, kernels)
          ->Arg(8)
          ->Arg(32)
          ->Arg(128)
          ->Unit(benchmark::kMillisecond);
    }
  }
  return 0;
}

const int registered = RegisterAll();

}  // namespace
