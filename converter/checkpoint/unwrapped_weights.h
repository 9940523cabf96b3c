// Weights under the names that save_pretrained gives them.
#ifndef POCKETBERT_CONVERTER_CHECKPOINT_UNWRAPPED_WEIGHTS_H_
#define POCKETBERT_CONVERTER_CHECKPOINT_UNWRAPPED_WEIGHTS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "converter/checkpoint/weights.h"

namespace pbert::converter {

// A tensor's name without what wrappers have added to it: torch.compile's "_orig_mod" and DataParallel's "module",
// which stand before the part that was wrapped, wherever that is; and in front, any number of times and in any order,
// Lightning's and others' "model" and sentence-transformers' "0.auto_model".
std::string UnwrappedName(const std::string& name);

// The same tensors under their names without wrappers. Of two that then have one name, the one that had it counts; of
// two that had not, neither is known to be right: Error.
class UnwrappedWeights : public Weights {
 public:
  explicit UnwrappedWeights(std::unique_ptr<Weights> weights);

  const std::string& name() const override { return weights_->name(); }
  const SourceTensor* Find(const std::string& tensor) const override;
  std::vector<std::string> Names() const override { return NamesOf(tensors_); }
  void Read(const SourceTensor& tensor, uint64_t first, std::span<float> out) override {
    weights_->Read(tensor, first, out);
  }
  uint64_t bytes() const override { return weights_->bytes(); }
  uint64_t Hash() override { return weights_->Hash(); }

 private:
  std::unique_ptr<Weights> weights_;
  std::map<std::string, const SourceTensor*> tensors_;  // by the name without wrappers; theirs is the file's
};

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_CHECKPOINT_UNWRAPPED_WEIGHTS_H_
