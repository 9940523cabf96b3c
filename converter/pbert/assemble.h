// The metadata section of a .pbert file: header, flatbuffer, padding.
#ifndef POCKETBERT_CONVERTER_PBERT_ASSEMBLE_H_
#define POCKETBERT_CONVERTER_PBERT_ASSEMBLE_H_

#include <cstdint>
#include <vector>

#include "schema/model_generated.h"

namespace pbert::converter {

// The bytes [0, data_offset) of a file whose tensor data, `data_size` bytes (a multiple of 64) with XXH64
// `data_checksum`, follow directly. Their number is a multiple of 64 and depends on `model` (and `room`) alone, and
// tensors count their blocks from where they end: so metadata can be written anew (a report, say) without
// touching what the tensors say. Throws Error when the file would exceed the format's limits.
// Nothing else is checked: Model::Open* and Tokenizer::Open are the judges of what was written.
// At least `room` bytes, a multiple of 64: zeros keep a place for what will be known later.
std::vector<uint8_t> AssembleMetadata(const schema::ModelT& model, uint64_t data_size, uint64_t data_checksum,
                                      size_t room = 0);

// Stores the checksum of a metadata section in its header, after something in it was changed by hand.
void SealMetadata(uint8_t* metadata, size_t data_offset);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_PBERT_ASSEMBLE_H_
