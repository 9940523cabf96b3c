// The layout Packed16x4 of int8 matrices: blocks of 16 outputs by 4 inputs, in the order in which the kernels read
// them. A file holds its linear layers so, and they are multiplied from where they are mapped.
//
// A block holds 16 outputs, one block after the other: 16 int32 of -sum(w), the weights (for each 4 inputs the 4
// of output 0, then of output 1, ...; filled with zeros to a multiple of 4 inputs and 16 outputs), 16 float scales,
// 16 float biases. This is XNNPACK's own packed form for nr = 16, kr = 4.
#ifndef POCKETBERT_BASE_PACKED_BLOCK_H_
#define POCKETBERT_BASE_PACKED_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pbert {

inline constexpr size_t kPackedColumns = 16;
inline constexpr size_t kPackedInputs = 4;

constexpr size_t PackedRow(size_t inputs) { return (inputs + kPackedInputs - 1) / kPackedInputs * kPackedInputs; }

// Bytes of one block, a multiple of 64, and of a whole matrix.
constexpr size_t PackedBlockBytes(size_t inputs) {
  return kPackedColumns * (sizeof(int32_t) + PackedRow(inputs) + 2 * sizeof(float));
}
constexpr uint64_t PackedBytes(size_t inputs, size_t outputs) {
  return uint64_t{(outputs + kPackedColumns - 1) / kPackedColumns} * PackedBlockBytes(inputs);
}

// Single values of a matrix in blocks, at any address.
class PackedBlocks {
 public:
  PackedBlocks(const void* data, size_t inputs) : data_(static_cast<const uint8_t*>(data)), inputs_(inputs) {}

  int8_t Weight(size_t output, size_t input) const {
    const size_t step = input / kPackedInputs * (kPackedColumns * kPackedInputs);
    return static_cast<int8_t>(Block(output)[kPackedColumns * sizeof(int32_t) + step +
                                             output % kPackedColumns * kPackedInputs + input % kPackedInputs]);
  }
  // The row of an output: `inputs` weights.
  void CopyRow(size_t output, int8_t* to) const {
    const uint8_t* from = Block(output) + kPackedColumns * sizeof(int32_t) + output % kPackedColumns * kPackedInputs;
    size_t i = 0;
    for (; i + kPackedInputs <= inputs_; i += kPackedInputs, from += kPackedColumns * kPackedInputs) {
      memcpy(to + i, from, kPackedInputs);
    }
    memcpy(to + i, from, inputs_ - i);
  }
  int32_t MinusSum(size_t output) const { return Word<int32_t>(output, 0); }
  float Scale(size_t output) const { return Word<float>(output, sizeof(int32_t) + PackedRow(inputs_)); }
  float Bias(size_t output) const { return Word<float>(output, sizeof(int32_t) + PackedRow(inputs_) + sizeof(float)); }

 private:
  const uint8_t* Block(size_t output) const { return data_ + output / kPackedColumns * PackedBlockBytes(inputs_); }

  // `offset`: in bytes for each output, as the parts of a block lie one behind the other.
  template <typename Value>
  Value Word(size_t output, size_t offset) const {
    Value value;
    memcpy(&value, Block(output) + kPackedColumns * offset + output % kPackedColumns * sizeof(Value), sizeof(Value));
    return value;
  }

  const uint8_t* data_;
  size_t inputs_;
};

}  // namespace pbert

#endif  // POCKETBERT_BASE_PACKED_BLOCK_H_
