// Tokens of a text.
#ifndef POCKETBERT_TEXT_TOKEN_H_
#define POCKETBERT_TEXT_TOKEN_H_

#include <cstdint>

namespace pbert {

// [begin, end) are byte offsets in the original UTF-8.
struct Token {
  int32_t id;
  uint32_t begin;
  uint32_t end;
};

// Tokens that are known and not yet taken. Filled only when it is empty. One thread at a time.
struct TokenQueue {
  static constexpr uint32_t kSize = 1024 + 2;  // what byte pairs and Unigram need
  Token* tokens = nullptr;
  uint32_t capacity = 0;
  uint32_t next = 0, size = 0;

  void Clear() { next = size = 0; }
  bool empty() const { return next == size; }
  void Add(uint32_t id, uint32_t begin, uint32_t end) {
    if (size < capacity) tokens[size++] = {static_cast<int32_t>(id), begin, end};
  }
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_TOKEN_H_
