// One token of a text.
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

}  // namespace pbert

#endif  // POCKETBERT_TEXT_TOKEN_H_
