// Small tokenizers of every kind, with options that no real one has together.
#ifndef POCKETBERT_TESTS_FUZZ_RANDOM_TOKENIZER_H_
#define POCKETBERT_TESTS_FUZZ_RANDOM_TOKENIZER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "schema/model_generated.h"
#include "tests/fuzz/chance.h"

namespace pbert::fuzz {

// Ids that every such tokenizer has.
enum SpecialId : uint32_t { kPad = 0, kUnknown = 1, kCls = 2, kSep = 3, kMask = 4 };

struct RandomTokenizer {
  std::unique_ptr<schema::TokenizerT> table;
  uint32_t rows = 0;  // that an embedding needs for its ids
};

// `spoiled`: one in two has a trie or merges as no converter writes them (cycles, values out of range).
RandomTokenizer MakeRandomTokenizer(Chance* chance, bool spoiled);

std::unique_ptr<schema::NormalizerStepT> MakeRandomNormalizer(Chance* chance);
std::unique_ptr<schema::PreTokenizerStepT> MakeRandomPreTokenizer(Chance* chance);

std::string Utf8(char32_t code_point);
// Of the vocabularies' letters and of what Unicode has in store.
char32_t RandomCharacter(Chance* chance);
std::string RandomWord(Chance* chance, uint32_t longest);

}  // namespace pbert::fuzz

#endif  // POCKETBERT_TESTS_FUZZ_RANDOM_TOKENIZER_H_
