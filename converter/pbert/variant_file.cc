#include "converter/pbert/variant_file.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/arena.h"
#include "converter/pbert/assemble.h"
#include "converter/support/error.h"
#include "model/header.h"

namespace pbert::converter {
namespace {

// What metadata may grow by when one tensor's fields differ from all others': a vtable of its own and a few words.
constexpr size_t kFieldsOfOneTensor = 256;

uint64_t FloatBytes(const schema::TensorT& matrix) {
  return sizeof(float) * uint64_t{matrix.shape[0]} * matrix.shape[1];
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

VariantFile::VariantFile(const std::filesystem::path& path, const Model& model, const Model& fp32) : fp32_(fp32) {
  model.root().UnPackTo(&model_);
  uint64_t room = 0;
  for (const auto& tensor : model_.tensors) {
    if (tensor->type == schema::TensorType::I8) room = std::max(room, FloatBytes(*tensor));
  }
  room = RoundUp(room, kDataAlignment);
  const auto moved = static_cast<uint32_t>(room / kDataAlignment);
  for (const auto& tensor : model_.tensors) {
    tensor->data_block += moved;
    if (tensor->type == schema::TensorType::I8) tensor->scales_block += moved;
  }
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
  const TensorView floats = FindFloats(fp32_, matrix);
  const schema::TensorT original = matrix;
  matrix.type = schema::TensorType::F32;
  matrix.data_bytes = static_cast<uint32_t>(FloatBytes(matrix));
  matrix.data_block = 0;
  matrix.scales_block = schema::TensorT().scales_block;
  // Nobody asks for the data's checksum.
  const std::vector<uint8_t> metadata = AssembleMetadata(model_, data_bytes_, 0, metadata_bytes_);
  matrix = original;
  if (metadata.size() != metadata_bytes_) {
    throw Error(path().string() + ": internal error: the metadata is larger than was planned");
  }
  OutputFile output(*file_, metadata_bytes_ + data_bytes_);
  output.Write(metadata.data(), metadata.size());
  output.Write(floats.data, static_cast<size_t>(FloatBytes(original)));
  output.Close();
}

}  // namespace pbert::converter
