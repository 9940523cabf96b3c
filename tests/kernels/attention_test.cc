// Softmax and attention: every instruction set against the scalar twin.
#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "kernels/kernels.h"
#include "tests/kernels/memory.h"
#include "tests/kernels/tables.h"

namespace pbert::test {
namespace {

void CheckSoftmax(const Kernels& kernels, const std::vector<float>& logits) {
  Fenced<float> x(logits);
  std::vector<float> expected = logits;
  kernels.softmax(x.data(), x.size());
  ScalarKernels().softmax(expected.data(), expected.size());
  Worst worst;
  double sum = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    const double exact = static_cast<double>(expected[i]);
    worst.Add(std::abs(static_cast<double>(x[i]) - exact) / (exact + 1e-30));
    sum += static_cast<double>(x[i]);
  }
  CHECK(worst <= 3e-6);
  CHECK(std::abs(sum - 1) <= 1e-5);
  CHECK(x.Intact());
}

TEST_CASE("softmax agrees with the twin") {
  std::mt19937 random(1);
  for (const Kernels* kernels : VectorTables()) {
    CAPTURE(std::string(kernels->name));
    for (const size_t n : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 100, 128, 151, 512, 1000}) {
      CAPTURE(n);
      CheckSoftmax(*kernels, Normal(random, n, 5));
      CheckSoftmax(*kernels, Normal(random, n, 0.001f, 1000));
      CheckSoftmax(*kernels, std::vector<float>(n, -7.5f));
      CheckSoftmax(*kernels, Normal(random, n, 10, -1e6f));
      std::vector<float> masked = Normal(random, n);  // all but the first shut out
      for (size_t i = 1; i < n; ++i) masked[i] = -3e38f;
      CheckSoftmax(*kernels, masked);
      masked[n - 1] = 90;  // one far above the rest
      CheckSoftmax(*kernels, masked);
    }
    kernels->softmax(nullptr, 0);
  }
}

struct Shape {
  size_t queries, keys, head;
};

// q, k and v lie side by side in rows of `stride`, as the joined product leaves them.
void CheckAttention(const Kernels& kernels, const Shape& shape, std::mt19937& random, float deviation) {
  CAPTURE(shape.queries);
  CAPTURE(shape.keys);
  CAPTURE(shape.head);
  const size_t stride = 3 * shape.head + 5, out_stride = shape.head + 3;
  // Each matrix ends at a fence of its own.
  const Fenced<float> q(Normal(random, (shape.queries - 1) * stride + shape.head, deviation));
  const Fenced<float> k(Normal(random, (shape.keys - 1) * stride + shape.head, deviation));
  const Fenced<float> v(Normal(random, (shape.keys - 1) * stride + shape.head));

  Fenced<float> scratch(AttentionScratch(shape.keys, shape.head));
  Fenced<float> out((shape.queries - 1) * out_stride + shape.head);
  std::vector<float> twin_scratch(AttentionScratch(shape.keys, shape.head)), expected(out.size());
  kernels.attention(q.data(), stride, shape.queries, k.data(), v.data(), stride, shape.keys, shape.head, scratch.data(),
                    out.data(), out_stride);
  ScalarKernels().attention(q.data(), stride, shape.queries, k.data(), v.data(), stride, shape.keys, shape.head,
                            twin_scratch.data(), expected.data(), out_stride);
  Worst worst;
  size_t touched = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    if (i % out_stride >= shape.head) {
      touched += out.Untouched(i) ? 0 : 1;  // between the rows
      continue;
    }
    worst.Add(std::abs(static_cast<double>(out[i]) - static_cast<double>(expected[i])));
  }
  CHECK(worst <= 2e-5);
  CHECK(touched == 0);
  CHECK(out.Intact());
  CHECK(scratch.Intact());
}

TEST_CASE("attention agrees with the twin") {
  std::mt19937 random(2);
  for (const Kernels* kernels : VectorTables()) {
    CAPTURE(std::string(kernels->name));
    for (const size_t queries : {1, 2, 3, 4, 5, 7, 8, 9, 15}) {
      for (const size_t keys : {1, 2, 7, 12, 16, 17, 33, 49, 100}) {
        for (const size_t head : {1, 3, 8, 16, 26, 32, 64, 80}) {
          CheckAttention(*kernels, {queries, keys, head}, random, 1);
        }
      }
    }
    CheckAttention(*kernels, {128, 128, 64}, random, 0.7f);
    CheckAttention(*kernels, {3, 512, 64}, random, 0.7f);
    CheckAttention(*kernels, {1, 511, 32}, random, 0.7f);
  }
}

// Every tile adds up in the same order, so a row does not depend on how many others there are.
TEST_CASE("attention gives a query the same bits alone and among others") {
  std::mt19937 random(3);
  for (const Kernels* kernels : AllTables()) {
    CAPTURE(std::string(kernels->name));
    for (const size_t keys : {1, 6, 23, 45, 64}) {
      CAPTURE(keys);
      for (const size_t head : {5, 12, 28, 31, 64}) {
        CAPTURE(head);
        const size_t queries = 15;
        const std::vector<float> q = Normal(random, queries * head), k = Normal(random, keys * head);
        const std::vector<float> v = Normal(random, keys * head);
        std::vector<float> scratch(AttentionScratch(keys, head)), all(q.size()), alone(q.size());
        kernels->attention(q.data(), head, queries, k.data(), v.data(), head, keys, head, scratch.data(), all.data(),
                           head);
        for (size_t r = 0; r < queries; ++r) {
          kernels->attention(q.data() + r * head, head, 1, k.data(), v.data(), head, keys, head, scratch.data(),
                             alone.data() + r * head, head);
        }
        CHECK(all == alone);
      }
    }
  }
}

TEST_CASE("attention to one key among many far below it") {
  for (const Kernels* kernels : AllTables()) {
    CAPTURE(std::string(kernels->name));
    const size_t keys = 37, head = 32;
    std::vector<float> q(head, 10), k(keys * head, -10), v(keys * head), out(head);
    for (size_t i = 0; i < head; ++i) k[20 * head + i] = 10;
    for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(i);
    std::vector<float> scratch(AttentionScratch(keys, head));
    kernels->attention(q.data(), head, 1, k.data(), v.data(), head, keys, head, scratch.data(), out.data(), head);
    for (size_t i = 0; i < head; ++i) CHECK(out[i] == doctest::Approx(v[20 * head + i]).epsilon(1e-6));
  }
}

TEST_CASE("attention without queries touches nothing") {
  for (const Kernels* kernels : AllTables()) {
    kernels->attention(nullptr, 64, 0, nullptr, nullptr, 64, 5, 64, nullptr, nullptr, 64);
  }
}

TEST_CASE("scratch grows with the keys") {
  for (const size_t head : {1, 26, 64, 128}) {
    size_t before = 0;
    for (size_t keys = 1; keys <= 512; ++keys) {
      const size_t now = AttentionScratch(keys, head);
      CHECK(now >= before);
      CHECK(now >= keys);
      before = now;
    }
  }
}

}  // namespace
}  // namespace pbert::test
