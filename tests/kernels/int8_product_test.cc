// int8 products: the scalar twin is a plain sum over row-major weights, every instruction set gives the twin's bits,
// and nobody reads or writes where he should not.
#include "kernels/int8_product.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "quant/pack.h"
#include "tests/kernels/memory.h"
#include "tests/kernels/vnni256.h"

namespace pbert::test {
namespace {

// All that this CPU has.
std::vector<const Int8Product*> Vectorised() {
  std::vector<const Int8Product*> products;
  for (const char* name : {"avx2", "avxvnni", "avx512vnni", "neon", "neondot", "neoni8mm", "wasmsimd"}) {
    if (const Int8Product* product = Int8ProductFor(name); product != nullptr) products.push_back(product);
  }
#if defined(__x86_64__) || defined(__i386__)
  if (Cpu().Avx512() && Cpu().avx512vnni) products.push_back(&Vnni256Int8Product());
#endif
  return products;
}

struct Matrix {
  Matrix(size_t inputs, size_t outputs, uint32_t seed)
      : inputs(inputs),
        outputs(outputs),
        weights(inputs * outputs),
        scales(outputs),
        bias(outputs),
        packed(static_cast<size_t>(PackedBytes(inputs, outputs))) {
    std::mt19937 random(seed);
    for (int8_t& w : weights) w = static_cast<int8_t>(random() % 255 - 127);
    for (float& scale : scales) scale = static_cast<float>(random() % 1000 + 1) * 1e-5f;
    for (float& b : bias) b = static_cast<float>(random() % 1000) * 1e-2f - 5;
    PackInt8Weights(weights.data(), scales.data(), bias.data(), inputs, outputs, packed.data());
  }
  size_t inputs, outputs;
  std::vector<int8_t> weights;
  std::vector<float> scales, bias;
  Fenced<uint8_t> packed;
};

struct Rows {
  Rows(size_t rows, size_t inputs, uint32_t seed) : x(rows * inputs), params(rows) {
    std::mt19937 random(seed);
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<int8_t>(random());
    for (size_t r = 0; r < rows; ++r) {
      params[r] = {static_cast<int32_t>(random() % 256) - 128, static_cast<float>(random() % 100 + 1) * 1e-3f};
    }
  }
  Fenced<int8_t> x;
  Fenced<RowQuant> params;
};

std::vector<float> Multiply(const Int8Product& product, const Matrix& w, const Rows& x, size_t stride) {
  const size_t rows = x.params.size();
  Fenced<float> y(rows == 0 ? 0 : (rows - 1) * stride + w.outputs);
  Fenced<uint8_t> scratch(product.ScratchBytes(rows, w.inputs));
  product.multiply(x.x.data(), x.params.data(), rows, w.inputs, w.packed.data(), w.outputs, y.data(), stride,
                   scratch.data());
  CHECK(scratch.Intact());
  CHECK(y.Intact());
  std::vector<float> dense;
  bool untouched = true;
  for (size_t i = 0; i < y.size(); ++i) {
    if (i % stride < w.outputs) {
      dense.push_back(y[i]);
    } else {
      untouched = untouched && y.Untouched(i);
    }
  }
  CHECK(untouched);
  return dense;
}

TEST_CASE("int8 product: the scalar twin is a plain sum") {
  for (const size_t inputs : {1, 3, 4, 9, 64, 1023, 1024, 1030, 2055}) {
    for (const size_t outputs : {1, 15, 16, 17, 40}) {
      const Matrix w(inputs, outputs, 1);
      const Rows x(3, inputs, 2);
      const std::vector<float> y = Multiply(ScalarInt8Product(), w, x, outputs + 2);
      REQUIRE(y.size() == 3 * outputs);
      for (size_t r = 0; r < 3; ++r) {
        for (size_t c = 0; c < outputs; ++c) {
          int64_t sum = 0;
          for (size_t k = 0; k < inputs; ++k) {
            sum += (int64_t{x.x[r * inputs + k]} - x.params[r].zero_point) * w.weights[c * inputs + k];
          }
          CHECK(y[r * outputs + c] == static_cast<float>(sum) * x.params[r].scale * w.scales[c] + w.bias[c]);
        }
      }
    }
  }
}

TEST_CASE("int8 product: a block is 16 sums, weights 4 by 4, scales, biases; zeros fill it up") {
  const Matrix w(5, 18, 3);
  REQUIRE(w.packed.size() == 2 * (64 + 16 * 8 + 128));
  const uint8_t* block = w.packed.data() + PackedBlockBytes(5);  // outputs 16 and 17
  for (size_t c = 0; c < 16; ++c) {
    const size_t output = 16 + c;
    const bool real = output < w.outputs;
    int32_t sum = 0, packed_sum;
    for (size_t k = 0; k < 8; ++k) {
      const int8_t expected = real && k < 5 ? w.weights[output * 5 + k] : int8_t{0};
      sum -= expected;
      CHECK(static_cast<int8_t>(block[64 + k / 4 * 64 + c * 4 + k % 4]) == expected);
    }
    float scale, bias;
    std::memcpy(&packed_sum, block + 4 * c, 4);
    std::memcpy(&scale, block + 64 + 128 + 4 * c, 4);
    std::memcpy(&bias, block + 64 + 128 + 64 + 4 * c, 4);
    CHECK(packed_sum == sum);
    CHECK(scale == (real ? w.scales[output] : 0.0f));
    CHECK(bias == (real ? w.bias[output] : 0.0f));
  }
}

TEST_CASE("int8 product: every instruction set gives the scalar twin's bits") {
  size_t compared = 0;
  for (const size_t inputs : {1, 2, 3, 4, 5, 15, 16, 17, 31, 64, 65, 100, 768}) {
    for (const size_t outputs : {1, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 48, 49, 63, 64, 65, 80, 96, 97, 150}) {
      const Matrix w(inputs, outputs, 4);
      for (const size_t rows : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 16, 17, 18, 23, 25, 33}) {
        const Rows x(rows, inputs, 5);
        const std::vector<float> expected = Multiply(ScalarInt8Product(), w, x, outputs + 3);
        for (const Int8Product* product : Vectorised()) {
          CAPTURE(product->name);
          CAPTURE(inputs);
          CAPTURE(outputs);
          CAPTURE(rows);
          CHECK(Multiply(*product, w, x, outputs + 3) == expected);
          ++compared;
        }
      }
    }
  }
  if (compared == 0) MESSAGE("this CPU has no vectorised product");
}

// More rows than one pass holds the sums of, and the largest sums.
TEST_CASE("int8 product: many rows, and extreme values") {
  for (const Int8Product* product : Vectorised()) {
    CAPTURE(product->name);
    const Matrix w(36, 50, 6);
    const Rows x(531, 36, 7);
    CHECK(Multiply(*product, w, x, 50) == Multiply(ScalarInt8Product(), w, x, 50));

    Matrix extreme(8192, 16, 8);
    std::fill(extreme.weights.begin(), extreme.weights.end(), int8_t{-127});
    PackInt8Weights(extreme.weights.data(), extreme.scales.data(), nullptr, 8192, 16, extreme.packed.data());
    for (const int8_t value : {int8_t{-128}, int8_t{127}}) {
      Rows same(5, 8192, 9);
      for (size_t i = 0; i < same.x.size(); ++i) same.x[i] = value;
      for (size_t r = 0; r < 5; ++r) same.params[r].zero_point = value < 0 ? 127 : -128;
      CHECK(Multiply(*product, extreme, same, 16) == Multiply(ScalarInt8Product(), extreme, same, 16));
    }
  }
}

// A mapped file is no more aligned than that, and what it says of the sums of its weights may be a lie.
TEST_CASE("int8 product: packed weights begin at any multiple of 4, and their stored sums may be anything") {
  const Matrix w(70, 40, 10);
  const Rows x(7, 70, 11);
  const std::vector<float> expected = Multiply(ScalarInt8Product(), w, x, 40);
  for (const Int8Product* product : Vectorised()) {
    CAPTURE(product->name);
    Fenced<uint8_t> scratch(product->ScratchBytes(7, 70));
    for (size_t offset = 4; offset < 64; offset += 4) {
      std::vector<uint64_t> memory((w.packed.size() + offset) / 8 + 1);
      uint8_t* packed = reinterpret_cast<uint8_t*>(memory.data()) + offset;
      std::memcpy(packed, w.packed.data(), w.packed.size());
      std::vector<float> y(7 * 40);
      product->multiply(x.x.data(), x.params.data(), 7, 70, packed, 40, y.data(), 40, scratch.data());
      CHECK(y == expected);
      for (const int32_t sum : {INT32_MIN, INT32_MAX}) {
        for (size_t c = 0; c < kPackedColumns; ++c) std::memcpy(packed + 4 * c, &sum, 4);
        product->multiply(x.x.data(), x.params.data(), 7, 70, packed, 40, y.data(), 40, scratch.data());
        CHECK(std::equal(y.begin() + kPackedColumns, y.begin() + 40, expected.begin() + kPackedColumns));
      }
    }
  }
}

}  // namespace
}  // namespace pbert::test
