#include "converter/checkpoint/tensor_reading.h"

#include <algorithm>
#include <vector>

#include "base/checksum.h"
#include "converter/checkpoint/float_formats.h"
#include "converter/support/error.h"

namespace pbert::converter {
namespace {

constexpr size_t kChunk = 1 << 20;  // bytes read at a time

}  // namespace

void ReadFloats(const std::string& file, const SourceTensor& tensor, uint64_t first, std::span<float> out,
                const std::function<void(uint64_t offset, void* buffer, size_t bytes)>& read) {
  const std::string where = file + ": tensor \"" + tensor.name + "\": ";
  if (first > tensor.elements || out.size() > tensor.elements - first) throw Error(where + "read past its end");
  if (tensor.type == "F32") return read(first * sizeof(float), out.data(), out.size_bytes());
  if (tensor.type == "F64") {
    std::vector<double> doubles(out.size());
    read(first * sizeof(double), doubles.data(), doubles.size() * sizeof(double));
    std::transform(doubles.begin(), doubles.end(), out.begin(), [](double value) { return static_cast<float>(value); });
    return;
  }
  if (tensor.type != "F16" && tensor.type != "BF16") {
    throw Error(where + "weights of dtype " + tensor.type + " are not supported (supported: F64, F32, F16, BF16)");
  }
  std::vector<uint16_t> halves(out.size());
  read(first * sizeof(uint16_t), halves.data(), halves.size() * sizeof(uint16_t));
  const bool half = tensor.type == "F16";
  for (size_t i = 0; i < out.size(); ++i) out[i] = half ? HalfToFloat(halves[i]) : BFloat16ToFloat(halves[i]);
}

uint64_t HashFile(InputFile* file) {
  Xxh64 hash;
  std::vector<uint8_t> chunk(kChunk);
  for (uint64_t offset = 0; offset < file->size(); offset += chunk.size()) {
    const size_t size = static_cast<size_t>(std::min<uint64_t>(chunk.size(), file->size() - offset));
    file->ReadAt(offset, chunk.data(), size);
    hash.Update(chunk.data(), size);
  }
  return hash.Finish();
}

void CheckNoLfsPointer(const std::filesystem::path& path) {
  InputFile file(path);
  std::string start(static_cast<size_t>(std::min<uint64_t>(file.size(), 64)), '\0');
  file.ReadAt(0, start.data(), start.size());
  RefuseLfsPointer(path, start);
}

}  // namespace pbert::converter
