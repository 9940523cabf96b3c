// What sentence-transformers' encode() does with a text before the tokenizer sees it.
#ifndef POCKETBERT_TASKS_TEXT_PREPARATION_H_
#define POCKETBERT_TASKS_TEXT_PREPARATION_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "schema/model_generated.h"

namespace pbert {

// `text` without white space at both ends, as Python's str.strip() finds it.
std::string_view StripSpace(std::string_view text);

// A prompt in front, white space taken off, lower case. One thread at a time.
class TextPreparation {
 public:
  // `rules` (null: texts stay as they are) must outlive it. What a text becomes is kept in the arena, as far as a text
  // of `max_tokens` tokens can reasonably go: it does not grow with the text. Takes the same bytes from every arena.
  static TextPreparation Take(const schema::TextPreparation* rules, size_t max_tokens, Arena* arena);

  // Whether a text is more than a part of itself afterwards, so that only one can be prepared at a time.
  bool rewrites() const { return capacity_ > 0; }
  // The prepared text, valid until the next call. *whole is false when only its beginning fitted.
  std::string_view Prepare(std::string_view text, bool* whole);
  // The prompt alone, prepared.
  std::string_view PreparePrompt();

 private:
  bool Append(std::string_view text, size_t* size);

  std::string_view prompt_;
  bool strip_ = false, lowercase_ = false;
  uint8_t* memory_ = nullptr;
  size_t capacity_ = 0;
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_TEXT_PREPARATION_H_
