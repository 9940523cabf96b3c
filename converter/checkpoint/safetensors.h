// The safetensors format (https://github.com/huggingface/safetensors): 8 bytes with the header's length, a JSON
// header that gives every tensor's dtype, shape and [begin, end) in the data, then the data, little-endian.
#ifndef POCKETBERT_CONVERTER_CHECKPOINT_SAFETENSORS_H_
#define POCKETBERT_CONVERTER_CHECKPOINT_SAFETENSORS_H_

#include <map>

#include "converter/checkpoint/weights.h"
#include "converter/support/file.h"

namespace pbert::converter {

// Reads nothing but the header when it is made, and believes none of it before it has been checked against the
// file's size: tensors must fill the data from its first to its last byte without gap or overlap, and each must
// have exactly the bytes that its dtype and shape ask for. Memory: the header, at most 16 MiB and no more than the file
// has, and while it is read what json.h says of it; tensor data is read in pieces.
class SafeTensors : public Weights {
 public:
  explicit SafeTensors(const std::filesystem::path& path);  // throws Error

  const std::string& name() const override { return name_; }
  const SourceTensor* Find(const std::string& tensor) const override;
  std::vector<std::string> Names() const override { return NamesOf(tensors_); }
  void Read(const SourceTensor& tensor, uint64_t first, std::span<float> out) override;
  uint64_t bytes() const override { return file_.size(); }
  uint64_t Hash() override;
  const std::map<std::string, SourceTensor>& tensors() const { return tensors_; }

 private:
  void ReadHeader();

  InputFile file_;
  std::string name_;
  std::map<std::string, SourceTensor> tensors_;
};

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_CHECKPOINT_SAFETENSORS_H_
