// Quantization, layer norm, activations and sums: every instruction set against the scalar twin, over widths
// that are and are not multiples of a vector.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "kernels/kernels.h"
#include "tests/kernels/memory.h"
#include "tests/kernels/tables.h"

namespace pbert::test {
namespace {

const std::vector<size_t> kColumns = {1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 100, 127, 312, 768, 3072};

// The same bits, parameters included, as the scalar twin gives for these floats.
void CheckQuantizedFrom(const float* values, size_t rows, size_t columns, const Fenced<int8_t>& quantized,
                        const Fenced<RowQuant>& params) {
  std::vector<int8_t> expected(rows * columns);
  std::vector<RowQuant> expected_params(rows);
  ScalarKernels().quantize(values, rows, columns, expected.data(), expected_params.data());
  for (size_t r = 0; r < rows; ++r) {
    CAPTURE(r);
    CHECK(params[r].zero_point == expected_params[r].zero_point);
    CHECK(params[r].scale == expected_params[r].scale);
  }
  size_t different = 0;
  for (size_t i = 0; i < expected.size(); ++i) different += quantized[i] != expected[i] ? 1 : 0;
  CHECK(different == 0);
  CHECK(quantized.Intact());
  CHECK(params.Intact());
}

double WorstDifference(const float* a, const float* b, size_t count) {
  Worst worst;
  for (size_t i = 0; i < count; ++i) worst.Add(std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return worst;
}

// Rows of every kind that may come: ordinary, equal, zero, one-sided, huge, tiny, one outlier.
std::vector<float> Rows(std::mt19937& random, size_t columns, size_t* rows) {
  std::vector<float> x;
  auto add = [&x](const std::vector<float>& row) { x.insert(x.end(), row.begin(), row.end()); };
  add(Normal(random, columns));
  add(std::vector<float>(columns, 1.75f));
  add(std::vector<float>(columns, 0.0f));
  add(Normal(random, columns, 0.5f, 10));
  add(Normal(random, columns, 0.5f, -10));
  add(Normal(random, columns, 1e30f));
  add(Normal(random, columns, 1e-30f));
  std::vector<float> outlier = Normal(random, columns, 0.1f);
  outlier[columns / 2] = -300;
  add(outlier);
  *rows = 8;
  return x;
}

TEST_CASE("quantize gives the twin's bits") {
  std::mt19937 random(1);
  for (const Kernels* kernels : VectorTables()) {
    CAPTURE(std::string(kernels->name));
    for (const size_t columns : kColumns) {
      CAPTURE(columns);
      size_t rows;
      const Fenced<float> x(Rows(random, columns, &rows));
      Fenced<int8_t> quantized(rows * columns);
      Fenced<RowQuant> params(rows);
      kernels->quantize(x.data(), rows, columns, quantized.data(), params.data());
      CheckQuantizedFrom(x.data(), rows, columns, quantized, params);
    }
  }
}

TEST_CASE("zero is represented exactly, and every value to half a step") {
  std::mt19937 random(2);
  for (const Kernels* kernels : AllTables()) {
    CAPTURE(std::string(kernels->name));
    for (int round = 0; round < 50; ++round) {
      std::vector<float> row = Normal(random, 97, 3, static_cast<float>(round % 11) - 5);
      row[40] = 0;
      std::vector<int8_t> quantized(row.size());
      RowQuant params;
      kernels->quantize(row.data(), 1, row.size(), quantized.data(), &params);
      CHECK(int{quantized[40]} == params.zero_point);
      Worst worst;
      for (size_t i = 0; i < row.size(); ++i) {
        const double value = (int{quantized[i]} - params.zero_point) * static_cast<double>(params.scale);
        worst.Add(std::abs(value - static_cast<double>(row[i])));
      }
      // Half a step, and at the ends another half, where the zero point was rounded.
      CHECK(worst <= 1.001 * static_cast<double>(params.scale));
    }
  }
}

TEST_CASE("layer norm agrees with the twin in every way of calling it") {
  std::mt19937 random(3);
  for (const Kernels* kernels : VectorTables()) {
    CAPTURE(std::string(kernels->name));
    for (const size_t columns : kColumns) {
      CAPTURE(columns);
      const size_t rows = 3;
      std::vector<float> input = Normal(random, rows * columns, 2, 0.3f);
      for (size_t i = 0; i < columns; ++i) input[columns + i] = 1.25f;  // variance 0
      const Fenced<float> x(input), residual(Normal(random, rows * columns));
      const Fenced<float> gamma(Normal(random, columns, 0.3f, 1)), beta(Normal(random, columns, 0.2f));
      for (const bool with_residual : {true, false}) {
        CAPTURE(with_residual);
        const float* added = with_residual ? residual.data() : nullptr;
        const float epsilon = 1e-5f;
        std::vector<float> expected(rows * columns);
        RowOutput twin;
        twin.values = expected.data();
        ScalarKernels().layer_norm(x.data(), added, rows, columns, gamma.data(), beta.data(), epsilon, twin);

        Fenced<float> values(rows * columns);
        Fenced<int8_t> quantized(rows * columns);
        Fenced<RowQuant> params(rows);
        RowOutput both{values.data(), quantized.data(), params.data()};
        kernels->layer_norm(x.data(), added, rows, columns, gamma.data(), beta.data(), epsilon, both);
        CHECK(WorstDifference(values.data(), expected.data(), expected.size()) <= 1e-5);
        CHECK(values.Intact());
        CheckQuantizedFrom(values.data(), rows, columns, quantized, params);

        Fenced<float> only_values(rows * columns);
        RowOutput floats{only_values.data(), nullptr, nullptr};
        kernels->layer_norm(x.data(), added, rows, columns, gamma.data(), beta.data(), epsilon, floats);
        CHECK(std::memcmp(only_values.data(), values.data(), rows * columns * sizeof(float)) == 0);

        Fenced<float> in_x(x.Copy());
        RowOutput over_x{in_x.data(), nullptr, nullptr};
        kernels->layer_norm(in_x.data(), added, rows, columns, gamma.data(), beta.data(), epsilon, over_x);
        CHECK(std::memcmp(in_x.data(), values.data(), rows * columns * sizeof(float)) == 0);
        if (with_residual) {
          Fenced<float> in_residual(residual.Copy());
          RowOutput over_residual{in_residual.data(), nullptr, nullptr};
          kernels->layer_norm(x.data(), in_residual.data(), rows, columns, gamma.data(), beta.data(), epsilon,
                              over_residual);
          CHECK(std::memcmp(in_residual.data(), values.data(), rows * columns * sizeof(float)) == 0);
        }
      }
    }
  }
}

// The twin's own fused quantization is the twin's quantize applied to its floats.
TEST_CASE("the twin quantizes what it normalizes and activates") {
  std::mt19937 random(4);
  const size_t rows = 4, columns = 77;
  const Fenced<float> x(Normal(random, rows * columns)), gamma(Normal(random, columns)), beta(Normal(random, columns));
  Fenced<float> values(rows * columns);
  Fenced<int8_t> quantized(rows * columns);
  Fenced<RowQuant> params(rows);
  const RowOutput y{values.data(), quantized.data(), params.data()};
  ScalarKernels().layer_norm(x.data(), nullptr, rows, columns, gamma.data(), beta.data(), 1e-12f, y);
  CheckQuantizedFrom(values.data(), rows, columns, quantized, params);
  Fenced<float> copy(x.Copy());
  ScalarKernels().activate(ActivationKind::kGeluErf, copy.data(), rows, columns, y);
  CheckQuantizedFrom(values.data(), rows, columns, quantized, params);
}

TEST_CASE("layer norm of huge and tiny rows") {
  std::mt19937 random(5);
  const size_t columns = 100;
  const std::vector<float> gamma(columns, 1), beta(columns, 0);
  for (const Kernels* kernels : VectorTables()) {
    CAPTURE(std::string(kernels->name));
    for (const float size : {1e-30f, 1e-12f, 1e15f}) {
      CAPTURE(size);
      const std::vector<float> x = Normal(random, columns, size);
      std::vector<float> values(columns), expected(columns);
      RowOutput y, twin;
      y.values = values.data();
      twin.values = expected.data();
      kernels->layer_norm(x.data(), nullptr, 1, columns, gamma.data(), beta.data(), 1e-12f, y);
      ScalarKernels().layer_norm(x.data(), nullptr, 1, columns, gamma.data(), beta.data(), 1e-12f, twin);
      CHECK(WorstDifference(values.data(), expected.data(), columns) <= 1e-5);
    }
  }
}

TEST_CASE("activations agree with the twin in every way of calling them") {
  std::mt19937 random(6);
  for (const Kernels* kernels : VectorTables()) {
    CAPTURE(std::string(kernels->name));
    for (const ActivationKind kind :
         {ActivationKind::kNone, ActivationKind::kGeluErf, ActivationKind::kGeluTanh, ActivationKind::kRelu,
          ActivationKind::kTanh, ActivationKind::kSilu, ActivationKind::kQuickGelu}) {
      CAPTURE(static_cast<int>(kind));
      for (const size_t columns : kColumns) {
        CAPTURE(columns);
        size_t rows;
        const std::vector<float> input = Rows(random, columns, &rows);
        std::vector<float> expected = input;
        RowOutput twin;
        twin.values = expected.data();
        ScalarKernels().activate(kind, expected.data(), rows, columns, twin);

        Fenced<float> x(input), values(rows * columns);
        Fenced<int8_t> quantized(rows * columns);
        Fenced<RowQuant> params(rows);
        const RowOutput both{values.data(), quantized.data(), params.data()};
        kernels->activate(kind, x.data(), rows, columns, both);
        CHECK(std::memcmp(x.data(), input.data(), input.size() * sizeof(float)) == 0);
        Worst worst;
        for (size_t i = 0; i < input.size(); ++i) {
          const double size = 1 + std::abs(static_cast<double>(input[i]));
          worst.Add(std::abs(static_cast<double>(values[i]) - static_cast<double>(expected[i])) / size);
        }
        CHECK(worst <= 1e-6);
        CHECK(values.Intact());
        CheckQuantizedFrom(values.data(), rows, columns, quantized, params);

        Fenced<float> overwritten(input);
        Fenced<int8_t> only_quantized(rows * columns);
        Fenced<RowQuant> only_params(rows);
        const RowOutput bytes{nullptr, only_quantized.data(), only_params.data()};
        kernels->activate(kind, overwritten.data(), rows, columns, bytes);
        CHECK(overwritten.Intact());
        CheckQuantizedFrom(values.data(), rows, columns, only_quantized, only_params);

        Fenced<float> in_place(input);
        const RowOutput over{in_place.data(), nullptr, nullptr};
        kernels->activate(kind, in_place.data(), rows, columns, over);
        CHECK(std::memcmp(in_place.data(), values.data(), input.size() * sizeof(float)) == 0);
      }
    }
  }
}

// The polynomials have their worst error somewhere between the points of the other tests: look everywhere.
TEST_CASE("GELU and tanh everywhere between -10 and 10") {
  std::vector<float> input;
  for (int i = -100000; i <= 100000; ++i) input.push_back(static_cast<float>(i) * 1e-4f);
  for (const Kernels* kernels : AllTables()) {
    CAPTURE(std::string(kernels->name));
    for (const ActivationKind kind : {ActivationKind::kGeluErf, ActivationKind::kGeluTanh, ActivationKind::kTanh}) {
      CAPTURE(static_cast<int>(kind));
      std::vector<float> y = input;
      RowOutput output;
      output.values = y.data();
      kernels->activate(kind, y.data(), 1, y.size(), output);
      Worst worst;
      for (size_t i = 0; i < y.size(); ++i) {
        const double x = static_cast<double>(input[i]);
        const double s = 0.79788456080286535588 * (x + 0.044715 * x * x * x);
        const double exact = kind == ActivationKind::kGeluErf    ? x * std::erfc(-x / std::sqrt(2.0)) / 2
                             : kind == ActivationKind::kGeluTanh ? x * (1 + std::tanh(s)) / 2
                                                                 : std::tanh(x);
        worst.Add(std::abs(static_cast<double>(y[i]) - exact) / (1 + std::abs(x)));
      }
      CHECK(worst <= 1e-6);
    }
  }
}

TEST_CASE("rows of embeddings add up") {
  std::mt19937 random(7);
  for (const Kernels* kernels : VectorTables()) {
    CAPTURE(std::string(kernels->name));
    for (const size_t columns : kColumns) {
      CAPTURE(columns);
      const std::vector<float> start = Normal(random, columns);
      const Fenced<float> row(Normal(random, columns));
      std::vector<int8_t> bytes(columns);
      for (int8_t& byte : bytes) byte = static_cast<int8_t>(static_cast<int>(random() % 256) - 128);
      const Fenced<int8_t> int8_row(bytes);

      Fenced<float> sum(start);
      std::vector<float> expected = start;
      kernels->add_row(row.data(), columns, sum.data());
      ScalarKernels().add_row(row.data(), columns, expected.data());
      CHECK(std::memcmp(sum.data(), expected.data(), columns * sizeof(float)) == 0);
      CHECK(sum.Intact());

      kernels->add_int8_row(int8_row.data(), 0.0317f, columns, sum.data());
      ScalarKernels().add_int8_row(int8_row.data(), 0.0317f, columns, expected.data());
      CHECK(WorstDifference(sum.data(), expected.data(), columns) <= 1e-6);
      CHECK(sum.Intact());
    }
  }
}

TEST_CASE("no rows are no work") {
  for (const Kernels* kernels : AllTables()) {
    RowOutput y;
    float value = 5;
    int8_t byte = 7;
    RowQuant params{3, 2.0f};
    y.values = &value;
    y.quantized = &byte;
    y.params = &params;
    kernels->quantize(nullptr, 0, 16, &byte, &params);
    kernels->layer_norm(nullptr, nullptr, 0, 16, nullptr, nullptr, 1e-12f, y);
    kernels->activate(ActivationKind::kGeluErf, nullptr, 0, 16, y);
    CHECK(value == 5);
    CHECK(byte == 7);
    CHECK(params.zero_point == 3);
  }
}

}  // namespace
}  // namespace pbert::test
