// A file in which one matrix at a time is fp32: what `convert --keep fp32:NAME` would write, without reading the
// checkpoint again.
#ifndef POCKETBERT_CONVERTER_PBERT_VARIANT_FILE_H_
#define POCKETBERT_CONVERTER_PBERT_VARIANT_FILE_H_

#include <cstdint>
#include <filesystem>
#include <memory>

#include "converter/support/file.h"
#include "model/model.h"
#include "schema/model_generated.h"

namespace pbert::converter {

// A scratch file. The data section of the original is copied once; before it there is room for the one matrix and its
// bias, so that each variant costs its metadata and these two. Tensors lie elsewhere than in a converted file, their
// numbers are the same.
class VariantFile {
 public:
  // `path` is the file behind `model`, whose tokenizer has been checked; `fp32` is the same model in fp32 and must
  // outlive this. Throws Error.
  VariantFile(const std::filesystem::path& path, const Model& model, const Model& fp32);

  // Makes of the file the original with this tensor, an int8 matrix, in fp32. No model may be open on it. Throws Error.
  void Keep(uint32_t tensor);

  const std::filesystem::path& path() const { return file_->path(); }

 private:
  const Model& fp32_;
  const Model& original_;
  schema::ModelT model_;  // the original's, with its tensors behind the room for the matrix, and one more: its bias
  uint64_t data_bytes_ = 0;
  size_t metadata_bytes_ = 0;
  std::unique_ptr<TemporaryFile> file_;
};

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_PBERT_VARIANT_FILE_H_
