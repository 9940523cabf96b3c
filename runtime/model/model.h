// An open .pbert file: mapped, verified, validated, read-only.
#ifndef POCKETBERT_MODEL_MODEL_H_
#define POCKETBERT_MODEL_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/status.h"
#include "model/header.h"
#include "schema/model_generated.h"

namespace pbert {

// A tensor of the file, ready to use. rows x columns; a vector has rows == 1. Of a Packed16x4 matrix `data` is for
// PackedBlocks (base/packed_block.h). `data` and `scales` may lie at any 4-byte address and live as long as the model.
struct TensorView {
  const char* name = "";
  schema::TensorType type = schema::TensorType::F32;
  schema::Layout layout = schema::Layout::RowMajor;
  uint32_t rows = 0;
  uint32_t columns = 0;
  const void* data = nullptr;
  size_t bytes = 0;               // of data
  const float* scales = nullptr;  // RowMajor I8: [rows]

  const float* floats() const { return static_cast<const float*>(data); }
  const int8_t* int8s() const { return static_cast<const int8_t*>(data); }
  bool present() const { return data != nullptr; }
};

// The same error, said about the file at `path`.
Status ErrorAt(const char* path, const Status& status);

struct OpenOptions {
  bool verify_data = false;  // also check the tensor data, its checksum first: reads the whole file
};

// After a successful Open everything in the file has been checked: the flatbuffer is well formed, every
// index is in range, shapes agree with each other and with the data's size, norms and the scales of embeddings are
// finite, limits are kept (see FORMAT.md). What a matrix holds is not looked at, nor the sums, scales and biases in its
// blocks: no address and no loop depends on them, and what is wrong in them makes wrong numbers, NaN at worst. What
// runs later only asserts. The tokenizer is checked when it is opened, by Tokenizer::Open or CheckTokenizer: follow
// none of its numbers before. Immutable; thread-safe.
class Model {
 public:
  static Status OpenPath(const char* path, const OpenOptions& options, std::unique_ptr<Model>* model);
  // Maps [offset, offset + length) of an open descriptor, which may be closed afterwards; length 0: to the end.
  // `offset` must be a multiple of 4.
  static Status OpenDescriptor(int descriptor, uint64_t offset, uint64_t length, const OpenOptions& options,
                               std::unique_ptr<Model>* model);
  // The memory stays the caller's and must outlive the model; 4-byte aligned.
  static Status OpenMemory(const void* data, size_t size, const OpenOptions& options, std::unique_ptr<Model>* model);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const schema::Model& root() const { return *root_; }
  const schema::Encoder& encoder() const { return *root_->encoder(); }
  const schema::Tokenizer& tokenizer() const { return *root_->tokenizer(); }
  const schema::Head& head(size_t index) const { return *root_->heads()->Get(static_cast<uint32_t>(index)); }
  size_t head_count() const { return root_->heads()->size(); }

  // The tensor at an index of the schema; a view that is not present() for -1.
  TensorView tensor(int32_t index) const;

  // Longest input of a head in tokens, special ones included: the usable positions; but the text of a sentence embedding or of
  // features is always cut at its tokenizer's length, because the vector was learnt so.
  uint32_t max_tokens(size_t head) const;
  // Of the head that takes most.
  uint32_t max_tokens() const;
  // Where a text is cut that is to be truncated: the tokenizer's model_max_length, at most max_tokens().
  uint32_t truncation_tokens() const;

  const FileHeader& header() const { return header_; }
  size_t file_size() const { return size_; }
  // Reads all tensor data: its checksum, and what the blocks of Packed16x4 matrices hold.
  Status VerifyData() const;

 private:
  Model() = default;
  static Status OpenMapped(std::unique_ptr<Model> model, const OpenOptions& options, std::unique_ptr<Model>* out);

  FileHeader header_{};
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
  const schema::Model* root_ = nullptr;
  void* mapping_ = nullptr;  // what to unmap; null for caller's memory
  size_t mapping_size_ = 0;
};

}  // namespace pbert

#endif  // POCKETBERT_MODEL_MODEL_H_
