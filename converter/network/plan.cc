#include "converter/network/plan.h"

#include <limits>
#include <string_view>

#include "base/packed_block.h"
#include "converter/support/error.h"
#include "converter/support/nearest.h"

namespace pbert::converter {
namespace {

std::string ShapeText(const std::vector<uint64_t>& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + "]";
}

// `*` fits any characters, `?` any one. Where a later part does not fit, the last `*` takes one character more; earlier
// ones need never be tried again, so the time is at most the product of both lengths.
bool Fits(std::string_view pattern, std::string_view name) {
  size_t p = 0, n = 0, star = std::string_view::npos, taken = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace

uint64_t PlannedTensor::data_bytes() const {
  if (packed()) return PackedBytes(columns, rows);
  return uint64_t{rows} * columns * (type == schema::TensorType::I8 ? 1 : sizeof(float));
}

uint64_t PlannedTensor::fp32_bytes() const {
  const uint64_t row = uint64_t{columns} + (bias.tensor != nullptr ? 1 : 0);
  return sizeof(float) * rows * row;
}

schema::TensorType Plan::TypeOf(const std::string& matrix) {
  bool kept = choice_.type == WeightType::kFloat32;
  for (size_t i = 0; i < choice_.keep.size(); ++i) {
    if (!Fits(choice_.keep[i], matrix)) continue;
    used_[i] = true;
    kept = true;
  }
  return kept ? schema::TensorType::F32 : schema::TensorType::I8;
}

void Plan::RequireAllKept() const {
  std::vector<std::string> matrices;
  for (const PlannedTensor& tensor : tensors_) {
    if (!tensor.is_vector) matrices.push_back(tensor.name);
  }
  for (size_t i = 0; i < used_.size(); ++i) {
    if (used_[i]) continue;
    throw Error("--keep: fp32:" + choice_.keep[i] + ": no matrix of " + weights_.name() + " has such a name" +
                DidYouMean(choice_.keep[i], matrices) + "; `pocketbert compare` lists them");
  }
}

int32_t Plan::Adopt(const Plan& other, size_t first, Weights* reader) {
  const auto moved = static_cast<int32_t>(tensors_.size()) - static_cast<int32_t>(first);
  for (size_t i = first; i < other.tensors_.size(); ++i) {
    tensors_.push_back(other.tensors_[i]);
    tensors_.back().reader = reader;
  }
  for (size_t i = 0; i < used_.size(); ++i) used_[i] = used_[i] || other.used_[i];
  return moved;
}

void Plan::KeepRows(int32_t index, RowSubset* rows) {
  PlannedTensor& tensor = tensors_[static_cast<size_t>(index)];
  const auto count = static_cast<uint32_t>(rows->row_count());
  (tensor.is_vector ? tensor.columns : tensor.rows) = count;
  for (PlannedSource* source : {&tensor.source, &tensor.bias}) {
    if (source->tensor != nullptr) source->tensor = rows->Choose(*source->tensor);
  }
  tensor.reader = rows;
}

const SourceTensor* Plan::Require(const std::string& name, const std::vector<uint64_t>& shape) const {
  const SourceTensor* tensor = weights_.Find(name);
  const std::string where = weights_.name() + ": tensor \"" + name + "\": ";
  if (tensor == nullptr) throw Error(where + "missing; expected with shape " + ShapeText(shape));
  if (tensor->shape != shape) {
    throw Error(where + "has shape " + ShapeText(tensor->shape) + ", config.json asks for " + ShapeText(shape));
  }
  return tensor;
}

int32_t Plan::Add(PlannedTensor tensor) {
  // The schema counts bytes in 32 bits.
  if (tensor.data_bytes() > std::numeric_limits<uint32_t>::max()) {
    throw Error(weights_.name() + ": " + tensor.name + " would have " + std::to_string(tensor.data_bytes()) +
                " bytes, more than a .pbert file can hold in one tensor");
  }
  tensors_.push_back(std::move(tensor));
  return static_cast<int32_t>(tensors_.size() - 1);
}

int32_t Plan::Matrix(const std::string& name, uint32_t rows, uint32_t columns, const From& source) {
  PlannedTensor tensor{.name = name, .type = TypeOf(name), .rows = rows, .columns = columns};
  tensor.source = {Require(source.name, {rows, columns}), source.factor};
  return Add(std::move(tensor));
}

int32_t Plan::Vector(const std::string& name, uint32_t size, const From& source) {
  PlannedTensor tensor{.name = name, .columns = size, .is_vector = true};
  tensor.source = {Require(source.name, {size}), source.factor};
  return Add(std::move(tensor));
}

int32_t Plan::Computed(const std::string& name, uint32_t rows, uint32_t columns,
                       std::function<void(uint32_t row, std::span<float> out)> compute) {
  PlannedTensor tensor{.name = name, .type = TypeOf(name), .rows = rows, .columns = columns};
  tensor.compute = std::move(compute);
  return Add(std::move(tensor));
}

std::unique_ptr<schema::LinearT> Plan::Linear(const std::string& name, uint32_t out, uint32_t in, const From& source) {
  return Linear(name, out, in, {source.name + ".weight", source.factor}, {source.name + ".bias", source.factor});
}

// An int8 matrix takes its bias into its blocks.
std::unique_ptr<schema::LinearT> Plan::Linear(const std::string& name, uint32_t out, uint32_t in, const From& weight,
                                              const From& bias) {
  auto linear = std::make_unique<schema::LinearT>();
  const std::string matrix = name + ".weight";
  PlannedTensor tensor{.name = matrix, .type = TypeOf(matrix), .rows = out, .columns = in};
  tensor.source = {Require(weight.name, {out, in}), weight.factor};
  if (tensor.type == schema::TensorType::I8) {
    tensor.layout = schema::Layout::Packed16x4;
    tensor.bias = {Require(bias.name, {out}), bias.factor};
    linear->weight = Add(std::move(tensor));
  } else {
    linear->weight = Add(std::move(tensor));
    linear->bias = Vector(name + ".bias", out, bias);
  }
  return linear;
}

std::unique_ptr<schema::NormT> Plan::Norm(const std::string& name, uint32_t size, const std::string& source) {
  const bool old_names = !Has(source + ".weight") && Has(source + ".gamma");
  auto norm = std::make_unique<schema::NormT>();
  norm->gamma = Vector(name + ".gamma", size, {source + (old_names ? ".gamma" : ".weight")});
  norm->beta = Vector(name + ".beta", size, {source + (old_names ? ".beta" : ".bias")});
  return norm;
}

}  // namespace pbert::converter
