// What makes heads of several checkpoints fit into one file: the same encoder, value by value, and the same tokenizer.
#ifndef POCKETBERT_CONVERTER_NETWORK_ADDED_HEADS_H_
#define POCKETBERT_CONVERTER_NETWORK_ADDED_HEADS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "converter/checkpoint/weights.h"
#include "converter/network/plan.h"
#include "schema/model_generated.h"

namespace pbert::converter {

// A checkpoint but for its weights.
struct DescribedModel {
  const std::string& model_type;
  const std::string& source;  // what messages call it
  const schema::EncoderT& encoder;
  const schema::TokenizerT& tokenizer;
};

// Throws Error where the second cannot share the first one's encoder, or makes other tokens.
void RequireSameModel(const DescribedModel& base, const DescribedModel& added);

// XXH64 of the values of each of a plan's first `count` tensors, as floats: two numbers a tensor, of its source and of
// the bias in its blocks. Reads all of them; memory does not grow
// with them. Throws Error.
std::vector<uint64_t> HashTensors(const Plan& plan, size_t count, Weights* weights);

// XXH64 of these hashes: the encoder's.
uint64_t HashOf(const std::vector<uint64_t>& hashes);

// Throws Error naming the first tensor that is not the same in both.
void RequireSameTensors(const Plan& base, const std::vector<uint64_t>& base_hashes, const Plan& added,
                        const std::vector<uint64_t>& added_hashes);

// Adds `distance` to a head's indices of tensors, but for those below `first`, which are the encoder's.
void MoveTensors(int32_t distance, int32_t first, schema::HeadT* head);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_NETWORK_ADDED_HEADS_H_
