// Products of dense matrices for training. Sums are taken in a fixed order, whatever the number of threads and the
// vectors of the processor, so that training gives the same bits everywhere.
#ifndef POCKETBERT_CONVERTER_INTENTS_DENSE_H_
#define POCKETBERT_CONVERTER_INTENTS_DENSE_H_

#include <cstddef>
#include <vector>

namespace pbert::converter {

// [rows, columns], row-major; `stride` floats from row to row, a multiple of kDenseStep, zeros behind the columns.
struct DenseMatrix {
  DenseMatrix() = default;
  DenseMatrix(size_t row_count, size_t column_count);

  float* row(size_t index) { return values.data() + index * stride; }
  const float* row(size_t index) const { return values.data() + index * stride; }

  size_t rows = 0, columns = 0, stride = 0;
  std::vector<float> values;
};
inline constexpr size_t kDenseStep = 16;

// out[a.rows, b.rows] = a b^T. All columns of `out` are written.
void MultiplyByTransposed(const DenseMatrix& a, const DenseMatrix& b, size_t threads, DenseMatrix* out);

// out[a.columns, b.columns] = a^T b. Of a symmetric product (a is b) with `lower` only what lies below the diagonal,
// and some above it, is computed.
void MultiplyTransposed(const DenseMatrix& a, const DenseMatrix& b, size_t threads, DenseMatrix* out,
                        bool lower = false);

double Dot(const std::vector<float>& a, const std::vector<float>& b);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_DENSE_H_
