// A model file as bytes that a mutation has spoiled: mended, and taken apart.
#ifndef POCKETBERT_TESTS_FUZZ_MODEL_BYTES_H_
#define POCKETBERT_TESTS_FUZZ_MODEL_BYTES_H_

#include <cstdint>
#include <span>
#include <vector>

#include "schema/model_generated.h"

namespace pbert::fuzz {

// Makes what stands in the header (identifier, sizes, the metadata's checksum) fit the bytes, so that reading goes on
// behind it. Leaves alone what is too short to have a header.
void MendHeader(std::vector<uint8_t>* file);

// False where the metadata is no flatbuffer of the schema.
bool TakeApart(std::span<const uint8_t> file, schema::ModelT* model, std::vector<uint8_t>* tensor_data);

}  // namespace pbert::fuzz

#endif  // POCKETBERT_TESTS_FUZZ_MODEL_BYTES_H_
