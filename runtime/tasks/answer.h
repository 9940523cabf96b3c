// Question answering: the best spans of a context of any length, found window by window.
#ifndef POCKETBERT_TASKS_ANSWER_H_
#define POCKETBERT_TASKS_ANSWER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/arena.h"
#include "base/status.h"
#include "pocketbert/pocketbert.h"
#include "tasks/task.h"

namespace pbert {

inline constexpr size_t kMaxAnswers = 64;
inline constexpr size_t kKeptAnswers = 512;  // different texts among which the best are found

struct AnswerOptions {
  uint32_t top_k = 1;              // at most kMaxAnswers
  std::optional<uint32_t> stride;  // tokens that neighbouring windows share; absent: the reference's
  uint32_t max_answer_tokens = 15;
  bool allow_none = false;
  bool part_words = false;  // an answer may begin and end within words
};

// The question is input.text, the context input.pair. In windows of input.max_tokens, or else of 384 or
// model_max_length, whichever is less. The answers come best first; only whether "no answer" is the first says
// the head's null_threshold, where it has one. Memory does not grow with the context.
class AnswerTask {
 public:
  static AnswerTask Take(size_t max_tokens, Arena* arena);

  Status Run(const TextInput& input, const AnswerOptions& options, TaskContext* context,
             std::span<const pbert_answer_span>* result);

  // Of the last Run, whether or not "no answer" was allowed: its score less the best answer's. What a head's
  // null_threshold is compared with; `eval` measures that threshold by it.
  float null_margin() const { return null_margin_; }

 private:
  float* starts_ = nullptr;               // [tokens]
  float* ends_ = nullptr;                 // [tokens]
  uint32_t* words_ = nullptr;             // [tokens], of the context: the same number is the same word
  pbert_answer_span* answers_ = nullptr;  // [kKeptAnswers + 1]
  float null_margin_ = 0;
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_ANSWER_H_
