// Weights in several files, with an index that says which tensor is in which.
#ifndef POCKETBERT_CONVERTER_CHECKPOINT_SHARDED_WEIGHTS_H_
#define POCKETBERT_CONVERTER_CHECKPOINT_SHARDED_WEIGHTS_H_

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "converter/checkpoint/weights.h"

namespace pbert::converter {

using OpenShard = std::function<std::unique_ptr<Weights>(const std::filesystem::path&)>;

// model.safetensors.index.json or pytorch_model.bin.index.json, and the files beside it that its "weight_map" names.
// Memory: the index as json.h says, and each shard's as its own reader says; a shard is opened once.
class ShardedWeights : public Weights {
 public:
  ShardedWeights(const std::filesystem::path& index, const OpenShard& open);  // throws Error

  const std::string& name() const override { return name_; }
  const SourceTensor* Find(const std::string& tensor) const override;
  std::vector<std::string> Names() const override { return NamesOf(places_); }
  void Read(const SourceTensor& tensor, uint64_t first, std::span<float> out) override;
  uint64_t bytes() const override;  // of the shards together
  uint64_t Hash() override;         // XXH64 of the shards' own hashes, 8 bytes each, in order of their names

 private:
  std::string name_;
  std::map<std::string, std::unique_ptr<Weights>> shards_;  // by file name
  std::map<std::string, Weights*> places_;                  // by tensor
};

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_CHECKPOINT_SHARDED_WEIGHTS_H_
