// pytorch_model.bin: a zip archive with a pickle that describes tensors, and a file for each storage they are views of.
#ifndef POCKETBERT_CONVERTER_CHECKPOINT_PYTORCH_FILE_H_
#define POCKETBERT_CONVERTER_CHECKPOINT_PYTORCH_FILE_H_

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "converter/checkpoint/weights.h"
#include "converter/support/file.h"

namespace pbert::converter {

// Reads the archive's directory and its pickle when it is made, and believes none of it before it has been compared
// with the storages' sizes. Tensor data is read in pieces from where it lies: torch.save does not compress.
// Memory: the archive's directory as libzip holds it, some 10 times its bytes in the file; the pickle, at most 16 MiB
// and no more than the file has, and while it is read kPickleMemory times that (unpickler.h).
class PyTorchFile : public Weights {
 public:
  explicit PyTorchFile(const std::filesystem::path& path);  // throws Error
  ~PyTorchFile() override;

  const std::string& name() const override { return name_; }
  const SourceTensor* Find(const std::string& tensor) const override;
  std::vector<std::string> Names() const override { return NamesOf(entries_); }
  void Read(const SourceTensor& tensor, uint64_t first, std::span<float> out) override;
  uint64_t bytes() const override;
  uint64_t Hash() override;

 private:
  class Archive;
  struct Entry {
    SourceTensor tensor;  // its offset: of the first byte, in its storage
    std::string storage;  // name in the archive
  };

  std::unique_ptr<Archive> archive_;
  InputFile file_;
  std::string name_;
  std::map<std::string, Entry> entries_;
};

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_CHECKPOINT_PYTORCH_FILE_H_
