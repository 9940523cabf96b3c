#include "converter/network/plan.h"

#include <limits>
#include <string_view>

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
  PlannedPart& part = tensor.parts.at(0);
  part.source = rows->Choose(*part.source);
  if (!tensor.is_vector) part.rows = count;
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

int32_t Plan::Matrix(const std::string& name, uint32_t rows, uint32_t columns, const std::vector<From>& parts) {
  PlannedTensor tensor{name, TypeOf(name), rows, columns, false, {}, nullptr, {}};
  const uint32_t part_rows = rows / static_cast<uint32_t>(parts.size());
  for (const From& part : parts) {
    tensor.parts.push_back({Require(part.name, {part_rows, columns}), part_rows, part.factor});
  }
  return Add(std::move(tensor));
}

int32_t Plan::Vector(const std::string& name, uint32_t size, const std::vector<From>& parts) {
  PlannedTensor tensor{name, schema::TensorType::F32, 1, size, true, {}, nullptr, {}};
  for (const From& part : parts) {
    tensor.parts.push_back({Require(part.name, {size / parts.size()}), 1, part.factor});
  }
  return Add(std::move(tensor));
}

int32_t Plan::Computed(const std::string& name, uint32_t rows, uint32_t columns,
                       std::function<void(uint32_t row, std::span<float> out)> compute) {
  return Add({name, TypeOf(name), rows, columns, false, {}, nullptr, std::move(compute)});
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

}  // namespace pbert::converter
