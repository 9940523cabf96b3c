// Small model files of every kind: their shapes fit, what stands in them may be hostile.
#ifndef POCKETBERT_TESTS_FUZZ_RANDOM_MODEL_H_
#define POCKETBERT_TESTS_FUZZ_RANDOM_MODEL_H_

#include <cstdint>
#include <vector>

#include "schema/model_generated.h"
#include "tests/fuzz/chance.h"

namespace pbert::fuzz {

struct RandomModel {
  schema::ModelT model;
  std::vector<uint8_t> data;  // of the tensors

  // The whole file. Throws Error where it would exceed the format's limits.
  std::vector<uint8_t> Bytes() const;
};

// One tokenizer, one encoder of at most three distinct layers, one or two heads of any task; in one of three files
// some weights are extreme or no numbers.
RandomModel MakeRandomModel(Chance* chance, bool spoiled_tokenizer);

}  // namespace pbert::fuzz

#endif  // POCKETBERT_TESTS_FUZZ_RANDOM_MODEL_H_
