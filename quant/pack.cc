#include "quant/pack.h"

#include <cstring>

#include "base/packed_block.h"

namespace pbert {
namespace {

constexpr size_t kInputsAtOnce = 1024;

// Copies four bytes to each step of a block, and returns their sum. count <= kInputsAtOnce. Eight bytes are added at a
// time, as unsigned numbers in the 16-bit quarters of a word: 128 times 255 + 255 fit into one.
int32_t Scatter(const int8_t* from, size_t count, uint8_t* to) {
  constexpr size_t kStep = kPackedColumns * kPackedInputs;
  constexpr uint64_t kQuarters = 0x00FF00FF00FF00FF;
  static_assert(kInputsAtOnce / 8 * (255 + 255) < 65536);
  uint64_t quarters = 0;
  int32_t sum = 0;
  size_t k = 0;
  for (; k + 8 <= count; k += 8, to += 2 * kStep) {
    uint64_t eight;
    memcpy(&eight, from + k, sizeof(eight));
    memcpy(to, from + k, kPackedInputs);
    memcpy(to + kStep, from + k + kPackedInputs, kPackedInputs);
    eight ^= 0x8080808080808080;  // + 128
    quarters += (eight & kQuarters) + (eight >> 8 & kQuarters);
    sum -= 8 * 128;
  }
  for (; quarters != 0; quarters >>= 16) sum += static_cast<int32_t>(quarters & 0xFFFF);
  for (; k < count; ++k) {
    to[k % 8 / kPackedInputs * kStep + k % kPackedInputs] = static_cast<uint8_t>(from[k]);
    sum += from[k];
  }
  return sum;
}

}  // namespace

void PackInt8Weights(const int8_t* weights, const float* scales, const float* bias, size_t inputs, size_t outputs,
                     uint8_t* packed) {
  static_assert(kInputsAtOnce % 8 == 0);
  const size_t padded = PackedRow(inputs);
  for (size_t first = 0; first < outputs; first += kPackedColumns, packed += PackedBlockBytes(inputs)) {
    if (outputs - first < kPackedColumns || padded != inputs || bias == nullptr) {
      memset(packed, 0, PackedBlockBytes(inputs));
    }
    uint8_t* tail = packed + kPackedColumns * (sizeof(int32_t) + padded);
    const size_t columns = outputs - first < kPackedColumns ? outputs - first : kPackedColumns;
    int32_t sums[kPackedColumns] = {};
    // Some inputs of all rows at a time, so that what is written stays in L1 until its lines are full.
    for (size_t k = 0; k < inputs; k += kInputsAtOnce) {
      const size_t count = inputs - k < kInputsAtOnce ? inputs - k : kInputsAtOnce;
      uint8_t* to = packed + kPackedColumns * (sizeof(int32_t) + k);
      for (size_t c = 0; c < columns; ++c) {
        sums[c] += Scatter(weights + (first + c) * inputs + k, count, to + c * kPackedInputs);
      }
    }
    for (size_t c = 0; c < columns; ++c) {
      const int32_t sum = -sums[c];
      memcpy(packed + c * sizeof(int32_t), &sum, sizeof(sum));
      memcpy(tail + c * sizeof(float), scales + first + c, sizeof(float));
      if (bias != nullptr) memcpy(tail + (kPackedColumns + c) * sizeof(float), bias + first + c, sizeof(float));
    }
  }
}

}  // namespace pbert
