// pytorch_model.bin: a zip archive with a pickle and storages.

#include "converter/checkpoint/pytorch_file.h"
#include "converter/support/error.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/read_weights.h"
#include "tests/fuzz/temporary_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    pbert::converter::PyTorchFile weights(
        pbert::fuzz::WriteTemporary("pytorch_model.bin", {reinterpret_cast<const char*>(data), size}));
    pbert::fuzz::ReadWeights(&weights);
  } catch (const pbert::converter::Error& error) {
    FUZZ_CHECK(*error.what() != 0);
  }
  return 0;
}
