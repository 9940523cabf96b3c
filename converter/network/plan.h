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

// A tensor of the checkpoint, multiplied by `factor` on its way into the file.
struct PlannedSource {
  const SourceTensor* tensor = nullptr;
  float factor = 1;
};

// One tensor of the file. Without a source it is computed, row by row.
struct PlannedTensor {
  std::string name;
  schema::TensorType type = schema::TensorType::F32;
  schema::Layout layout = schema::Layout::RowMajor;
  uint32_t rows = 1;  // 1 for a vector
  uint32_t columns = 1;
  bool is_vector = false;
  PlannedSource source{};
  PlannedSource bias{};       // Packed16x4 only: the bias that goes into the blocks
  Weights* reader = nullptr;  // of the sources; null: the weights that the plan is made for
  std::function<void(uint32_t row, std::span<float> out)> compute{};

  bool packed() const { return layout == schema::Layout::Packed16x4; }
  // Whether an array of scales lies behind it.
  bool has_scales() const { return type == schema::TensorType::I8 && !packed(); }
  // Bytes of the elements, of a packed matrix of all that lies in its blocks.
  uint64_t data_bytes() const;
  // As it would be in an fp32 file, a packed matrix with its bias.
  uint64_t fp32_bytes() const;
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

  int32_t Matrix(const std::string& name, uint32_t rows, uint32_t columns, const From& source);
  int32_t Vector(const std::string& name, uint32_t size, const From& source);
  int32_t Computed(const std::string& name, uint32_t rows, uint32_t columns,
                   std::function<void(uint32_t row, std::span<float> out)> compute);

  // y = x W^T + b, of SOURCE.weight and SOURCE.bias.
  std::unique_ptr<schema::LinearT> Linear(const std::string& name, uint32_t out, uint32_t in, const From& source);
  // The same of two tensors by their names.
  std::unique_ptr<schema::LinearT> Linear(const std::string& name, uint32_t out, uint32_t in, const From& weight,
                                          const From& bias);
  // NAME.weight and NAME.bias, or, in the oldest checkpoints, NAME.gamma and NAME.beta.
  std::unique_ptr<schema::NormT> Norm(const std::string& name, uint32_t size, const std::string& source);

  // Takes over the tensors from `first` on of a plan for other weights, which are read from `reader`, and what else
  // was found about the matrices to be kept. The tensors' indices grow by what is returned.
  int32_t Adopt(const Plan& other, size_t first, Weights* reader);

  // A tensor becomes the rows of it that `rows` chooses, with their biases; `rows` must outlive the plan.
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
