// A .safetensors file. The first byte: 1 takes the rest as a header's text, a NUL and the data, and puts the right
// length in front, which the mutations of a header would else seldom fit.

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "converter/checkpoint/safetensors.h"
#include "converter/support/error.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/read_weights.h"
#include "tests/fuzz/temporary_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return -1;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string file(rest);
  if (data[0] & 1) {
    const uint64_t length = std::min(rest.find('\0'), rest.size());
    file.assign(reinterpret_cast<const char*>(&length), sizeof(length));
    file += rest.substr(0, length);
    if (length < rest.size()) file += rest.substr(length + 1);
  }
  try {
    pbert::converter::SafeTensors weights(pbert::fuzz::WriteTemporary("model.safetensors", file));
    pbert::fuzz::ReadWeights(&weights);
  } catch (const pbert::converter::Error& error) {
    FUZZ_CHECK(*error.what() != 0);
  }
  return 0;
}
