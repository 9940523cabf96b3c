// The product as one writes it down.
#include "kernels/int8_product.h"

namespace pbert {
namespace {

void Multiply(const int8_t* x, const RowQuant* params, size_t rows, size_t inputs, const uint8_t* packed,
              size_t columns, float* y, size_t y_stride, void*) {
  const PackedBlocks weights(packed, inputs);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) {
      int32_t sum = 0;
      for (size_t k = 0; k < inputs; ++k) {
        sum += (x[r * inputs + k] - params[r].zero_point) * weights.Weight(c, k);
      }
      y[r * y_stride + c] = static_cast<float>(sum) * params[r].scale * weights.Scale(c) + weights.Bias(c);
    }
  }
}

}  // namespace

const Int8Product& ScalarInt8Product() {
  static constexpr Int8Product kProduct = {"scalar", SIZE_MAX, true, Multiply};
  return kProduct;
}

}  // namespace pbert
