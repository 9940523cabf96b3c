// Pickles and PyTorch checkpoints made up for a test.
#ifndef POCKETBERT_TESTS_CONVERTER_PICKLE_FIXTURE_H_
#define POCKETBERT_TESTS_CONVERTER_PICKLE_FIXTURE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pbert::test {

// The opcodes that torch.save writes.
inline std::string PickleText(const std::string& text) {
  const auto size = static_cast<char>(text.size());
  return std::string("X") + size + std::string(3, '\0') + text;
}
inline std::string PickleInt(uint32_t value) {
  std::string bytes = "J";
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}
inline std::string PickleGlobal(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline std::string PickleTuple(const std::vector<uint32_t>& values) {
  std::string bytes = "(";
  for (const uint32_t value : values) bytes += PickleInt(value);
  return bytes + "t";
}

struct PickleTensor {
  std::string name;
  std::string storage = "FloatStorage";
  std::string key;
  uint32_t elements = 0;  // of the storage
  uint32_t offset = 0;
  std::vector<uint32_t> shape = {};
  std::vector<uint32_t> strides = {};
};

inline std::string PickleOf(const PickleTensor& tensor) {
  return PickleGlobal("torch._utils", "_rebuild_tensor_v2") + "((" + PickleText("storage") +
         PickleGlobal("torch", tensor.storage) + PickleText(tensor.key) + PickleText("cpu") +
         PickleInt(tensor.elements) + "tQ" + PickleInt(tensor.offset) + PickleTuple(tensor.shape) +
         PickleTuple(tensor.strides) + "\x89" + PickleGlobal("collections", "OrderedDict") + ")RtR";
}

// An OrderedDict of the tensors, with the _metadata that torch adds.
inline std::string PickleStateDict(const std::vector<PickleTensor>& tensors) {
  std::string bytes = "\x80\x02" + PickleGlobal("collections", "OrderedDict") + ")R(";
  for (const PickleTensor& tensor : tensors) bytes += PickleText(tensor.name) + PickleOf(tensor);
  return bytes + "u}" + PickleText("_metadata") + "}sb.";
}

}  // namespace pbert::test

#endif  // POCKETBERT_TESTS_CONVERTER_PICKLE_FIXTURE_H_
