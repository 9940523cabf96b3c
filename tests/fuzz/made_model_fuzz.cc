// Models made by the input's choices: valid in their shape, hostile in their tables, weights and texts. Where
// model_fuzz seldom leaves the neighbourhood of its seeds, this seldom makes a file that does not open.

#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "tests/fuzz/ask_everything.h"
#include "tests/fuzz/random_model.h"
#include "tests/fuzz/random_tokenizer.h"

namespace pbert::fuzz {
namespace {

std::vector<std::string> MakeTexts(const schema::TokenizerT& tokenizer, Chance& u) {
  std::vector<std::string> texts(3);
  for (int i = 0; i < 60; ++i) texts[0] += u(4) ? RandomWord(&u, 6) : std::string(1, static_cast<char>(u(256)));
  for (const auto& added : tokenizer.added_tokens) {
    if (added->content.size() < 100) texts[1] += added->content + (u(2) ? " " : "") + (u(3) ? "" : "  ");
  }
  const std::string unit = RandomWord(&u, 5);
  for (int i = 0; i < 200; ++i) texts[2] += u(20) ? unit : RandomWord(&u, 3);
  return texts;
}

}  // namespace
}  // namespace pbert::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pbert::fuzz;
  uint32_t seed;
  if (size < sizeof(seed)) return -1;
  memcpy(&seed, data, sizeof(seed));
  Chance u(seed, {data + sizeof(seed), size - sizeof(seed)});
  const RandomModel file = MakeRandomModel(&u, true);
  const std::vector<std::string> texts = MakeTexts(*file.model.tokenizer, u);
  try {
    AskEverything(file.Bytes(), seed, texts);
  } catch (const std::exception&) {  // larger than the format allows: not to be kept
    return -1;
  }
  return 0;
}
