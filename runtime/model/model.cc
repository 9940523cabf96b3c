#include "model/model.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "base/checksum.h"
#include "base/port.h"
#include "model/limits.h"
#include "model/validate.h"

namespace pbert {

// Of a long path only the end is shown, where the file's name is: the reason must fit into the message behind it.
Status ErrorAt(const char* path, const Status& status) {
  constexpr size_t kMax = 80;
  const size_t length = strlen(path);
  return Status::Error(status.code(), "%s: %s", length > kMax ? path + length - kMax : path, status.message());
}

Status Model::OpenPath(const char* path, const OpenOptions& options, std::unique_ptr<Model>* model) {
  std::unique_ptr<Model> opening(new (std::nothrow) Model());
  if (opening == nullptr) return Status::Error(Code::kNoMemory, "%s: out of memory", path);
  FileMapping mapping;
  PBERT_RETURN_IF_ERROR(MapFile(path, &mapping));
  opening->data_ = mapping.data;
  opening->size_ = mapping.size;
  opening->mapping_ = mapping.mapping;
  opening->mapping_size_ = mapping.mapping_size;
  const Status status = OpenMapped(std::move(opening), options, model);
  return status.ok() ? status : ErrorAt(path, status);
}

Status Model::OpenDescriptor(int descriptor, uint64_t offset, uint64_t length, const OpenOptions& options,
                             std::unique_ptr<Model>* model) {
  std::unique_ptr<Model> opening(new (std::nothrow) Model());
  if (opening == nullptr) return Status::Error(Code::kNoMemory, "open: out of memory");
  FileMapping mapping;
  PBERT_RETURN_IF_ERROR(MapDescriptor(descriptor, offset, length, &mapping));
  opening->data_ = mapping.data;
  opening->size_ = mapping.size;
  opening->mapping_ = mapping.mapping;
  opening->mapping_size_ = mapping.mapping_size;
  return OpenMapped(std::move(opening), options, model);
}

Status Model::OpenMemory(const void* data, size_t size, const OpenOptions& options, std::unique_ptr<Model>* model) {
  if (data == nullptr || reinterpret_cast<uintptr_t>(data) % 4 != 0) {
    return Status::Error(Code::kInvalidArgument, "open: memory: must begin at a multiple of 4");
  }
  std::unique_ptr<Model> opening(new (std::nothrow) Model());
  if (opening == nullptr) return Status::Error(Code::kNoMemory, "open: out of memory");
  opening->data_ = static_cast<const uint8_t*>(data);
  opening->size_ = size;
  return OpenMapped(std::move(opening), options, model);
}

Model::~Model() { Unmap(mapping_, mapping_size_); }

// Three gates, each of which trusts only what the one before it has passed: the header with its
// checksum (no accident), flatbuffers' verifier (every offset stays in the metadata), and the
// validator (what the metadata says is possible and consistent). `model` owns the mapping already,
// so every return below gives it back.
Status Model::OpenMapped(std::unique_ptr<Model> model, const OpenOptions& options, std::unique_ptr<Model>* out) {
  PBERT_RETURN_IF_ERROR(ReadHeader(model->data_, model->size_, &model->header_));

  flatbuffers::Verifier::Options limits;
  limits.max_depth = kLimits.table_depth;
  limits.max_tables = kLimits.tables;
  flatbuffers::Verifier verifier(model->data_, model->header_.data_offset, limits);
  if (!schema::VerifyModelBuffer(verifier)) {
    return Status::Error(Code::kBadFile, "metadata: not a well-formed flatbuffer of the schema pbert.schema.Model");
  }
  model->root_ = schema::GetModel(model->data_);

  const uint8_t* tensor_data = model->data_ + model->header_.data_offset;
  PBERT_RETURN_IF_ERROR(
      ValidateModel(*model->root_, model->header_.data_offset, tensor_data, model->size_ - model->header_.data_offset));
  if (options.verify_data) PBERT_RETURN_IF_ERROR(model->VerifyData());
  if (model->mapping_ != nullptr) {
    const TensorView token = model->tensor(model->encoder().embeddings()->token());
    AdviseScatteredReads(token.data, token.bytes);
  }
  *out = std::move(model);
  return Status();
}

TensorView Model::tensor(int32_t index) const {
  if (index < 0) return TensorView();
  return ViewTensor(*root_->tensors()->Get(static_cast<uint32_t>(index)), data_ + header_.data_offset);
}

uint32_t Model::max_tokens(size_t index) const {
  const bool pooled = head(index).pooling() != schema::Pooling::None || head(index).features() != nullptr;
  return pooled ? truncation_tokens() : encoder().max_tokens();
}

uint32_t Model::max_tokens() const {
  uint32_t most = 0;
  for (size_t i = 0; i < head_count(); ++i) most = std::max(most, max_tokens(i));
  return most;
}

uint32_t Model::truncation_tokens() const {
  const uint32_t positions = encoder().max_tokens();
  const uint32_t stated = tokenizer().max_tokens();
  return stated == 0 || stated > positions ? positions : stated;
}

Status Model::VerifyData() const {
  const uint64_t expected = header_.data_checksum[0] | static_cast<uint64_t>(header_.data_checksum[1]) << 32;
  if (Checksum64(data_ + header_.data_offset, size_ - header_.data_offset) != expected) {
    return Status::Error(Code::kBadFile, "tensor data: the checksum does not match: the file is damaged");
  }
  for (const schema::Tensor* tensor : *root_->tensors()) {
    PBERT_RETURN_IF_ERROR(VerifyBlocks(ViewTensor(*tensor, data_ + header_.data_offset)));
  }
  return Status();
}

}  // namespace pbert
