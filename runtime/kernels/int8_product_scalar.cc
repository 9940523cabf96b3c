// Packing, and the product as one writes it down.
#include <cstring>

#include "kernels/int8_product.h"

namespace pbert {
namespace {

// Where the parts of a block are, unaligned or not.
int8_t Weight(const uint8_t* block, size_t column, size_t k) {
  const size_t at = k / kPackedInputs * (kPackedColumns * kPackedInputs) + column * kPackedInputs + k % kPackedInputs;
  return static_cast<int8_t>(block[kPackedColumns * sizeof(int32_t) + at]);
}

float Tail(const uint8_t* block, size_t inputs, size_t index) {
  float value;
  memcpy(&value, block + kPackedColumns * (sizeof(int32_t) + PackedRow(inputs)) + index * sizeof(float), sizeof(float));
  return value;
}

void Multiply(const int8_t* x, const RowQuant* params, size_t rows, size_t inputs, const uint8_t* packed,
              size_t columns, float* y, size_t y_stride) {
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) {
      const uint8_t* block = packed + c / kPackedColumns * PackedBlockBytes(inputs);
      const size_t column = c % kPackedColumns;
      int32_t sum = 0;
      for (size_t k = 0; k < inputs; ++k) {
        sum += (x[r * inputs + k] - params[r].zero_point) * Weight(block, column, k);
      }
      const float scaled = static_cast<float>(sum) * params[r].scale * Tail(block, inputs, column);
      y[r * y_stride + c] = scaled + Tail(block, inputs, kPackedColumns + column);
    }
  }
}

}  // namespace

void PackInt8Weights(const int8_t* weights, const float* scales, const float* bias, size_t inputs, size_t outputs,
                     uint8_t* packed) {
  const size_t padded = PackedRow(inputs);
  for (size_t first = 0; first < outputs; first += kPackedColumns, packed += PackedBlockBytes(inputs)) {
    if (outputs - first < kPackedColumns || padded != inputs || bias == nullptr) {
      memset(packed, 0, PackedBlockBytes(inputs));
    }
    uint8_t* tail = packed + kPackedColumns * (sizeof(int32_t) + padded);
    const size_t columns = outputs - first < kPackedColumns ? outputs - first : kPackedColumns;
    // Four bytes of each row in turn, so that a block is written from its start to its end.
    uint8_t* to = packed + kPackedColumns * sizeof(int32_t);
    for (size_t k = 0; k < inputs; k += kPackedInputs, to += kPackedColumns * kPackedInputs) {
      const int8_t* from = weights + first * inputs + k;
      const size_t count = inputs - k;
      for (size_t c = 0; c < columns; ++c, from += inputs) {
        if (count >= kPackedInputs) {
          memcpy(to + c * kPackedInputs, from, kPackedInputs);
        } else {
          memcpy(to + c * kPackedInputs, from, count);
        }
      }
    }
    for (size_t c = 0; c < columns; ++c) {
      const int8_t* row = weights + (first + c) * inputs;
      int32_t sum = 0;
      for (size_t k = 0; k < inputs; ++k) sum -= row[k];
      memcpy(packed + c * sizeof(int32_t), &sum, sizeof(sum));
      memcpy(tail + c * sizeof(float), scales + first + c, sizeof(float));
      if (bias != nullptr) memcpy(tail + (kPackedColumns + c) * sizeof(float), bias + first + c, sizeof(float));
    }
  }
}

const Int8Product& ScalarInt8Product() {
  static constexpr Int8Product kProduct = {"scalar", SIZE_MAX, true, Multiply};
  return kProduct;
}

}  // namespace pbert
