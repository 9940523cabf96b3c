#include "converter/network/added_heads.h"

#include <algorithm>

#include "base/checksum.h"
#include "converter/support/error.h"

namespace pbert::converter {
namespace {

constexpr uint64_t kChunk = 1 << 16;  // elements read at a time

constexpr char kWayOut[] = "; convert it to a file of its own";

// A table's bytes, which are the same for the same content.
template <typename Table, typename Object>
std::vector<uint8_t> Packed(const Object& object) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(Table::Pack(builder, &object));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

[[noreturn]] void Refuse(const DescribedModel& base, const DescribedModel& added, const std::string& why,
                         const std::string& way_out = kWayOut) {
  throw Error("--add-head: " + added.source + ": " + why + " than " + base.source + ", so it cannot share its encoder" +
              way_out);
}

// What config.json gives under different names in different families.
std::vector<std::pair<const char*, double>> Numbers(const schema::EncoderT& encoder) {
  return {{"hidden size", encoder.hidden_size},
          {"layers", static_cast<double>(encoder.order.empty() ? encoder.layers.size() : encoder.order.size())},
          {"attention heads", encoder.head_count},
          {"feed-forward size", encoder.ffn_size},
          {"embedding size", encoder.embedding_size},
          {"positions", encoder.max_tokens},
          {"norm epsilon", encoder.norm_epsilon},
          {"activation", static_cast<double>(encoder.activation)},
          {"first position", encoder.embeddings->position_offset}};
}

}  // namespace

void RequireSameModel(const DescribedModel& base, const DescribedModel& added) {
  if (base.model_type != added.model_type) {
    Refuse(base, added,
           "config.json: \"model_type\" is \"" + added.model_type + "\", another one (\"" + base.model_type + "\")");
  }
  const auto ours = Numbers(base.encoder), theirs = Numbers(added.encoder);
  for (size_t i = 0; i < ours.size(); ++i) {
    if (ours[i] != theirs[i])
      Refuse(base, added, std::string("config.json asks for another encoder (") + ours[i].first + ")");
  }
  if (Packed<schema::Encoder>(base.encoder) != Packed<schema::Encoder>(added.encoder)) {
    Refuse(base, added, "config.json asks for another encoder");
  }
  if (base.tokenizer.piece_bytes != added.tokenizer.piece_bytes ||
      base.tokenizer.piece_ends != added.tokenizer.piece_ends) {
    Refuse(base, added, "its tokenizer has another vocabulary");
  }
  if (base.tokenizer.max_tokens != added.tokenizer.max_tokens) {
    Refuse(base, added,
           "its tokenizer cuts texts elsewhere, at " + std::to_string(added.tokenizer.max_tokens) +
               " tokens and not at " + std::to_string(base.tokenizer.max_tokens) + ",",
           ": make \"model_max_length\" in tokenizer_config.json (\"max_seq_length\" of a sentence-transformer) the "
           "same, or "
           "convert it to a file of its own");
  }
  if (Packed<schema::Tokenizer>(base.tokenizer) != Packed<schema::Tokenizer>(added.tokenizer)) {
    Refuse(base, added, "its tokenizer has other rules or special tokens");
  }
}

std::vector<uint64_t> HashTensors(const Plan& plan, size_t count, Weights* weights) {
  std::vector<uint64_t> hashes;
  std::vector<float> values;
  for (size_t i = 0; i < count; ++i) {
    const PlannedTensor& tensor = plan.tensors()[i];
    for (const SourceTensor* source : {tensor.source.tensor, tensor.bias.tensor}) {
      Xxh64 hash;
      // Without a source it is computed from its size, which has been compared.
      for (uint64_t first = 0; source != nullptr && first < source->elements; first += values.size()) {
        values.resize(static_cast<size_t>(std::min(kChunk, source->elements - first)));
        weights->Read(*source, first, values);
        hash.Update(values.data(), values.size() * sizeof(float));
      }
      hashes.push_back(hash.Finish());
    }
  }
  return hashes;
}

uint64_t HashOf(const std::vector<uint64_t>& hashes) {
  Xxh64 hash;
  hash.Update(hashes.data(), hashes.size() * sizeof(uint64_t));
  return hash.Finish();
}

void RequireSameTensors(const Plan& base, const std::vector<uint64_t>& base_hashes, const Plan& added,
                        const std::vector<uint64_t>& added_hashes) {
  for (size_t i = 0; i < base_hashes.size(); ++i) {
    if (base_hashes[i] == added_hashes[i]) continue;
    const PlannedTensor& tensor = added.tensors()[i / 2];
    const SourceTensor* source = i % 2 == 0 ? tensor.source.tensor : tensor.bias.tensor;
    const std::string& name = source == nullptr ? tensor.name : source->name;
    throw Error("--add-head: " + added.source() + ": tensor \"" + name + "\": has other values than in " +
                base.source() +
                ": this encoder was fine-tuned on its own; train the head with the encoder frozen, or convert it to a "
                "file of its own");
  }
}

void MoveTensors(int32_t distance, int32_t first, schema::HeadT* head) {
  const auto move = [&](int32_t* index) {
    if (*index >= first) *index += distance;
  };
  for (auto& step : head->steps) {
    if (step->linear != nullptr) {
      move(&step->linear->weight);
      move(&step->linear->bias);
    }
    if (step->norm != nullptr) {
      move(&step->norm->gamma);
      move(&step->norm->beta);
    }
  }
}

}  // namespace pbert::converter
