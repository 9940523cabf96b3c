// Question answering: the best spans of a context of any length, found window by window.
#ifndef POCKETBERT_TASKS_ANSWER_H_
#define POCKETBERT_TASKS_ANSWER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/status.h"
#include "engine/network.h"
#include "pocketbert/pocketbert.h"
#include "text/encoding.h"
#include "text/tokenizer.h"

namespace pbert {

inline constexpr size_t kMaxAnswers = 64;
inline constexpr size_t kKeptAnswers = 512;  // different texts among which the best are found

struct AnswerOptions {
  uint32_t top_k = 1;              // at most kMaxAnswers
  uint32_t window = 384;           // tokens, special ones included
  std::optional<uint32_t> stride;  // tokens that neighbouring windows share; absent: the reference's
  uint32_t max_answer_tokens = 15;
  bool allow_none = false;
  bool part_words = false;  // an answer may begin and end within words
};

struct AnswerMemory {
  float* starts = nullptr;               // [tokens]
  float* ends = nullptr;                 // [tokens]
  uint32_t* words = nullptr;             // [tokens], of the context: the same number is the same word
  pbert_answer_span* answers = nullptr;  // [kKeptAnswers + 1]

  static AnswerMemory Take(Arena* arena, size_t tokens);
};

// `encoding` holds a window. The answers, best first, lie in `memory`. Memory does not grow with the context.
Status AnswerQuestion(const Tokenizer& tokenizer, std::string_view question, std::string_view context,
                      const AnswerOptions& options, TokenizerScratch* scratch, Encoding* encoding, Network* network,
                      AnswerMemory* memory, std::span<const pbert_answer_span>* answers);

}  // namespace pbert

#endif  // POCKETBERT_TASKS_ANSWER_H_
