// Some rows of tensors, as if the checkpoint had no others.
#ifndef POCKETBERT_CONVERTER_CHECKPOINT_ROW_SUBSET_H_
#define POCKETBERT_CONVERTER_CHECKPOINT_ROW_SUBSET_H_

#include <memory>
#include <utility>
#include <vector>

#include "converter/checkpoint/weights.h"

namespace pbert::converter {

class RowSubset : public Weights {
 public:
  // `rows` ascend. `whole` must outlive this.
  RowSubset(Weights* whole, std::vector<uint32_t> rows) : whole_(whole), rows_(std::move(rows)) {}

  // The chosen rows of a tensor of `whole`, elements of a vector. All rows must be there. Lives as long as this object.
  const SourceTensor* Choose(const SourceTensor& tensor);
  size_t row_count() const { return rows_.size(); }

  const std::string& name() const override { return whole_->name(); }
  const SourceTensor* Find(const std::string& tensor) const override;
  std::vector<std::string> Names() const override;
  // Of a tensor that Choose gave.
  void Read(const SourceTensor& tensor, uint64_t first, std::span<float> out) override;
  uint64_t bytes() const override { return whole_->bytes(); }
  uint64_t Hash() override { return whole_->Hash(); }

 private:
  struct Chosen {
    SourceTensor tensor;
    const SourceTensor* whole;
  };

  Weights* whole_;
  std::vector<uint32_t> rows_;
  std::vector<std::unique_ptr<Chosen>> chosen_;
};

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_CHECKPOINT_ROW_SUBSET_H_
