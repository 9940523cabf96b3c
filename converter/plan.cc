#include "converter/plan.h"

#include <limits>

#include "converter/error.h"

namespace pbert {
namespace {

std::string ShapeText(const std::vector<uint64_t>& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + "]";
}

}  // namespace

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

int32_t Plan::Matrix(const std::string& name, uint32_t rows, uint32_t columns, const std::vector<From>& parts) {
  const auto type = type_ == WeightType::kInt8 ? schema::TensorType::I8 : schema::TensorType::F32;
  PlannedTensor tensor{name, type, rows, columns, false, {}, {}};
  const uint32_t part_rows = rows / static_cast<uint32_t>(parts.size());
  for (const From& part : parts) {
    tensor.parts.push_back({Require(part.name, {part_rows, columns}), part_rows, part.factor});
  }
  return Add(std::move(tensor));
}

int32_t Plan::Vector(const std::string& name, uint32_t size, const std::vector<From>& parts) {
  PlannedTensor tensor{name, schema::TensorType::F32, 1, size, true, {}, {}};
  for (const From& part : parts) {
    tensor.parts.push_back({Require(part.name, {size / parts.size()}), 1, part.factor});
  }
  return Add(std::move(tensor));
}

int32_t Plan::Computed(const std::string& name, uint32_t rows, uint32_t columns,
                       std::function<void(uint32_t row, std::span<float> out)> compute) {
  const auto type = type_ == WeightType::kInt8 ? schema::TensorType::I8 : schema::TensorType::F32;
  return Add({name, type, rows, columns, false, {}, std::move(compute)});
}

std::unique_ptr<schema::LinearT> Plan::Linear(const std::string& name, uint32_t out, uint32_t in,
                                              const std::vector<From>& parts) {
  std::vector<From> weights;
  std::vector<From> biases;
  for (const From& part : parts) {
    weights.push_back({part.name + ".weight", part.factor});
    biases.push_back({part.name + ".bias", part.factor});
  }
  auto linear = std::make_unique<schema::LinearT>();
  linear->weight = Matrix(name + ".weight", out, in, weights);
  linear->bias = Vector(name + ".bias", out, biases);
  return linear;
}

std::unique_ptr<schema::NormT> Plan::Norm(const std::string& name, uint32_t size, const std::string& source) {
  const bool old_names = !Has(source + ".weight") && Has(source + ".gamma");
  auto norm = std::make_unique<schema::NormT>();
  norm->gamma = Vector(name + ".gamma", size, {{source + (old_names ? ".gamma" : ".weight")}});
  norm->beta = Vector(name + ".beta", size, {{source + (old_names ? ".beta" : ".bias")}});
  return norm;
}

}  // namespace pbert
