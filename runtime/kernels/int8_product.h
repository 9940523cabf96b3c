// int8 matrix products from weights in blocks of 16 output columns by 4 inputs (base/packed_block.h), which may begin
// at any address.
//
// Each instruction set has a file of its own, int8_product_<instruction set>.cc; int8_product_scalar.cc is the twin
// that the tests compare with. All give the same bits.
#ifndef POCKETBERT_KERNELS_INT8_PRODUCT_H_
#define POCKETBERT_KERNELS_INT8_PRODUCT_H_

#include <cstddef>
#include <cstdint>

#include "base/packed_block.h"
#include "kernels/kernels.h"

namespace pbert {

struct Int8Product {
  const char* name;   // "scalar", "avx2", "avxvnni", "avx512vnni", "neon", "neondot", "neoni8mm", "wasmsimd"
  size_t max_inputs;  // more inputs than this would overflow its stack buffer
  // Whether it reads the weights once for a few rows and once more for the next few: then a caller that has more
  // columns than fit into the L2 cache had better cut them.
  bool rereads_weights;

  // y[r][c] = float(sum over k of (x[r][k] - zero_point[r]) * w[c][k]) * scale[r] * scales[c] + bias[c] for
  // columns >= 1 outputs and inputs >= 1, multiplied and added in this order after an exact sum. x: [rows, inputs],
  // next to each other, anything; weights: -127 to 127; rows of y are y_stride floats apart. Reads nothing outside of
  // x's rows, writes nothing outside of y's. scratch: scratch_bytes(rows, inputs) of them, aligned to 16; one thread's
  // at a time.
  void (*multiply)(const int8_t* x, const RowQuant* params, size_t rows, size_t inputs, const uint8_t* packed,
                   size_t columns, float* y, size_t y_stride, void* scratch);
  // Grows with rows. Null: 0; ScratchBytes knows.
  size_t (*scratch_bytes)(size_t rows, size_t inputs) = nullptr;

  size_t ScratchBytes(size_t rows, size_t inputs) const {
    return scratch_bytes == nullptr ? 0 : scratch_bytes(rows, inputs);
  }
};

const Int8Product& ScalarInt8Product();
// By the name of an instruction set ("portable": the best that this CPU has). Null when this build or this CPU does not
// have it.
const Int8Product* Int8ProductFor(const char* name);
// That of the instruction set in use, see instruction_set.h. Null if it has none, and where nothing but "scalar" is
// left and nobody asked for it. Always the same in a process.
const Int8Product* BestInt8Product();
// Whether that one has been measured to beat XNNPACK's on such a CPU, or is asked for.
bool Int8ProductIsFastest();

}  // namespace pbert

#endif  // POCKETBERT_KERNELS_INT8_PRODUCT_H_
