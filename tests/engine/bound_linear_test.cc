// Products cut along the output columns, for threads and for the L2 cache: every width, against the textbook's loop.
//
// What can go wrong here is a slice that begins at the wrong place in the packed weights, a column that two slices or
// none compute, or a tile that reads or writes beyond its rows. Hence odd widths, marks around the output, and rubbish
// behind the inputs.
#include "engine/bound_linear.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include "base/packed_block.h"
#include "quant/pack.h"
#include "tests/engine/test_network.h"

namespace pbert::test {
namespace {

using schema::TensorType;

struct Shape {
  uint32_t outputs, inputs;
  TensorType type;
  bool bias = true;
  bool all_least = false;  // weights of -127 and inputs of -128: the largest sums of neighbouring products
  bool row_major = false;  // int8 as in an embedding table
};

// Random weights and inputs, and what comes out of them.
class Case {
 public:
  Case(const Shape& shape, size_t most_rows) : shape_(shape), most_rows_(most_rows) {
    const size_t count = size_t{shape.outputs} * shape.inputs;
    // One element in front: 4-byte aligned and no better, as a tensor may lie in a file.
    weights_.resize(4 + count * (quantized() ? 1 : 4));
    scales_.resize(shape.outputs);
    bias_.resize(shape.outputs);
    for (size_t i = 0; i < count; ++i) {
      if (quantized()) {
        const int value = shape.all_least ? -127 : static_cast<int>(random_() % 255) - 127;
        weights_[4 + i] = static_cast<uint8_t>(value);
      } else {
        const float value = Uniform();
        memcpy(&weights_[4 + 4 * i], &value, 4);
      }
    }
    for (float& scale : scales_) scale = 0.005f + 0.01f * std::fabs(Uniform());
    for (float& bias : bias_) bias = Uniform();

    TensorView& weight = linear_.weights.weight;
    weight.name = "test";
    weight.type = shape.type;
    weight.rows = shape.outputs;
    weight.columns = shape.inputs;
    weight.data = weights_.data() + 4;
    if (quantized() && !shape.row_major) {
      blocks_.resize(4 + static_cast<size_t>(PackedBytes(shape.inputs, shape.outputs)));
      PackInt8Weights(reinterpret_cast<const int8_t*>(weights_.data() + 4), scales_.data(),
                      shape.bias ? bias_.data() : nullptr, shape.inputs, shape.outputs, blocks_.data() + 4);
      weight.layout = schema::Layout::Packed16x4;
      weight.data = blocks_.data() + 4;
    } else {
      weight.scales = quantized() ? scales_.data() : nullptr;
      if (shape.bias) {
        linear_.weights.bias.rows = 1;
        linear_.weights.bias.columns = shape.outputs;
        linear_.weights.bias.data = bias_.data();
      }
    }
    MakeInputs();
  }

  bool Accepted(const Backend& backend) const { return backend.Accepts(linear_.weights); }

  // Binds for so many threads and runs their shares one after the other.
  void Check(const Backend& backend, uint32_t threads, const std::vector<size_t>& row_counts) {
    linear_.backend = &backend;
    REQUIRE(backend.Accepts(linear_.weights));
    REQUIRE(backend.PackedSize(linear_.weights, &linear_.packed_bytes).ok());
    CHECK(linear_.packed_bytes % kCacheLine == 0);
    std::vector<uint8_t> packed(linear_.packed_bytes + kCacheLine, 0xEE);
    uint8_t* aligned = packed.data() + (RoundUp(reinterpret_cast<uintptr_t>(packed.data()), kCacheLine) -
                                        reinterpret_cast<uintptr_t>(packed.data()));
    linear_.packed = nullptr;
    if (linear_.packed_bytes != 0) {
      const Status status = backend.Pack(linear_.weights, aligned, linear_.packed_bytes);
      REQUIRE_MESSAGE(status.ok(), std::string(status.message()));
      linear_.packed = aligned;
    }

    const uint32_t stride = shape_.outputs + 5;
    Arena counting;
    BoundLinear counted;
    REQUIRE(counted.Bind(linear_, stride, threads, &counting).ok());
    std::vector<uint8_t> memory(counting.Needed());
    Arena arena(memory.data(), memory.size());
    BoundLinear bound;
    REQUIRE(bound.Bind(linear_, stride, threads, &arena).ok());
    CHECK(arena.used() == counting.used());
    CHECK(bound.present());
    CHECK(bound.inputs() == shape_.inputs);
    CHECK(bound.outputs() == shape_.outputs);
    CHECK(bound.quantized() == quantized());

    const float kMark = 12345.0f;
    for (const size_t rows : row_counts) {
      CAPTURE(rows);
      std::vector<float> y(most_rows_ * stride + 3, kMark);
      std::vector<uint8_t> scratch(linear_.backend->ScratchBytes(linear_.weights, rows) + kCacheLine);
      void* place = reinterpret_cast<void*>(RoundUp(reinterpret_cast<uintptr_t>(scratch.data()), kCacheLine));
      for (uint32_t t = 0; t < threads; ++t)
        REQUIRE(bound.Run(t, rows, {floats_.data(), int8s_.data(), params_.data()}, y.data(), place).ok());
      double worst = 0;
      for (size_t r = 0; r < rows; ++r) {
        for (size_t c = 0; c < shape_.outputs; ++c) {
          const double error = std::fabs(y[r * stride + c] - expected_[r * shape_.outputs + c]);
          worst = std::isnan(error) ? INFINITY : std::max(worst, error / tolerance_[r * shape_.outputs + c]);
        }
      }
      CHECK(worst < 1);
      // Nothing between the rows, and nothing behind them.
      bool untouched = true;
      for (size_t i = 0; i < y.size(); ++i) {
        const bool ours = i / stride < rows && i % stride < shape_.outputs;
        untouched = untouched && (ours || y[i] == kMark);
      }
      CHECK(untouched);
    }
    bound.Release();
  }

 private:
  bool quantized() const { return shape_.type == TensorType::I8; }
  float Uniform() { return static_cast<float>(random_() >> 8) / 8388608.0f - 1; }

  void MakeInputs() {
    const float kRubbish = std::numeric_limits<float>::quiet_NaN();
    const size_t count = most_rows_ * shape_.inputs;
    floats_.assign(count + kInputPadding / sizeof(float), kRubbish);
    int8s_.assign(count + kInputPadding, 85);
    // Entries of further rows, as in the middle of a matrix; XNNPACK would compute a tile's last row with one of them.
    params_.assign(most_rows_ + 16, {-7777, kRubbish});
    for (size_t i = 0; i < count; ++i) {
      floats_[i] = shape_.all_least ? -1.0f : Uniform() + (i % 7 == 0 ? 1.0f : 0.0f);
    }
    ScalarKernels().quantize(floats_.data(), most_rows_, shape_.inputs, int8s_.data(), params_.data());
    expected_.resize(most_rows_ * shape_.outputs);
    tolerance_.resize(expected_.size());
    for (size_t r = 0; r < most_rows_; ++r) {
      for (size_t o = 0; o < shape_.outputs; ++o) Expect(r, o);
    }
  }

  // An int8 product is exact until its sum is scaled: three roundings. An fp32 sum may be off by a rounding of each
  // partial sum.
  void Expect(size_t r, size_t o) {
    double sum = 0, magnitude = 0;
    for (size_t i = 0; i < shape_.inputs; ++i) {
      double product;
      if (quantized()) {
        const auto w = static_cast<int8_t>(weights_[4 + o * shape_.inputs + i]);
        product = (int8s_[r * shape_.inputs + i] - params_[r].zero_point) * static_cast<double>(w) * params_[r].scale *
                  scales_[o];
      } else {
        float w;
        memcpy(&w, &weights_[4 + 4 * (o * shape_.inputs + i)], 4);
        product = static_cast<double>(floats_[r * shape_.inputs + i]) * w;
      }
      sum += product;
      magnitude += std::fabs(product);
    }
    const double bias = shape_.bias ? bias_[o] : 0;
    expected_[r * shape_.outputs + o] = sum + bias;
    tolerance_[r * shape_.outputs + o] =
        quantized() ? 1e-6 * (std::fabs(sum) + std::fabs(bias)) + 1e-7 : 1e-6 * (magnitude + std::fabs(bias)) + 1e-7;
  }

  Shape shape_;
  size_t most_rows_;
  std::mt19937 random_{3};
  std::vector<uint8_t> weights_, blocks_;
  std::vector<float> scales_, bias_, floats_;
  std::vector<int8_t> int8s_;
  std::vector<RowQuant> params_;
  std::vector<double> expected_, tolerance_;
  PackedLinear linear_;
};

const Backend& Xnn() {
  const Backend* backend = nullptr;
  REQUIRE(XnnBackend(&backend).ok());
  return *backend;
}

// Our own products as well, where they take the weights.
void CheckVectorized(Case& test, uint32_t threads, const std::vector<size_t>& row_counts) {
  REQUIRE(test.Accepted(Xnn()));
  test.Check(Xnn(), threads, row_counts);
  const Backend* native = NativeBackend();
  if (native != nullptr && test.Accepted(*native)) test.Check(*native, threads, row_counts);
}

constexpr TensorType kTypes[] = {TensorType::I8, TensorType::F32};

TEST_CASE("bound linear: every number of rows") {
  std::vector<size_t> rows;
  for (size_t r = 0; r <= 20; ++r) rows.push_back(r);
  for (const TensorType type : kTypes) {
    CAPTURE(static_cast<int>(type));
    for (const uint32_t outputs : {1u, 2u, 7u, 64u, 65u, 150u}) {
      CAPTURE(outputs);
      Case test({.outputs = outputs, .inputs = 31, .type = type}, 20);
      for (const uint32_t threads : {1u, 3u}) CheckVectorized(test, threads, rows);
      test.Check(ReferenceBackend(), 2, rows);
    }
  }
}

TEST_CASE("bound linear: odd numbers of outputs, inputs and threads") {
  for (const TensorType type : kTypes) {
    CAPTURE(static_cast<int>(type));
    for (const uint32_t inputs : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 9u, 16u, 33u, 63u, 64u, 100u, 312u}) {
      CAPTURE(inputs);
      for (const uint32_t outputs :
           {1u, 2u, 3u, 7u, 15u, 16u, 17u, 63u, 64u, 65u, 100u, 127u, 128u, 129u, 150u, 191u, 192u, 200u}) {
        CAPTURE(outputs);
        Case test({.outputs = outputs, .inputs = inputs, .type = type}, 9);
        for (const uint32_t threads : {1u, 2u, 3u, 5u}) {
          CAPTURE(threads);
          CheckVectorized(test, threads, {1, 4, 9});
        }
      }
    }
  }
}

// Wide enough to be cut for the cache as well (half a megabyte of weights), with more threads than blocks, and fewer.
TEST_CASE("bound linear: slices for the L2 cache") {
  for (const TensorType type : kTypes) {
    CAPTURE(static_cast<int>(type));
    const Shape shapes[] = {
        {2304, 768, type}, {768, 3072, type}, {2305, 385, type}, {3071, 769, type}, {130, 9001, type}};
    for (const Shape& shape : shapes) {
      CAPTURE(shape.outputs);
      Case test(shape, 5);
      for (const uint32_t threads : {1u, 2u, 5u, 64u}) {
        CAPTURE(threads);
        CheckVectorized(test, threads, {1, 5});
      }
    }
  }
}

// Some processors' instructions add two products in 16 bits, into which these just fit.
TEST_CASE("bound linear: the largest sums of neighbouring products") {
  size_t taken = 0;
  for (const bool row_major : {false, true}) {
    Case test({.outputs = 70, .inputs = 64, .type = TensorType::I8, .all_least = true, .row_major = row_major}, 9);
    for (const Backend* backend : {&Xnn(), NativeBackend(), &RowMajorBackend(), &ReferenceBackend()}) {
      if (backend == nullptr || !test.Accepted(*backend)) continue;
      CAPTURE(backend->name());
      test.Check(*backend, 2, {1, 2, 9});
      ++taken;
    }
  }
  CHECK(taken >= 4);  // blocks by XNNPACK and the textbook, rows by the textbook and RowMajorBackend
}

TEST_CASE("bound linear: with a bias or without") {
  for (const TensorType type : kTypes) {
    CAPTURE(static_cast<int>(type));
    for (const uint32_t hidden : {8u, 24u, 66u, 130u}) {
      CAPTURE(hidden);
      for (const bool bias : {true, false}) {
        CAPTURE(bias);
        Case test({.outputs = hidden, .inputs = hidden, .type = type, .bias = bias}, 6);
        for (const Backend* backend : {&Xnn(), NativeBackend(), &ReferenceBackend()}) {
          if (backend != nullptr && test.Accepted(*backend)) test.Check(*backend, 2, {1, 6});
        }
      }
    }
  }
}

TEST_CASE("bound linear: absent") {
  Arena counting;
  BoundLinear bound;
  CHECK(bound.Bind(PackedLinear(), 8, 3, &counting).ok());
  CHECK(!bound.present());
  CHECK(counting.used() == 0);
  bound.Release();
}

}  // namespace
}  // namespace pbert::test
