#include "converter/pbert/variant_file.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/packed_block.h"
#include "converter/pbert/assemble.h"
#include "converter/support/error.h"
#include "model/header.h"
#include "model/layer_linears.h"

namespace pbert::converter {
namespace {

// What metadata may grow by when one tensor's fields differ from all others': a vtable of its own and a few words.
constexpr size_t kFieldsOfOneTensor = 256;

uint64_t FloatBytes(const schema::TensorT& matrix) {
  return sizeof(float) * uint64_t{matrix.shape[0]} * matrix.shape[1];
}
uint64_t BiasBytes(const schema::TensorT& matrix) { return sizeof(float) * uint64_t{matrix.shape[0]}; }
uint64_t InBlocks(uint64_t bytes) { return RoundUp(bytes, kDataAlignment); }

bool IsPacked(const schema::TensorT& tensor) { return tensor.layout == schema::Layout::Packed16x4; }

// Those of the whole model that multiply by this tensor.
std::vector<schema::LinearT*> LinearsWith(schema::ModelT* model, uint32_t tensor) {
  std::vector<schema::LinearT*> found;
  const auto add = [&](const std::unique_ptr<schema::LinearT>& linear) {
    if (linear != nullptr && linear->weight == static_cast<int32_t>(tensor)) found.push_back(linear.get());
  };
  add(model->encoder->embeddings->projection);
  for (const auto& layer : model->encoder->layers) {
    for (const auto* linear : LinearsOf(*layer)) add(*linear);
  }
  for (const auto& head : model->heads) {
    for (const auto& step : head->steps) add(step->linear);
  }
  return found;
}

// By name: a file of another version may have its tensors in another order.
TensorView FindFloats(const Model& model, const schema::TensorT& matrix) {
  const uint32_t count = model.root().tensors()->size();
  for (uint32_t i = 0; i < count; ++i) {
    const TensorView view = model.tensor(static_cast<int32_t>(i));
    if (view.name == matrix.name && view.type == schema::TensorType::F32 && view.rows == matrix.shape[0] &&
        view.columns == matrix.shape[1]) {
      return view;
    }
  }
  throw Error("the model in fp32 has no " + matrix.name + " of this shape");
}

}  // namespace

VariantFile::VariantFile(const std::filesystem::path& path, const Model& model, const Model& fp32)
    : fp32_(fp32), original_(model) {
  model.root().UnPackTo(&model_);
  uint64_t room = 0;
  for (const auto& tensor : model_.tensors) {
    if (tensor->type == schema::TensorType::I8)
      room = std::max(room, InBlocks(FloatBytes(*tensor)) + BiasBytes(*tensor));
  }
  room = InBlocks(room);
  const auto moved = static_cast<uint32_t>(room / kDataAlignment);
  for (const auto& tensor : model_.tensors) {
    tensor->data_block += moved;
    if (tensor->type == schema::TensorType::I8 && !IsPacked(*tensor)) tensor->scales_block += moved;
  }
  auto bias = std::make_unique<schema::TensorT>();
  bias->name = "kept.bias";
  bias->shape = {1};
  bias->data_bytes = sizeof(float);
  model_.tensors.push_back(std::move(bias));
  const uint64_t copied = uint64_t{model.header().data_blocks} * kDataAlignment;
  data_bytes_ = room + copied;
  metadata_bytes_ = AssembleMetadata(model_, data_bytes_, 0).size() + kFieldsOfOneTensor;

  file_ = ScratchFile("pocketbert");
  const uint64_t bytes = metadata_bytes_ + data_bytes_;
  RequireRoom({{file_.get(), bytes}});
  OutputFile output(*file_, bytes);
  output.Skip(metadata_bytes_ + room);
  InputFile input(path);
  CopyBytes(&input, model.header().data_offset, copied, &output);
  output.Close();
}

void VariantFile::Keep(uint32_t tensor) {
  schema::TensorT& matrix = *model_.tensors[tensor];
  schema::TensorT& bias = *model_.tensors.back();
  const TensorView floats = FindFloats(fp32_, matrix);
  const schema::TensorT original = matrix, no_bias = bias;
  std::vector<schema::LinearT*> linears;  // whose bias is in the blocks
  std::vector<float> biases;
  if (IsPacked(matrix)) {
    linears = LinearsWith(&model_, tensor);
    const TensorView packed = original_.tensor(static_cast<int32_t>(tensor));
    for (uint32_t row = 0; row < packed.rows; ++row) {
      biases.push_back(PackedBlocks(packed.data, packed.columns).Bias(row));
    }
    bias.shape = {packed.rows};
    bias.data_block = static_cast<uint32_t>(InBlocks(FloatBytes(matrix)) / kDataAlignment);
    bias.data_bytes = static_cast<uint32_t>(BiasBytes(matrix));
  }
  for (schema::LinearT* linear : linears) linear->bias = static_cast<int32_t>(model_.tensors.size() - 1);
  matrix.type = schema::TensorType::F32;
  matrix.layout = schema::Layout::RowMajor;
  matrix.data_bytes = static_cast<uint32_t>(FloatBytes(matrix));
  matrix.data_block = 0;
  matrix.scales_block = schema::TensorT().scales_block;
  // Nobody asks for the data's checksum.
  const std::vector<uint8_t> metadata = AssembleMetadata(model_, data_bytes_, 0, metadata_bytes_);
  for (schema::LinearT* linear : linears) linear->bias = -1;
  matrix = original;
  bias = no_bias;
  if (metadata.size() != metadata_bytes_) {
    throw Error(path().string() + ": internal error: the metadata is larger than was planned");
  }
  OutputFile output(*file_, metadata_bytes_ + data_bytes_);
  output.Write(metadata.data(), metadata.size());
  output.Write(floats.data, static_cast<size_t>(FloatBytes(original)));
  output.Skip(InBlocks(FloatBytes(original)) - FloatBytes(original));
  output.Write(biases.data(), biases.size() * sizeof(float));
  output.Close();
}

}  // namespace pbert::converter
