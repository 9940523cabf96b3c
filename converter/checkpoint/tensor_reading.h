// What the readers of weight files have in common.
#ifndef POCKETBERT_CONVERTER_CHECKPOINT_TENSOR_READING_H_
#define POCKETBERT_CONVERTER_CHECKPOINT_TENSOR_READING_H_

#include <functional>
#include <span>
#include <string>

#include "converter/checkpoint/weights.h"
#include "converter/support/file.h"

namespace pbert::converter {

// Reads elements [first, first + out.size()) of a tensor of F64, F32, F16 or BF16 as floats. `read(offset, buffer,
// bytes)` reads from the tensor's own bytes. `file` is for messages. Throws Error, also for a type that is no float.
void ReadFloats(const std::string& file, const SourceTensor& tensor, uint64_t first, std::span<float> out,
                const std::function<void(uint64_t offset, void* buffer, size_t bytes)>& read);

// XXH64 of all of a file's bytes.
uint64_t HashFile(InputFile* file);

// As RefuseLfsPointer, of a file that is not read as text.
void CheckNoLfsPointer(const std::filesystem::path& file);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_CHECKPOINT_TENSOR_READING_H_
