// Texts of a known length in tokens.
#ifndef POCKETBERT_PLATFORMS_CLI_BENCH_TEXTS_H_
#define POCKETBERT_PLATFORMS_CLI_BENCH_TEXTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "text/encoding.h"
#include "text/tokenizer.h"

namespace pbert::cli {

// Makes texts from the model's own vocabulary: words that are one token each, so that any length can be had exactly.
class BenchTexts {
 public:
  // `tokenizer` must outlive this. Throws Error when the vocabulary has no such word.
  explicit BenchTexts(const Tokenizer& tokenizer);

  // Special tokens around a single text.
  uint32_t frame() const;
  // `count` texts, different as far as the vocabulary allows, each of exactly `tokens` tokens with the special ones.
  std::vector<std::string> Make(uint32_t tokens, size_t count);

 private:
  // Without special tokens; stops counting above `most`.
  size_t CountTokens(std::string_view text, size_t most);

  const Tokenizer& tokenizer_;
  std::vector<uint8_t> memory_;
  TokenizerScratch scratch_;
  std::vector<std::string> words_;
};

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_BENCH_TEXTS_H_
