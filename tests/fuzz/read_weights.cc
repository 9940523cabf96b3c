#include "tests/fuzz/read_weights.h"

#include <algorithm>
#include <string>
#include <vector>

#include "converter/support/error.h"
#include "tests/fuzz/check.h"

namespace pbert::fuzz {

void ReadWeights(converter::Weights* weights) {
  for (const std::string& name : weights->Names()) {
    const converter::SourceTensor* const tensor = weights->Find(name);
    FUZZ_CHECK(tensor != nullptr && tensor->name == name);
    uint64_t elements = 1;
    for (const uint64_t size : tensor->shape) FUZZ_CHECK(!__builtin_mul_overflow(elements, size, &elements));
    FUZZ_CHECK(elements == tensor->elements);
    std::vector<float> out(std::min<uint64_t>(elements, 4096));
    try {
      weights->Read(*tensor, 0, out);
      weights->Read(*tensor, elements - out.size(), out);
      weights->Read(*tensor, elements, {});
    } catch (const converter::Error& error) {  // of a type that is no float, say
      FUZZ_CHECK(*error.what() != 0);
    }
  }
  weights->Hash();
}

}  // namespace pbert::fuzz
