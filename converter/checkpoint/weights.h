// The named tensors of a checkpoint, whatever kind of file they come in.
#ifndef POCKETBERT_CONVERTER_CHECKPOINT_WEIGHTS_H_
#define POCKETBERT_CONVERTER_CHECKPOINT_WEIGHTS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pbert::converter {

struct SourceTensor {
  std::string name;
  std::string type;  // the file's own name of it: "F32", "F16", "BF16", "I64", ...
  std::vector<uint64_t> shape;
  uint64_t elements = 0;  // product of the shape
  uint64_t offset = 0;    // of the first byte, in its file
};

// A source of tensors that are read piece by piece: a checkpoint may be larger than memory.
// One thread at a time.
class Weights {
 public:
  virtual ~Weights() = default;

  // What messages call it: the path of the file.
  virtual const std::string& name() const = 0;
  // Null when there is no such tensor. Lives as long as this object.
  virtual const SourceTensor* Find(const std::string& tensor) const = 0;
  // Every tensor's name.
  virtual std::vector<std::string> Names() const = 0;
  // Elements [first, first + out.size()) in row-major order, as floats. Throws Error, also for a type that is no float.
  virtual void Read(const SourceTensor& tensor, uint64_t first, std::span<float> out) = 0;
  // Size and XXH64 of the file(s).
  virtual uint64_t bytes() const = 0;
  virtual uint64_t Hash() = 0;
};

// The keys of a map of tensors.
template <typename Map>
std::vector<std::string> NamesOf(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : map) names.push_back(name);
  return names;
}

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_CHECKPOINT_WEIGHTS_H_
