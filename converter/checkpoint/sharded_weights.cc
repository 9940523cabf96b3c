#include "converter/checkpoint/sharded_weights.h"

#include <nlohmann/json.hpp>

#include "base/checksum.h"
#include "converter/support/error.h"
#include "converter/support/json.h"

namespace pbert::converter {

namespace fs = std::filesystem;

ShardedWeights::ShardedWeights(const fs::path& index, const OpenShard& open) : name_(index.string()) {
  const Json json = ReadJsonFile(index);
  const auto map = json.find("weight_map");
  if (map == json.end() || !map->is_object() || map->empty()) {
    throw Error(name_ + ": \"weight_map\" is not an object of tensors and files");
  }
  for (const auto& [tensor, value] : map->items()) {
    if (!value.is_string()) throw Error(name_ + ": \"weight_map\": \"" + tensor + "\" has no file");
    const std::string file = value.get<std::string>();
    // A name beside the index, never a way to somewhere else.
    if (file.empty() || fs::path(file).filename() != fs::path(file) || file == "." || file == "..") {
      throw Error(name_ + ": \"weight_map\": \"" + file + "\" is not the name of a file beside it");
    }
    std::unique_ptr<Weights>& shard = shards_[file];
    if (shard == nullptr) {
      if (!fs::exists(index.parent_path() / file)) {
        throw Error((index.parent_path() / file).string() + ": no such file, but " + index.filename().string() +
                    " names it: the download is not complete");
      }
      shard = open(index.parent_path() / file);
    }
    if (shard->Find(tensor) == nullptr) {
      throw Error(name_ + ": tensor \"" + tensor + "\": not in " + file + ", where it should be");
    }
    places_[tensor] = shard.get();
  }
}

const SourceTensor* ShardedWeights::Find(const std::string& tensor) const {
  const auto place = places_.find(tensor);
  return place == places_.end() ? nullptr : place->second->Find(tensor);
}

void ShardedWeights::Read(const SourceTensor& tensor, uint64_t first, std::span<float> out) {
  places_.at(tensor.name)->Read(tensor, first, out);
}

uint64_t ShardedWeights::bytes() const {
  uint64_t sum = 0;
  for (const auto& [file, shard] : shards_) sum += shard->bytes();
  return sum;
}

uint64_t ShardedWeights::Hash() {
  Xxh64 hash;
  for (const auto& [file, shard] : shards_) {
    const uint64_t own = shard->Hash();
    hash.Update(&own, sizeof(own));
  }
  return hash.Finish();
}

}  // namespace pbert::converter
