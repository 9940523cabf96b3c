// Every table, the scalar twin first of all, against numbers that were not made by our own code.
#include "tests/kernels/expected.h"

#include <doctest/doctest.h>

#include <cmath>
#include <iterator>
#include <string>
#include <vector>

#include "kernels/instruction_set.h"
#include "tests/kernels/tables.h"

namespace pbert::test {
namespace {

void CheckActivation(const Kernels& kernels, ActivationKind kind, const double* expected, double tolerance) {
  std::vector<float> x(std::begin(kActivationInput), std::end(kActivationInput));
  RowOutput y;
  y.values = x.data();
  kernels.activate(kind, x.data(), 1, x.size(), y);
  for (size_t i = 0; i < x.size(); ++i) {
    CAPTURE(kActivationInput[i]);
    CAPTURE(x[i]);
    CHECK(std::abs(x[i] - expected[i]) <= tolerance * (1 + std::abs(kActivationInput[i])));
  }
}

template <size_t kCount>
void CheckQuantized(const Kernels& kernels, const float (&row)[kCount], const int8_t (&expected)[kCount],
                    int32_t zero_point, float scale) {
  int8_t quantized[kCount];
  RowQuant params;
  kernels.quantize(row, 1, kCount, quantized, &params);
  CHECK(params.zero_point == zero_point);
  CHECK(params.scale == scale);
  for (size_t i = 0; i < kCount; ++i) {
    CAPTURE(row[i]);
    CHECK(int{quantized[i]} == int{expected[i]});
  }
}

TEST_CASE("activations are those of the formulas") {
  for (const Kernels* kernels : AllTables()) {
    CAPTURE(std::string(kernels->name));
    CheckActivation(*kernels, ActivationKind::kGeluErf, kGeluErf, 1e-6);
    CheckActivation(*kernels, ActivationKind::kGeluTanh, kGeluTanh, 1e-6);
    CheckActivation(*kernels, ActivationKind::kTanh, kTanh, 1e-6);
    CheckActivation(*kernels, ActivationKind::kSilu, kSilu, 1e-6);
    CheckActivation(*kernels, ActivationKind::kQuickGelu, kQuickGelu, 1e-6);
    CheckActivation(*kernels, ActivationKind::kRelu, kRelu, 0);
    std::vector<double> same(std::begin(kActivationInput), std::end(kActivationInput));
    CheckActivation(*kernels, ActivationKind::kNone, same.data(), 0);
  }
}

TEST_CASE("softmax is that of the formula") {
  for (const Kernels* kernels : AllTables()) {
    CAPTURE(std::string(kernels->name));
    std::vector<float> x(std::begin(kLogits), std::end(kLogits));
    kernels->softmax(x.data(), x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      CAPTURE(i);
      CHECK(std::abs(x[i] - kSoftmax[i]) <= 2e-6 * kSoftmax[i] + 1e-30);
    }
  }
}

TEST_CASE("layer norm is that of the formula") {
  const size_t columns = std::size(kNormGamma), rows = std::size(kNorm) / columns;
  for (const Kernels* kernels : AllTables()) {
    CAPTURE(std::string(kernels->name));
    std::vector<float> values(rows * columns);
    RowOutput y;
    y.values = values.data();
    kernels->layer_norm(kNormInput, kNormResidual, rows, columns, kNormGamma, kNormBeta, 1e-12f, y);
    for (size_t i = 0; i < values.size(); ++i) {
      CAPTURE(i);
      // The second row is 100 with a deviation of 1: seven bits of 24 are lost to the mean.
      CHECK(std::abs(values[i] - kNorm[i]) <= (i < columns ? 2e-6 : 1e-4));
    }
  }
}

TEST_CASE("attention is that of the formula") {
  const size_t queries = 3, keys = 5, head = 6;
  for (const Kernels* kernels : AllTables()) {
    CAPTURE(std::string(kernels->name));
    std::vector<float> scratch(AttentionScratch(keys, head)), out(queries * head);
    kernels->attention(kAttentionQ, head, queries, kAttentionK, kAttentionV, head, keys, head, scratch.data(),
                       out.data(), head);
    for (size_t i = 0; i < out.size(); ++i) {
      CAPTURE(i);
      CHECK(std::abs(out[i] - kAttention[i]) <= 2e-6);
    }
  }
}

TEST_CASE("quantization rounds ties to even and clamps") {
  for (const Kernels* kernels : AllTables()) {
    CAPTURE(std::string(kernels->name));
    CheckQuantized(*kernels, kQuantizeTies, kQuantizedTies, kZeroPointTies, kScaleTies);
    CheckQuantized(*kernels, kQuantizePositive, kQuantizedPositive, kZeroPointPositive, kScalePositive);
    CheckQuantized(*kernels, kQuantizeNegative, kQuantizedNegative, kZeroPointNegative, kScaleNegative);
    CheckQuantized(*kernels, kQuantizeTieOfZeroPoint, kQuantizedTieOfZeroPoint, kZeroPointTieOfZeroPoint,
                   kScaleTieOfZeroPoint);
    CheckQuantized(*kernels, kQuantizeOddTieOfZeroPoint, kQuantizedOddTieOfZeroPoint, kZeroPointOddTieOfZeroPoint,
                   kScaleOddTieOfZeroPoint);
    CheckQuantized(*kernels, kQuantizeRoundedZeroPoint, kQuantizedRoundedZeroPoint, kZeroPointRoundedZeroPoint,
                   kScaleRoundedZeroPoint);
  }
}

TEST_CASE("a row of zeros, or of next to nothing, quantizes to its zero point at scale 1") {
  for (const Kernels* kernels : AllTables()) {
    CAPTURE(std::string(kernels->name));
    for (const float value : {0.0f, 1e-37f, -1e-37f}) {
      const std::vector<float> row(37, value);
      std::vector<int8_t> quantized(37);
      RowQuant params;
      kernels->quantize(row.data(), 1, 37, quantized.data(), &params);
      CHECK(params.scale == 1.0f);
      for (int8_t q : quantized) CHECK(int{q} == params.zero_point);
    }
  }
}

TEST_CASE("the choice of a table") {
  CHECK(KernelsFor(Isa::kScalar) == &ScalarKernels());
#ifndef __wasm__
  CHECK(KernelsFor(Isa::kWasmSimd) == nullptr);
#endif
  const Kernels& best = BestKernels();
  if (WantedInstructionSet() == nullptr) CHECK(best.isa != Isa::kPortable);
  CHECK(KernelsFor(best.isa) == &best);
  for (const Kernels* kernels : AllTables()) {
    CHECK(KernelsFor(kernels->isa) == kernels);
    if (WantedInstructionSet() == nullptr && kernels->isa != Isa::kPortable) CHECK(kernels->isa <= best.isa);
  }
#if defined(__aarch64__) || defined(__arm__)
  if (WantedInstructionSet() == nullptr) CHECK(best.isa == Isa::kNeon);
#endif
}

}  // namespace
}  // namespace pbert::test
