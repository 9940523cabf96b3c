// The portable kernels' bits, which are the same from every compiler and on every machine: each constant here was
// printed by one build and holds for all. A change of an algorithm in *_impl.h may change them, and with them what
// `pocketbert build` writes; nothing else may.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "base/checksum.h"
#include "kernels/kernels.h"
#include "tests/support/skip.h"

namespace pbert::test {
namespace {

// -range to range; no distribution of the standard library, as each has its own.
std::vector<float> Floats(size_t count, float range, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  for (float& value : values) {
    value = (static_cast<float>(random() >> 8) * 0x1p-23f - 1) * range;
  }
  return values;
}

// What all of the columns' tails and several rows of a tile pass through.
constexpr size_t kColumns[] = {1, 2, 3, 4, 7, 16, 29, 64, 131, 384};
constexpr size_t kRows = 3;

template <class Kernel>  // (columns, the checksum to add to)
std::string BitsOf(Kernel run) {
  Xxh64 sum;
  for (const size_t columns : kColumns) run(columns, sum);
  char text[17];
  snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(sum.Finish()));
  return text;
}

void Add(const std::vector<float>& values, Xxh64& sum) { sum.Update(values.data(), values.size() * sizeof(float)); }

const Kernels* Portable() {
  const Kernels* kernels = KernelsFor(Isa::kPortable);
  if (kernels == nullptr) Skip("this build has no portable kernels (POCKETBERT_PORTABLE_KERNELS)");
  return kernels;
}

TEST_CASE("portable: the bits of quantization and of the layer norm") {
  const Kernels* kernels = Portable();
  if (kernels == nullptr) return;
  const auto quantize = [&](size_t columns, Xxh64& sum) {
    const std::vector<float> x = Floats(kRows * columns, 3, 1);
    std::vector<int8_t> q(x.size());
    RowQuant params[kRows];
    kernels->quantize(x.data(), kRows, columns, q.data(), params);
    sum.Update(q.data(), q.size());
    sum.Update(params, sizeof(params));
  };
  CHECK(BitsOf(quantize) == "f8ba3a344310b56e");
  const auto norm = [&](size_t columns, Xxh64& sum) {
    const std::vector<float> x = Floats(kRows * columns, 3, 2), residual = Floats(kRows * columns, 2, 3);
    const std::vector<float> gamma = Floats(columns, 1, 4), beta = Floats(columns, 1, 5);
    std::vector<float> y(x.size());
    std::vector<int8_t> q(x.size());
    RowQuant params[kRows];
    for (const float* added : {static_cast<const float*>(nullptr), residual.data()}) {
      kernels->layer_norm(x.data(), added, kRows, columns, gamma.data(), beta.data(), 1e-7f,
                          {y.data(), q.data(), params});
      Add(y, sum);
      sum.Update(q.data(), q.size());
      sum.Update(params, sizeof(params));
    }
  };
  CHECK(BitsOf(norm) == "a1ddcf4a454a5b2c");
}

TEST_CASE("portable: the bits of each activation, of tiny and of large values too") {
  const Kernels* kernels = Portable();
  if (kernels == nullptr) return;
  const struct {
    ActivationKind kind;
    const char* bits;
  } all[] = {
      {ActivationKind::kNone, "46c764653dfe8d8b"},      {ActivationKind::kGeluErf, "25a2d5ee90b782ea"},
      {ActivationKind::kGeluTanh, "4f817ead560e2dd9"},  {ActivationKind::kRelu, "2f9ae0410f4eb2cc"},
      {ActivationKind::kTanh, "c51db882702c7aab"},      {ActivationKind::kSilu, "197a1c90079d2a02"},
      {ActivationKind::kQuickGelu, "0aa9c02d39f56b3a"},
  };
  for (const auto& one : all) {
    const auto activate = [&](size_t columns, Xxh64& sum) {
      for (const float range : {1e-39f, 1e-20f, 1.0f, 8.0f, 200.0f}) {
        std::vector<float> x = Floats(kRows * columns, range, 6);
        kernels->activate(one.kind, x.data(), kRows, columns, {x.data(), nullptr, nullptr});
        Add(x, sum);
      }
    };
    CAPTURE(static_cast<int>(one.kind));
    CHECK(BitsOf(activate) == one.bits);
  }
}

TEST_CASE("portable: the bits of softmax and attention") {
  const Kernels* kernels = Portable();
  if (kernels == nullptr) return;
  const auto softmax = [&](size_t columns, Xxh64& sum) {
    for (const float range : {1e-39f, 1.0f, 100.0f}) {
      std::vector<float> x = Floats(columns, range, 7);
      kernels->softmax(x.data(), columns);
      Add(x, sum);
    }
  };
  CHECK(BitsOf(softmax) == "3bd7ceb8a0eeb897");
  const auto attention = [&](size_t tokens, Xxh64& sum) {
    for (const size_t head : {1, 6, 32, 64}) {
      const std::vector<float> qkv = Floats(tokens * 3 * head, 1, 8);
      std::vector<float> scratch(AttentionScratch(tokens, head)), out(tokens * head);
      kernels->attention(qkv.data(), 3 * head, tokens, qkv.data() + head, qkv.data() + 2 * head, 3 * head, tokens, head,
                         scratch.data(), out.data(), head);
      Add(out, sum);
    }
  };
  CHECK(BitsOf(attention) == "d0f98b8c6695cb41");
}

TEST_CASE("portable: the bits of sums of rows, and of rows times a matrix") {
  const Kernels* kernels = Portable();
  if (kernels == nullptr) return;
  const auto rows = [&](size_t columns, Xxh64& sum) {
    const std::vector<float> x = Floats(columns, 1, 9);
    std::vector<int8_t> bytes(columns);
    for (size_t i = 0; i < columns; ++i) bytes[i] = static_cast<int8_t>(i * 37 + 11);
    std::vector<float> y = Floats(columns, 1, 10);
    kernels->add_int8_row(bytes.data(), 0.0123f, columns, y.data());
    kernels->add_row(x.data(), columns, y.data());
    Add(y, sum);
  };
  CHECK(BitsOf(rows) == "ca97b0ff66b96409");
  const auto dot = [&](size_t columns, Xxh64& sum) {
    const std::vector<float> x = Floats(columns, 1, 11), weights = Floats(5 * columns, 1, 12), bias = Floats(5, 1, 13);
    std::vector<float> y(5);
    kernels->dot_rows(x.data(), weights.data(), bias.data(), columns, y.size(), y.data());
    Add(y, sum);
  };
  CHECK(BitsOf(dot) == "32f9e8e91ea8f1b4");
}

}  // namespace
}  // namespace pbert::test
