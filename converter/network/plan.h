// From a checkpoint's tensors to a file's tensors: which rows go where, before any of them is read.
#ifndef POCKETBERT_CONVERTER_NETWORK_PLAN_H_
#define POCKETBERT_CONVERTER_NETWORK_PLAN_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "converter/checkpoint/row_subset.h"
#include "converter/checkpoint/weights.h"
#include "converter/network/weight_choice.h"
#include "schema/model_generated.h"

namespace pbert::converter {

// Rows of the checkpoint, multiplied by `factor` on their way into the file.
struct PlannedPart {
  const SourceTensor* source;
  uint32_t rows;  // 1 for a vector
  float factor;
};

// One tensor of the file: the rows of its parts, one part below the other; vectors are one row, parts side by side.
// A tensor without parts is computed, row by row.
struct PlannedTensor {
  std::string name;
  schema::TensorType type;
  uint32_t rows;  // 1 for a vector
  uint32_t columns;
  bool is_vector;
  std::vector<PlannedPart> parts;
  Weights* reader = nullptr;  // of the parts; null: the weights that the plan is made for
  std::function<void(uint32_t row, std::span<float> out)> compute;

  uint64_t elements() const { return uint64_t{rows} * columns; }
  // Bytes of the elements alone, without scales.
  uint64_t data_bytes() const { return elements() * (type == schema::TensorType::I8 ? 1 : sizeof(float)); }
};

// A tensor of the checkpoint by its name there, and what to multiply it by.
struct From {
  std::string name;
  float factor = 1;
};

// Collects the tensors of a model while an architecture reader describes it, and looks each up in the checkpoint:
// a missing or misshapen one throws Error with its name. Matrices take the type that was asked for unless they are to
// be kept finer, vectors are always floats. Functions return the tensor's index, or the table that holds it.
class Plan {
 public:
  Plan(const Weights& weights, WeightChoice choice)
      : weights_(weights), choice_(std::move(choice)), used_(choice_.keep.size(), false) {}

  // A tensor of the checkpoint; null when it has none of that name.
  const SourceTensor* Find(const std::string& name) const { return weights_.Find(name); }
  bool Has(const std::string& name) const { return Find(name) != nullptr; }
  // What messages call the checkpoint's weights.
  const std::string& source() const { return weights_.name(); }

  // Each part has rows/parts.size() rows.
  int32_t Matrix(const std::string& name, uint32_t rows, uint32_t columns, const std::vector<From>& parts);
  int32_t Vector(const std::string& name, uint32_t size, const std::vector<From>& parts);
  int32_t Computed(const std::string& name, uint32_t rows, uint32_t columns,
                   std::function<void(uint32_t row, std::span<float> out)> compute);

  // y = x W^T + b, of NAME.weight and NAME.bias for each part.
  std::unique_ptr<schema::LinearT> Linear(const std::string& name, uint32_t out, uint32_t in,
                                          const std::vector<From>& parts);
  // NAME.weight and NAME.bias, or, in the oldest checkpoints, NAME.gamma and NAME.beta.
  std::unique_ptr<schema::NormT> Norm(const std::string& name, uint32_t size, const std::string& source);

  // Takes over the tensors from `first` on of a plan for other weights, which are read from `reader`, and what else
  // was found about the matrices to be kept. The tensors' indices grow by what is returned.
  int32_t Adopt(const Plan& other, size_t first, Weights* reader);

  // A tensor of one part becomes the rows of it that `rows` chooses, which must outlive the plan.
  void KeepRows(int32_t tensor, RowSubset* rows);

  // Once everything is described: throws Error where something to be kept is no matrix of this model.
  void RequireAllKept() const;

  const std::vector<PlannedTensor>& tensors() const { return tensors_; }

 private:
  const SourceTensor* Require(const std::string& name, const std::vector<uint64_t>& shape) const;
  schema::TensorType TypeOf(const std::string& matrix);
  int32_t Add(PlannedTensor tensor);

  const Weights& weights_;
  WeightChoice choice_;
  std::vector<bool> used_;  // which patterns of choice_.keep have fitted a matrix
  std::vector<PlannedTensor> tensors_;
};

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_NETWORK_PLAN_H_
