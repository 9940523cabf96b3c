// Quantized rows to the layout of base/packed_block.h.
#ifndef POCKETBERT_QUANT_PACK_H_
#define POCKETBERT_QUANT_PACK_H_

#include <cstddef>
#include <cstdint>

namespace pbert {

// weights: row-major [outputs, inputs]; scales [outputs]; bias [outputs] or null, for zeros. Writes
// PackedBytes(inputs, outputs) bytes to `packed`.
void PackInt8Weights(const int8_t* weights, const float* scales, const float* bias, size_t inputs, size_t outputs,
                     uint8_t* packed);

}  // namespace pbert

#endif  // POCKETBERT_QUANT_PACK_H_
