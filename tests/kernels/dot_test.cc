// One row times the rows of a matrix: every instruction set gives the scalar twin's bits for int8, and reads nothing
// behind.
#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "kernels/kernels.h"
#include "tests/kernels/memory.h"

namespace pbert::test {
namespace {

constexpr Isa kAll[] = {Isa::kScalar, Isa::kNeon, Isa::kAvx2, Isa::kAvx512, Isa::kWasmSimd, Isa::kPortable};
constexpr size_t kInputs[] = {1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 64, 100, 767, 768, 1025};
constexpr size_t kOutputs[] = {0, 1, 3, 4, 5, 9};

TEST_CASE("dot: int8 rows are the scalar twin's bits, with and without bias") {
  std::mt19937 random(1);
  for (const size_t inputs : kInputs) {
    for (const size_t outputs : kOutputs) {
      Fenced<int16_t> x(inputs);
      Fenced<int8_t> weights(inputs * outputs);
      Fenced<float> scales(outputs), bias(outputs);
      for (size_t i = 0; i < inputs; ++i) x.data()[i] = static_cast<int16_t>(static_cast<int>(random() % 511) - 255);
      for (size_t i = 0; i < inputs * outputs; ++i) weights.data()[i] = static_cast<int8_t>(random());
      for (size_t i = 0; i < outputs; ++i) {
        scales.data()[i] = static_cast<float>(random() % 1000 + 1) * 1e-5f;
        bias.data()[i] = static_cast<float>(random() % 1000) * 1e-2f - 5;
      }
      for (const float* added : {static_cast<const float*>(bias.data()), static_cast<const float*>(nullptr)}) {
        std::vector<float> expected(outputs);
        ScalarKernels().dot_int8_rows(x.data(), 0.017f, weights.data(), scales.data(), added, inputs, outputs,
                                      expected.data());
        for (const Isa isa : kAll) {
          const Kernels* kernels = KernelsFor(isa);
          if (kernels == nullptr) continue;
          CAPTURE(kernels->name);
          CAPTURE(inputs);
          Fenced<float> y(outputs);
          kernels->dot_int8_rows(x.data(), 0.017f, weights.data(), scales.data(), added, inputs, outputs, y.data());
          CHECK(std::vector<float>(y.data(), y.data() + outputs) == expected);
        }
      }
    }
  }
}

TEST_CASE("dot: the largest int8 sum is exact") {
  constexpr size_t kMax = size_t{1} << 15;
  const std::vector<int16_t> x(kMax, -255);
  const std::vector<int8_t> weights(kMax, -128);
  const float scale = 1;
  for (const Isa isa : kAll) {
    const Kernels* kernels = KernelsFor(isa);
    if (kernels == nullptr) continue;
    CAPTURE(kernels->name);
    float y = 0;
    kernels->dot_int8_rows(x.data(), 1, weights.data(), &scale, nullptr, kMax, 1, &y);
    CHECK(y == static_cast<float>(255 * 128 * kMax));
  }
}

TEST_CASE("dot: float rows are the scalar twin's within rounding") {
  std::mt19937 random(2);
  std::uniform_real_distribution<float> uniform(-1, 1);
  for (const size_t inputs : kInputs) {
    for (const size_t outputs : kOutputs) {
      Fenced<float> x(inputs), weights(inputs * outputs), bias(outputs);
      for (size_t i = 0; i < inputs; ++i) x.data()[i] = uniform(random);
      for (size_t i = 0; i < inputs * outputs; ++i) weights.data()[i] = uniform(random);
      for (size_t i = 0; i < outputs; ++i) bias.data()[i] = uniform(random);
      std::vector<float> expected(outputs);
      ScalarKernels().dot_rows(x.data(), weights.data(), bias.data(), inputs, outputs, expected.data());
      for (const Isa isa : kAll) {
        const Kernels* kernels = KernelsFor(isa);
        if (kernels == nullptr) continue;
        CAPTURE(kernels->name);
        Fenced<float> y(outputs);
        kernels->dot_rows(x.data(), weights.data(), bias.data(), inputs, outputs, y.data());
        for (size_t i = 0; i < outputs; ++i) {
          CHECK(std::fabs(y.data()[i] - expected[i]) <= 1e-6 * std::sqrt(static_cast<double>(inputs)) + 1e-6);
        }
      }
    }
  }
}

}  // namespace
}  // namespace pbert::test
