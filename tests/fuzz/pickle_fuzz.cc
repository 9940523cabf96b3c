// The pickle inside a PyTorch checkpoint.

#include "converter/checkpoint/unpickler.h"
#include "converter/support/error.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/exact_copy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const pbert::fuzz::ExactCopy pickle({reinterpret_cast<const char*>(data), size});
  try {
    for (const pbert::converter::PickledTensor& tensor : pbert::converter::ReadStateDict(pickle, "data.pkl")) {
      FUZZ_CHECK(tensor.shape.size() == tensor.strides.size());
    }
  } catch (const pbert::converter::Error& error) {
    FUZZ_CHECK(*error.what() != 0);
  }
  return 0;
}
