// Changes in a model's object tree, which bytes changed by chance would seldom come to.
#ifndef POCKETBERT_TESTS_FUZZ_MODEL_MUTATOR_H_
#define POCKETBERT_TESTS_FUZZ_MODEL_MUTATOR_H_

#include <cstdint>

#include "schema/model_generated.h"
#include "tests/fuzz/chance.h"

namespace pbert::fuzz {

// One change somewhere in the model. `data_size`: bytes of tensor data behind it.
void ChangeModel(schema::ModelT* model, size_t data_size, Chance* chance);

// A number near `old`, at a limit of something, or any.
uint32_t ChangedNumber(uint32_t old, Chance* chance);
// A float that is likely to be trouble.
float OddFloat(Chance* chance);

}  // namespace pbert::fuzz

#endif  // POCKETBERT_TESTS_FUZZ_MODEL_MUTATOR_H_
