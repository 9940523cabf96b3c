#include <cstdio>

#include "base/packed_block.h"
#include "model/float_bits.h"
#include "model/limits.h"
#include "model/validate.h"

namespace pbert {
namespace {

bool AllFinite(const uint8_t* data, uint32_t count) {
  uint32_t bad = 0;
  for (uint32_t i = 0; i < count; ++i) bad |= !IsFinite(FloatBits(data + size_t{4} * i));
  return bad == 0;
}

bool AllPositive(const uint8_t* data, uint32_t count) {
  uint32_t bad = 0;
  for (uint32_t i = 0; i < count; ++i) bad |= !IsPositive(FloatBits(data + size_t{4} * i));
  return bad == 0;
}

const char* NameOf(const schema::Tensor& tensor) { return tensor.name()->c_str(); }
uint32_t DimensionCount(const schema::Tensor& tensor) { return tensor.shape()->size(); }
uint32_t Rows(const schema::Tensor& tensor) { return DimensionCount(tensor) == 1 ? 1 : tensor.shape()->Get(0); }
uint32_t Columns(const schema::Tensor& tensor) { return tensor.shape()->Get(DimensionCount(tensor) - 1); }

bool IsPacked(const schema::Tensor& tensor) { return tensor.layout() == schema::Layout::Packed16x4; }
// Whether it has an array of scales: blocks have theirs inside.
bool HasScales(const schema::Tensor& tensor) { return tensor.type() == schema::TensorType::I8 && !IsPacked(tensor); }

uint64_t DataStart(const schema::Tensor& tensor) { return uint64_t{kDataAlignment} * tensor.data_block(); }
uint64_t ScalesStart(const schema::Tensor& tensor) { return uint64_t{kDataAlignment} * tensor.scales_block(); }

Status CheckKind(const schema::Tensor& tensor) {
  char where[300];
  char what[64];
  snprintf(where, sizeof(where), "tensor %s", NameOf(tensor));
  switch (tensor.type()) {
    case schema::TensorType::F32:
    case schema::TensorType::I8:
      break;
    case schema::TensorType::F16:
    case schema::TensorType::I4:
      snprintf(what, sizeof(what), "weights of type %s", schema::EnumNameTensorType(tensor.type()));
      return NotImplemented(where, what);
    default:
      snprintf(what, sizeof(what), "weights of unknown type %u", static_cast<unsigned>(tensor.type()));
      return NotImplemented(where, what);
  }
  switch (tensor.layout()) {
    case schema::Layout::RowMajor:
      break;
    case schema::Layout::Packed16x4:
      if (tensor.type() == schema::TensorType::I8) break;
      return Status::Error(Code::kBadFile, "%s: Packed16x4 of type %s: must be I8", where,
                           schema::EnumNameTensorType(tensor.type()));
    default:
      snprintf(what, sizeof(what), "weights in unknown layout %u", static_cast<unsigned>(tensor.layout()));
      return NotImplemented(where, what);
  }
  if (tensor.block_size() != 0) return NotImplemented(where, "several scales per row (block_size)");
  return Status();
}

Status CheckShape(const schema::Tensor& tensor) {
  const uint32_t dimensions = DimensionCount(tensor);
  if (dimensions != 1 && dimensions != 2) {
    return Status::Error(Code::kBadFile, "tensor %s: %u dimensions: must be 1 or 2", NameOf(tensor), dimensions);
  }
  if (dimensions == 1 && tensor.type() != schema::TensorType::F32) {
    return Status::Error(Code::kBadFile, "tensor %s: a vector of type %s: must be F32", NameOf(tensor),
                         schema::EnumNameTensorType(tensor.type()));
  }
  for (uint32_t extent : *tensor.shape()) {
    if (extent == 0 || extent > kLimits.vocabulary) {
      return Status::Error(Code::kBadFile, "tensor %s: a dimension of %u: must be 1 to %u", NameOf(tensor), extent,
                           kLimits.vocabulary);
    }
  }
  return Status();
}

// A row count and a width of at most 2^20 each: no product below can wrap in 64 bits, nor a block's size in 32.
uint64_t BytesOf(const schema::Tensor& tensor) {
  if (IsPacked(tensor)) return PackedBytes(Columns(tensor), Rows(tensor));
  return uint64_t{Rows(tensor)} * Columns(tensor) * (tensor.type() == schema::TensorType::I8 ? 1 : sizeof(float));
}

Status CheckExtent(const schema::Tensor& tensor, uint64_t tensor_data_size) {
  const uint64_t bytes = BytesOf(tensor);
  if (bytes != tensor.data_bytes()) {
    return Status::Error(Code::kBadFile, "tensor %s: %u bytes: its shape [%u, %u] needs %llu", NameOf(tensor),
                         tensor.data_bytes(), Rows(tensor), Columns(tensor), static_cast<unsigned long long>(bytes));
  }
  if (DataStart(tensor) > tensor_data_size || bytes > tensor_data_size - DataStart(tensor)) {
    return Status::Error(Code::kBadFile, "tensor %s: bytes %llu + %llu: beyond the end of the data, %llu bytes",
                         NameOf(tensor), static_cast<unsigned long long>(DataStart(tensor)),
                         static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(tensor_data_size));
  }
  if (!HasScales(tensor)) return Status();
  const uint64_t scale_bytes = uint64_t{4} * Rows(tensor);
  if (ScalesStart(tensor) > tensor_data_size || scale_bytes > tensor_data_size - ScalesStart(tensor)) {
    return Status::Error(Code::kBadFile, "tensor %s: scales, bytes %llu + %llu: beyond the end of the data, %llu bytes",
                         NameOf(tensor), static_cast<unsigned long long>(ScalesStart(tensor)),
                         static_cast<unsigned long long>(scale_bytes),
                         static_cast<unsigned long long>(tensor_data_size));
  }
  return Status();
}

// Scales and vectors are small and one bad value spoils every answer; matrices, and what lies in their blocks, are left
// to VerifyData, because reading them here would read the whole file at every open.
Status CheckValues(const schema::Tensor& tensor, const uint8_t* tensor_data) {
  if (HasScales(tensor)) {
    if (!AllPositive(tensor_data + ScalesStart(tensor), Rows(tensor))) {
      return Status::Error(Code::kBadFile, "tensor %s: a scale that is not finite and positive", NameOf(tensor));
    }
  } else if (DimensionCount(tensor) == 1) {
    if (!AllFinite(tensor_data + DataStart(tensor), Columns(tensor))) {
      return Status::Error(Code::kBadFile, "tensor %s: a value that is not finite", NameOf(tensor));
    }
  }
  return Status();
}

// The tensor behind a reference that must be there.
Status Find(const schema::Model& model, const char* where, const char* part, int32_t index,
            const schema::Tensor** tensor) {
  const uint32_t count = model.tensors()->size();
  if (index < 0) {
    return Status::Error(Code::kBadFile, "%s: %s: %s", where, part,
                         index == -1 ? "is missing" : "a negative tensor number");
  }
  if (static_cast<uint32_t>(index) >= count) {
    return Status::Error(Code::kBadFile, "%s: %s: tensor number %d of %u", where, part, index, count);
  }
  *tensor = model.tensors()->Get(static_cast<uint32_t>(index));
  return Status();
}

}  // namespace

Status CheckVector(const schema::Model& model, const char* where, const char* part, int32_t index, uint32_t size) {
  const schema::Tensor* tensor = nullptr;
  PBERT_RETURN_IF_ERROR(Find(model, where, part, index, &tensor));
  if (DimensionCount(*tensor) != 1 || Columns(*tensor) != size) {
    return Status::Error(Code::kBadFile, "%s: %s: tensor %s has shape [%u, %u], should be a vector of %u", where, part,
                         NameOf(*tensor), Rows(*tensor), Columns(*tensor), size);
  }
  return Status();
}

TensorView ViewTensor(const schema::Tensor& tensor, const uint8_t* tensor_data) {
  TensorView view;
  view.name = NameOf(tensor);
  view.type = tensor.type();
  view.layout = tensor.layout();
  view.rows = Rows(tensor);
  view.columns = Columns(tensor);
  view.data = tensor_data + DataStart(tensor);
  view.bytes = tensor.data_bytes();
  if (HasScales(tensor)) {
    view.scales = reinterpret_cast<const float*>(tensor_data + ScalesStart(tensor));
  }
  return view;
}

Status ValidateTensors(const schema::Model& model, const uint8_t* tensor_data, uint64_t tensor_data_size) {
  PBERT_RETURN_IF_ERROR(CheckCount("file", "tensors", model.tensors()->size(), 1, kLimits.tensors));
  for (const schema::Tensor* tensor : *model.tensors()) {
    PBERT_RETURN_IF_ERROR(CheckKind(*tensor));
    PBERT_RETURN_IF_ERROR(CheckShape(*tensor));
    PBERT_RETURN_IF_ERROR(CheckExtent(*tensor, tensor_data_size));
    PBERT_RETURN_IF_ERROR(CheckValues(*tensor, tensor_data));
  }
  return Status();
}

Status CheckLinear(const schema::Model& model, const char* where, const schema::Linear& linear, uint32_t rows,
                   uint32_t columns, Bias bias) {
  const schema::Tensor* weight = nullptr;
  PBERT_RETURN_IF_ERROR(Find(model, where, "weight", linear.weight(), &weight));
  if (DimensionCount(*weight) != 2 || Rows(*weight) != rows || Columns(*weight) != columns) {
    return Status::Error(Code::kBadFile, "%s: weight: tensor %s has shape [%u, %u], should be a matrix of [%u, %u]",
                         where, NameOf(*weight), Rows(*weight), Columns(*weight), rows, columns);
  }
  if (IsPacked(*weight)) {
    if (linear.bias() == -1) return Status();
    return Status::Error(Code::kBadFile, "%s: bias: tensor number %d: the blocks of %s have it inside", where,
                         linear.bias(), NameOf(*weight));
  }
  if (weight->type() == schema::TensorType::I8 && linear.weight() != model.encoder()->embeddings()->token()) {
    return Status::Error(Code::kBadFile, "%s: weight: tensor %s is RowMajor: int8 weights must be Packed16x4", where,
                         NameOf(*weight));
  }
  if (bias == Bias::kOptional && linear.bias() == -1) return Status();
  return CheckVector(model, where, "bias", linear.bias(), rows);
}

Status CheckNorm(const schema::Model& model, const char* where, const schema::Norm& norm, uint32_t size) {
  PBERT_RETURN_IF_ERROR(CheckVector(model, where, "gamma", norm.gamma(), size));
  return CheckVector(model, where, "beta", norm.beta(), size);
}

Status CheckMatrix(const schema::Model& model, const char* where, int32_t index, uint32_t columns, uint32_t most_rows,
                   uint32_t* rows) {
  const schema::Tensor* matrix = nullptr;
  PBERT_RETURN_IF_ERROR(Find(model, where, "table", index, &matrix));
  if (DimensionCount(*matrix) != 2 || Columns(*matrix) != columns) {
    return Status::Error(Code::kBadFile, "%s: tensor %s has shape [%u, %u], should be a matrix of width %u", where,
                         NameOf(*matrix), Rows(*matrix), Columns(*matrix), columns);
  }
  PBERT_RETURN_IF_ERROR(CheckCount(where, "rows", Rows(*matrix), 1, most_rows));
  *rows = Rows(*matrix);
  return Status();
}

Status CheckTable(const schema::Model& model, const char* where, int32_t index, uint32_t columns, uint32_t most_rows,
                  uint32_t* rows) {
  PBERT_RETURN_IF_ERROR(CheckMatrix(model, where, index, columns, most_rows, rows));
  const schema::Tensor& table = *model.tensors()->Get(static_cast<uint32_t>(index));
  if (!IsPacked(table)) return Status();
  return Status::Error(Code::kBadFile, "%s: tensor %s is Packed16x4: must be RowMajor", where, NameOf(table));
}

}  // namespace pbert
