// Everything that a checkpoint's weights can be asked.
#ifndef POCKETBERT_TESTS_FUZZ_READ_WEIGHTS_H_
#define POCKETBERT_TESTS_FUZZ_READ_WEIGHTS_H_

#include "converter/checkpoint/weights.h"

namespace pbert::fuzz {

// Throws nothing but Error, and that only for what is being read.
void ReadWeights(converter::Weights* weights);

}  // namespace pbert::fuzz

#endif  // POCKETBERT_TESTS_FUZZ_READ_WEIGHTS_H_
