// What lies in the blocks of a Packed16x4 matrix.
#include "base/packed_block.h"
#include "model/float_bits.h"
#include "model/validate.h"

namespace pbert {
namespace {

Status Wrong(const TensorView& matrix, size_t row, const char* what) {
  return Status::Error(Code::kBadFile, "tensor %s: row %zu: %s", matrix.name, row, what);
}

Status VerifyRow(const TensorView& matrix, const PackedBlocks& blocks, size_t row) {
  int32_t minus_sum = 0;
  for (size_t i = 0; i < PackedRow(matrix.columns); ++i) {
    const int8_t weight = blocks.Weight(row, i);
    if (weight == -128) return Wrong(matrix, row, "a weight of -128: must be -127 to 127");
    if (weight != 0 && (row >= matrix.rows || i >= matrix.columns)) {
      return Wrong(matrix, row, "what fills up its block is not zero");
    }
    minus_sum -= weight;
  }
  if (blocks.MinusSum(row) != minus_sum) return Wrong(matrix, row, "the sum of its weights is another one");
  if (row >= matrix.rows) return Status();
  const float scale = blocks.Scale(row), bias = blocks.Bias(row);
  if (!IsPositive(FloatBits(&scale))) return Wrong(matrix, row, "a scale that is not finite and positive");
  if (!IsFinite(FloatBits(&bias))) return Wrong(matrix, row, "a bias that is not finite");
  return Status();
}

}  // namespace

Status VerifyBlocks(const TensorView& matrix) {
  if (matrix.layout != schema::Layout::Packed16x4) return Status();
  const PackedBlocks blocks(matrix.data, matrix.columns);
  const size_t rows = (size_t{matrix.rows} + kPackedColumns - 1) / kPackedColumns * kPackedColumns;
  for (size_t row = 0; row < rows; ++row) PBERT_RETURN_IF_ERROR(VerifyRow(matrix, blocks, row));
  return Status();
}

}  // namespace pbert
