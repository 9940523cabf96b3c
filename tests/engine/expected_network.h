// The network written plainly, in double precision, from the schema's description: what the engine's answers are held
// against.
#ifndef POCKETBERT_TESTS_ENGINE_EXPECTED_NETWORK_H_
#define POCKETBERT_TESTS_ENGINE_EXPECTED_NETWORK_H_

#include <cstdint>
#include <span>
#include <vector>

#include "model/model.h"

namespace pbert::test {

struct Matrix {
  size_t rows = 0, columns = 0;
  std::vector<double> values;

  Matrix() = default;
  Matrix(size_t r, size_t c) : rows(r), columns(c), values(r * c) {}
  double* row(size_t r) { return values.data() + r * columns; }
  const double* row(size_t r) const { return values.data() + r * columns; }
};

// y = x W^T + b. int8 weights meet int8 activations (see ExpectedQuantize), exactly multiplied.
Matrix ExpectedLinear(const Model& model, const schema::Linear& linear, const Matrix& x);

// The row as it is seen by int8 weights: quantized and back, following the formula in kernels.h step by step in fp32.
std::vector<double> ExpectedQuantized(std::span<const double> row);

// Hidden states after the embeddings, and after each layer that is run. Empty types: all 0.
// `attention`, if not null, receives those behind each layer's attention.
std::vector<Matrix> ExpectedHidden(const Model& model, std::span<const int32_t> ids, std::span<const uint8_t> types,
                                   std::vector<Matrix>* attention = nullptr);

// A head's outputs for each row of `hidden`.
Matrix ExpectedHead(const Model& model, uint32_t head, const Matrix& hidden);

}  // namespace pbert::test

#endif  // POCKETBERT_TESTS_ENGINE_EXPECTED_NETWORK_H_
