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

// What is asked: a text, or a question with its context.
struct BenchText {
  std::string text, pair;  // pair empty: there is none
};

// Makes texts from the model's own vocabulary: words that are one token each, so that any length can be had exactly.
class BenchTexts {
 public:
  // `tokenizer` must outlive this. Throws Error when the vocabulary has no such word.
  BenchTexts(const Tokenizer& tokenizer, schema::Task task);

  // Special tokens around a text, or around question and context; at least one token has to come to it for each.
  uint32_t frame() const;
  uint32_t least() const { return frame() + (task_ == schema::Task::QuestionAnswering ? 2 : 1); }
  // `count` texts, different as far as the vocabulary allows, each of exactly `tokens` tokens with the special ones.
  std::vector<BenchText> Make(uint32_t tokens, size_t count);

 private:
  // Without special tokens; stops counting above `most`.
  size_t CountTokens(std::string_view text, size_t most);

  const Tokenizer& tokenizer_;
  schema::Task task_;
  std::vector<uint8_t> memory_;
  TokenizerScratch scratch_;
  std::vector<std::string> words_;
};

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_BENCH_TEXTS_H_
