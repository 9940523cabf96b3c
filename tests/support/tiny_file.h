// A tiny valid .pbert file in memory, with everything open to change before it is sealed: a DistilBERT
// of one layer (hidden 8, 2 heads, ffn 16), 20 WordPiece pieces, a classifier of three intents.
#ifndef POCKETBERT_TESTS_SUPPORT_TINY_FILE_H_
#define POCKETBERT_TESTS_SUPPORT_TINY_FILE_H_

#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "base/checksum.h"
#include "converter/pbert/assemble.h"
#include "model/model.h"

namespace pbert::test {

// Usage: TinyFile file; file.model.encoder->head_count = 3; Model::OpenMemory(file.Bytes() ...).
struct TinyFile {
  static constexpr uint32_t kHidden = 8, kFfn = 16, kPositions = 12, kLabels = 3;

  schema::ModelT model;
  std::vector<uint8_t> data;  // the tensor data section; a multiple of 64

  explicit TinyFile(schema::TensorType weights = schema::TensorType::I8);

  // The whole file, with both checksums right.
  std::vector<uint8_t> Bytes() const;

  schema::TensorT& tensor(const std::string& name);
  // The tensor's floats (F32), or its scales (RowMajor I8).
  float* values(const std::string& name);
  float* scales(const std::string& name);
  // The first byte of the tensor's data.
  uint8_t* bytes(const std::string& name);
  // Gives a Packed16x4 matrix these weights [rows, columns], scales and, unless empty, biases [rows].
  void SetPacked(const std::string& name, const std::vector<int8_t>& weights, const std::vector<float>& scales,
                 const std::vector<float>& bias);

  // Each adds a tensor of small made-up values and returns its index.
  int32_t AddVector(const std::string& name, uint32_t size, float around = 0.0f);
  int32_t AddMatrix(const std::string& name, uint32_t rows, uint32_t columns, schema::TensorType type);
  int32_t AddPacked(const std::string& name, uint32_t rows, uint32_t columns);
  // int8: Packed16x4, with the bias inside.
  std::unique_ptr<schema::LinearT> AddLinear(const std::string& name, uint32_t rows, uint32_t columns,
                                             schema::TensorType type);
  std::unique_ptr<schema::NormT> AddNorm(const std::string& name, uint32_t size);

 private:
  uint32_t TakeBlocks(size_t bytes);
  float NextValue();  // in [-0.5, 0.5)

  uint32_t seed_ = 1;
};

// A copy of bytes in memory of exactly their size (so that the address sanitizer sees what is read
// beyond), at an address that is `offset` beyond a multiple of 64.
class Placed {
 public:
  Placed(const std::vector<uint8_t>& bytes, size_t offset)
      : room_(static_cast<uint8_t*>(::operator new(bytes.size() + offset, std::align_val_t{64}))),
        offset_(offset),
        size_(bytes.size()) {
    if (size_ > 0) memcpy(data(), bytes.data(), size_);
  }
  ~Placed() { ::operator delete(room_, std::align_val_t{64}); }
  Placed(const Placed&) = delete;
  Placed& operator=(const Placed&) = delete;

  uint8_t* data() const { return room_ + offset_; }
  size_t size() const { return size_; }

 private:
  uint8_t* room_;
  size_t offset_, size_;
};

// Reads every byte that an open model hands out; returns a sum, so that nothing is optimized away.
uint64_t ReadEverything(const Model& model);

}  // namespace pbert::test

#endif  // POCKETBERT_TESTS_SUPPORT_TINY_FILE_H_
