// The bytes of a .pbert file, opened and asked everything. Sizes and checksum are mended first: else hardly a mutation
// would get past the header, whose own checks the tests of tests/model make.

#include <algorithm>
#include <cstring>
#include <exception>
#include <span>
#include <vector>

#include "model/header.h"
#include "tests/fuzz/ask_everything.h"
#include "tests/fuzz/model_bytes.h"
#include "tests/fuzz/model_mutator.h"
#include "tests/fuzz/random_model.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace pbert::fuzz {
namespace {

// Of the object tree, and of floats in the tensors. Returns 0 where the file has no tree, or none that fits.
size_t MutateTree(uint8_t* data, size_t size, size_t max_size, Chance& u) {
  RandomModel file;
  if (!TakeApart({data, size}, &file.model, &file.data)) return 0;
  for (uint32_t i = 1 + u(u.OneIn(4) ? 6 : 2); i > 0; --i) ChangeModel(&file.model, file.data.size(), &u);
  if (u.OneIn(10) && file.data.size() >= sizeof(float)) {
    for (uint32_t i = 1 + u(16); i > 0; --i) {
      const float value = OddFloat(&u);
      memcpy(&file.data[u(file.data.size() / sizeof(value)) * sizeof(value)], &value, sizeof(value));
    }
  }
  try {
    const std::vector<uint8_t> bytes = file.Bytes();
    if (bytes.size() > max_size) return 0;
    memcpy(data, bytes.data(), bytes.size());
    return bytes.size();
  } catch (const std::exception&) {
    return 0;
  }
}

// Of the metadata's bytes: single words, or libFuzzer's own way over a stretch.
void MutateMetadata(uint8_t* data, size_t size, Chance& u) {
  FileHeader header;
  memcpy(&header, data, sizeof(header));
  const size_t end = header.data_offset > kHeaderSize && header.data_offset <= size ? header.data_offset : size;
  if (u.OneIn(4)) {
    const size_t at = kHeaderSize + u(end - kHeaderSize), length = 1 + u(std::min<size_t>(64, end - at));
    LLVMFuzzerMutate(data + at, length, length);
    return;
  }
  for (uint32_t i = 1 + u(4); i > 0; --i) {
    uint32_t word;
    const size_t at = u(10) ? kHeaderSize + sizeof(word) * u((end - kHeaderSize) / sizeof(word)) : sizeof(word) * u(16);
    if (at + sizeof(word) > size) continue;
    memcpy(&word, data + at, sizeof(word));
    word = ChangedNumber(word, &u);
    memcpy(data + at, &word, sizeof(word));
  }
}

}  // namespace
}  // namespace pbert::fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned int seed) {
  using namespace pbert::fuzz;
  Chance u(seed);
  if (u(3) != 0) {
    const size_t mutated = MutateTree(data, size, max_size, u);
    if (mutated > 0) return mutated;
  }
  if (size < 3 * pbert::kHeaderSize) return LLVMFuzzerMutate(data, size, max_size);
  MutateMetadata(data, size, u);
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<uint8_t> file(data, data + size);
  pbert::fuzz::MendHeader(&file);
  uint32_t seed = 0;
  for (size_t i = 0; i < file.size(); i += 7) seed = seed * 31 + file[i];
  pbert::fuzz::AskEverything(file, seed, {});
  return 0;
}
