#include "converter/checkpoint/safetensors.h"

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>

#include "converter/checkpoint/tensor_reading.h"
#include "converter/support/error.h"
#include "converter/support/json.h"

namespace pbert::converter {
namespace {

static_assert(std::endian::native == std::endian::little, "tensor data is read as it lies");

constexpr uint64_t kLargestHeader = 16u << 20;  // the format allows 100 MB; a tensor takes some hundred bytes

// Bytes per element of the dtypes that a checkpoint may hold; 0 for one that we do not know. Only the
// float types can be read, the others may be present (old checkpoints store position ids as I64).
uint32_t BytesPerElement(const std::string& type) {
  static const std::map<std::string, uint32_t> kSizes = {
      {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1}, {"I16", 2}, {"U16", 2}, {"F16", 2},
      {"BF16", 2}, {"I32", 4}, {"U32", 4}, {"F32", 4},     {"I64", 8},     {"U64", 8}, {"F64", 8}};
  const auto found = kSizes.find(type);
  return found == kSizes.end() ? 0 : found->second;
}

struct Entry {
  SourceTensor tensor;
  uint64_t begin = 0;
  uint64_t end = 0;
};

Entry ParseEntry(const std::string& where, const std::string& name, const Json& json) {
  const std::string tensor = where + ": tensor \"" + name + "\": ";
  Entry entry;
  entry.tensor.name = name;
  if (!json.is_object() || !json.contains("dtype") || !json.contains("shape") || !json.contains("data_offsets")) {
    throw Error(tensor + "needs dtype, shape and data_offsets");
  }
  const Json& dtype = json["dtype"];
  const Json& shape = json["shape"];
  const Json& offsets = json["data_offsets"];
  const auto natural = [](const Json& value) { return value.is_number_unsigned(); };
  if (!dtype.is_string()) throw Error(tensor + "dtype is not a string");
  if (!shape.is_array() || !std::all_of(shape.begin(), shape.end(), natural)) {
    throw Error(tensor + "shape is not a list of natural numbers");
  }
  if (!offsets.is_array() || offsets.size() != 2 || !std::all_of(offsets.begin(), offsets.end(), natural)) {
    throw Error(tensor + "data_offsets is not a pair of natural numbers");
  }
  entry.tensor.type = dtype.get<std::string>();
  entry.begin = offsets[0].get<uint64_t>();
  entry.end = offsets[1].get<uint64_t>();
  if (entry.begin > entry.end) throw Error(tensor + "data_offsets run backwards");

  const uint64_t element = BytesPerElement(entry.tensor.type);
  if (element == 0) throw Error(tensor + "dtype " + entry.tensor.type + " is not known");
  // At most the data's size in bytes, so the product of a valid shape cannot exceed it.
  const uint64_t most = (entry.end - entry.begin) / element;
  uint64_t elements = 1;
  bool empty = false;
  for (const Json& value : shape) {
    const uint64_t size = value.get<uint64_t>();
    entry.tensor.shape.push_back(size);
    empty = empty || size == 0;
    if (!empty && elements > most / size) throw Error(tensor + "its shape needs more bytes than data_offsets give");
    elements *= empty ? 1 : size;
  }
  if (empty) elements = 0;
  if (elements * element != entry.end - entry.begin) {
    throw Error(tensor + "its shape needs " + std::to_string(elements * element) + " bytes, data_offsets give " +
                std::to_string(entry.end - entry.begin));
  }
  entry.tensor.elements = elements;
  return entry;
}

}  // namespace

SafeTensors::SafeTensors(const std::filesystem::path& path) : file_(path), name_(path.string()) { ReadHeader(); }

// The order of the checks matters: no number is used before it has been compared with the file's size.
void SafeTensors::ReadHeader() {
  uint64_t length = 0;
  if (file_.size() < sizeof(length)) {
    throw Error(name_ + ": " + std::to_string(file_.size()) + " bytes are too short for a safetensors file");
  }
  file_.ReadAt(0, &length, sizeof(length));
  const uint64_t rest = file_.size() - sizeof(length);
  if (length > rest || length > kLargestHeader) {
    CheckNoLfsPointer(file_.path());
    throw Error(name_ + ": not a safetensors file, or truncated: its header would have " + std::to_string(length) +
                " bytes and the file has " + std::to_string(file_.size()));
  }
  std::string text(static_cast<size_t>(length), '\0');
  file_.ReadAt(sizeof(length), text.data(), text.size());
  const Json header = ParseJsonObject(text, name_ + ": header", /*unique_keys=*/true);

  std::vector<Entry> entries;
  for (const auto& [name, json] : header.items()) {
    if (name != "__metadata__") entries.push_back(ParseEntry(name_, name, json));
  }
  // In order of their place in the data, each must begin where the one before it ends. Empty tensors sort first.
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; });
  const uint64_t data_size = rest - length;
  uint64_t expected = 0;
  for (Entry& entry : entries) {
    const std::string tensor = name_ + ": tensor \"" + entry.tensor.name + "\": ";
    if (entry.end > data_size) {
      throw Error(tensor + "ends at byte " + std::to_string(entry.end) + " of the data, which has " +
                  std::to_string(data_size) + ": truncated file?");
    }
    if (entry.begin != expected) {
      throw Error(tensor + "begins at byte " + std::to_string(entry.begin) + " of the data, " +
                  (entry.begin < expected ? "overlapping the tensor before it, which ends at "
                                          : "leaving a gap after the tensor before it, which ends at ") +
                  std::to_string(expected));
    }
    expected = entry.end;
    entry.tensor.offset = sizeof(length) + length + entry.begin;
    tensors_.emplace(entry.tensor.name, std::move(entry.tensor));
  }
  if (expected != data_size) {
    throw Error(name_ + ": " + std::to_string(data_size - expected) + " bytes at the end belong to no tensor");
  }
}

const SourceTensor* SafeTensors::Find(const std::string& tensor) const {
  const auto found = tensors_.find(tensor);
  return found == tensors_.end() ? nullptr : &found->second;
}

void SafeTensors::Read(const SourceTensor& tensor, uint64_t first, std::span<float> out) {
  ReadFloats(name_, tensor, first, out,
             [&](uint64_t offset, void* buffer, size_t bytes) { file_.ReadAt(tensor.offset + offset, buffer, bytes); });
}

uint64_t SafeTensors::Hash() { return HashFile(&file_); }

}  // namespace pbert::converter
