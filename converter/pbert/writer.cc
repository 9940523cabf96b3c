#include "converter/pbert/writer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/arena.h"
#include "base/checksum.h"
#include "base/packed_block.h"
#include "converter/pbert/assemble.h"
#include "converter/support/error.h"
#include "model/header.h"
#include "model/model.h"
#include "quant/pack.h"
#include "quant/quantize.h"
#include "text/check_tokenizer.h"

namespace pbert::converter {
namespace {

constexpr size_t kChunkElements = 1 << 16;  // read, converted and written at a time; at least one row

// The data section: every write is checksummed, every tensor and every array of scales starts on a block.
class DataSection {
 public:
  explicit DataSection(OutputFile* file) : file_(file) {}

  void Write(const void* data, size_t bytes) {
    file_->Write(data, bytes);
    hash_.Update(data, bytes);
    size_ += bytes;
  }
  void FinishBlock() {
    static constexpr uint8_t kZeros[kDataAlignment] = {};
    Write(kZeros, RoundUp(size_, kDataAlignment) - size_);
  }
  uint64_t size() const { return size_; }
  uint64_t checksum() const { return hash_.Finish(); }

 private:
  OutputFile* file_;
  Xxh64 hash_;
  uint64_t size_ = 0;
};

// Vectors lie before matrices, so that opening a file, which looks at them, reads one place of it; else tensors lie in
// the order of the plan.
std::vector<size_t> WritingOrder(const std::vector<PlannedTensor>& plan) {
  std::vector<size_t> order;
  for (const bool vectors : {true, false}) {
    for (size_t i = 0; i < plan.size(); ++i) {
      if (plan[i].is_vector == vectors) order.push_back(i);
    }
  }
  return order;
}

// Where each tensor will lie, the scales of an int8 tensor behind its elements. Returns the size of the data section in
// bytes.
uint64_t LayOut(const std::vector<PlannedTensor>& plan, std::vector<std::unique_ptr<schema::TensorT>>* tensors) {
  uint64_t blocks = 0;
  const auto take = [&blocks](uint64_t bytes) {
    const uint64_t first = blocks;
    blocks += (bytes + kDataAlignment - 1) / kDataAlignment;
    if (blocks > std::numeric_limits<uint32_t>::max()) throw Error("the model is too large for a .pbert file");
    return static_cast<uint32_t>(first);
  };
  tensors->clear();
  tensors->resize(plan.size());
  for (const size_t index : WritingOrder(plan)) {
    const PlannedTensor& planned = plan[index];
    auto tensor = std::make_unique<schema::TensorT>();
    tensor->name = planned.name;
    tensor->type = planned.type;
    tensor->shape = planned.is_vector ? std::vector<uint32_t>{planned.columns}
                                      : std::vector<uint32_t>{planned.rows, planned.columns};
    tensor->layout = planned.layout;
    tensor->data_bytes = static_cast<uint32_t>(planned.data_bytes());
    tensor->data_block = take(planned.data_bytes());
    if (planned.has_scales()) tensor->scales_block = take(uint64_t{planned.rows} * sizeof(float));
    (*tensors)[index] = std::move(tensor);
  }
  return blocks * kDataAlignment;
}

// Writes one tensor. Rows are read in chunks, multiplied by the source's factor, checked, quantized and packed where
// asked for, and written; of the whole tensor only scales and bias are kept.
class TensorWriter {
 public:
  TensorWriter(const PlannedTensor& tensor, Weights* weights, DataSection* data)
      : tensor_(tensor), weights_(weights), data_(data) {}

  void Write() {
    if (tensor_.bias.tensor != nullptr) bias_ = Read(tensor_.bias, 0, tensor_.rows);
    // Vectors are cut anywhere, matrices between rows, packed ones between blocks of rows.
    const uint64_t elements = uint64_t{tensor_.rows} * tensor_.columns;
    const uint64_t unit = tensor_.is_vector ? 1 : uint64_t{tensor_.columns} * (tensor_.packed() ? kPackedColumns : 1);
    const uint64_t chunk = std::max<uint64_t>(unit, kChunkElements / unit * unit);
    for (uint64_t first = 0; first < elements; first += chunk) {
      const auto count = static_cast<size_t>(std::min(chunk, elements - first));
      if (tensor_.source.tensor != nullptr) {
        WriteElements(Read(tensor_.source, first, count));
      } else {
        WriteElements(Computed(first, count));
      }
    }
    data_->FinishBlock();
    if (tensor_.has_scales()) {
      data_->Write(scales_.data(), scales_.size() * sizeof(float));
      data_->FinishBlock();
    }
  }

 private:
  std::vector<float> Read(const PlannedSource& source, uint64_t first, size_t count) {
    std::vector<float> values(count);
    weights_->Read(*source.tensor, first, values);
    CheckFinite(*source.tensor, first, values);
    if (source.factor != 1) {
      for (float& value : values) value *= source.factor;
    }
    return values;
  }

  std::vector<float> Computed(uint64_t first, size_t count) const {
    std::vector<float> values(count);
    for (size_t i = 0; i < count; i += tensor_.columns) {
      tensor_.compute(static_cast<uint32_t>((first + i) / tensor_.columns),
                      std::span<float>(values.data() + i, tensor_.columns));
    }
    return values;
  }

  // Whole rows, unless it is a vector.
  void WriteElements(const std::vector<float>& values) {
    if (tensor_.type == schema::TensorType::F32) {
      data_->Write(values.data(), values.size() * sizeof(float));
      return;
    }
    const size_t columns = tensor_.columns;
    std::vector<int8_t> quantized(values.size());
    const size_t first_row = scales_.size();
    for (size_t i = 0; i < values.size(); i += columns) {
      scales_.push_back(QuantizeRow({values.data() + i, columns}, {quantized.data() + i, columns}));
    }
    if (!tensor_.packed()) {
      data_->Write(quantized.data(), quantized.size());
      return;
    }
    const size_t rows = values.size() / columns;
    std::vector<uint8_t> blocks(static_cast<size_t>(PackedBytes(columns, rows)));
    PackInt8Weights(quantized.data(), scales_.data() + first_row, bias_.empty() ? nullptr : bias_.data() + first_row,
                    columns, rows, blocks.data());
    data_->Write(blocks.data(), blocks.size());
  }

  void CheckFinite(const SourceTensor& source, uint64_t first, const std::vector<float>& values) const {
    const auto bad = std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
    if (bad == values.end()) return;
    const uint64_t index = first + static_cast<uint64_t>(bad - values.begin());
    const std::string place = source.shape.size() == 2 ? std::to_string(index / source.shape[1]) + ", " +
                                                             std::to_string(index % source.shape[1])
                                                       : std::to_string(index);
    throw Error(weights_->name() + ": tensor \"" + source.name + "\": element [" + place + "] is " +
                (std::isnan(*bad) ? "NaN" : "infinite"));
  }

  const PlannedTensor& tensor_;
  Weights* weights_;
  DataSection* data_;
  std::vector<float> bias_;
  std::vector<float> scales_;
};

void SetMeasurements(const Measurements& measurements, schema::ModelT* model) {
  model->report = std::make_unique<schema::ReportT>(measurements.report);
  if (model->heads.empty()) return;
  model->heads[0]->reject_threshold = measurements.reject_threshold;
  model->heads[0]->null_threshold = measurements.null_threshold;
}

// The metadata of a complete file with other measurements; at least as large as it is now if `keep_room`.
std::vector<uint8_t> MetadataWith(const Measurements& measurements, const std::filesystem::path& file, bool keep_room,
                                  FileHeader* header) {
  std::unique_ptr<Model> opened;
  ThrowIfError(Model::OpenPath(file.c_str(), OpenOptions{}, &opened));
  uint32_t vocabulary_size = 0;
  ThrowIfError(CheckTokenizer(*opened, &vocabulary_size));
  *header = opened->header();
  schema::ModelT model;
  opened->root().UnPackTo(&model);
  opened.reset();
  SetMeasurements(measurements, &model);
  const uint64_t data_size = uint64_t{header->data_blocks} * kDataAlignment;
  const uint64_t checksum = uint64_t{header->data_checksum[1]} << 32 | header->data_checksum[0];
  return AssembleMetadata(model, data_size, checksum, keep_room ? header->data_offset : 0);
}

}  // namespace

FileLayout LayOutFile(const Plan& plan, schema::ModelT* model, const Measurements* expected) {
  FileLayout layout;
  for (const PlannedTensor& tensor : plan.tensors()) {
    // A bias that comes out of its blocks begins a block of its own.
    layout.data_in_fp32 += RoundUp(tensor.fp32_bytes(), kDataAlignment) + (tensor.packed() ? kDataAlignment : 0);
  }
  layout.data = LayOut(plan.tensors(), &model->tensors);
  // Fields that are there may pack into fewer bytes than fields that are not, so the larger of both.
  layout.metadata = AssembleMetadata(*model, layout.data, 0).size();
  if (expected != nullptr) {
    const Measurements now{*model->report, model->heads[0]->reject_threshold, model->heads[0]->null_threshold};
    SetMeasurements(*expected, model);
    layout.metadata =
        std::max(layout.metadata, decltype(layout.metadata){AssembleMetadata(*model, layout.data, 0).size()});
    SetMeasurements(now, model);
  }
  return layout;
}

// Metadata comes first in the file but holds the checksum of what follows it. Its size does not depend on
// the checksum, so it is written twice: once to keep the place, once when the data has been streamed.
void WritePlannedModel(const Plan& plan, const FileLayout& layout, const schema::ModelT& model, Weights* weights,
                       const TemporaryFile& target, const ProgressCallback& progress) {
  RequireRoom({{&target, layout.bytes()}});
  const auto room = static_cast<size_t>(layout.metadata);
  const std::vector<uint8_t> place = AssembleMetadata(model, layout.data, 0, room);
  OutputFile file(target, layout.bytes());
  file.Write(place.data(), place.size());
  DataSection data(&file);
  for (const size_t index : WritingOrder(plan.tensors())) {
    const PlannedTensor& tensor = plan.tensors()[index];
    TensorWriter(tensor, tensor.reader != nullptr ? tensor.reader : weights, &data).Write();
    if (progress) progress("write " + tensor.name, static_cast<double>(data.size()) / static_cast<double>(layout.data));
  }
  const std::vector<uint8_t> metadata = AssembleMetadata(model, layout.data, data.checksum(), room);
  if (data.size() != layout.data || metadata.size() != layout.metadata || place.size() != layout.metadata) {
    throw Error(target.path().string() + ": internal error: what was written is not what was planned");
  }
  file.Rewind();
  file.Write(metadata.data(), metadata.size());
  file.Close();
}

bool ReplaceReport(const TemporaryFile& file, const Measurements& measurements) {
  FileHeader header;
  const std::vector<uint8_t> metadata = MetadataWith(measurements, file.path(), true, &header);
  if (metadata.size() != header.data_offset) return false;
  OutputFile output(file, metadata.size());
  output.Write(metadata.data(), metadata.size());
  output.Close();
  return true;
}

// The data section is copied as it is; its checksum comes along in the header.
void CopyWithReport(const std::filesystem::path& source, const TemporaryFile& target,
                    const Measurements& measurements) {
  FileHeader header;
  const std::vector<uint8_t> metadata = MetadataWith(measurements, source, false, &header);
  const uint64_t data_size = uint64_t{header.data_blocks} * kDataAlignment;
  RequireRoom({{&target, metadata.size() + data_size}});
  InputFile input(source);
  OutputFile output(target, metadata.size() + data_size);
  output.Write(metadata.data(), metadata.size());
  CopyBytes(&input, header.data_offset, data_size, &output);
  output.Close();
}

}  // namespace pbert::converter
