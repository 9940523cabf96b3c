// Code points, each with the bytes that it comes from; and those of a text as it is.
#ifndef POCKETBERT_TEXT_RAW_CURSOR_H_
#define POCKETBERT_TEXT_RAW_CURSOR_H_

#include <cstdint>
#include <string_view>

#include "base/utf8.h"

namespace pbert {

// A code point, and the bytes [begin, end) of the original text that it stands for.
struct TextChar {
  char32_t code_point;
  uint32_t begin;
  uint32_t end;
};

// Decodes bytes [begin, end) of a text of less than 4 GB. Cheap to copy: a copy looks ahead while the original stays.
// One thread at a time.
class RawCursor {
 public:
  RawCursor() = default;
  // `steps` counts the code points that this cursor and its copies read; see TokenizerScratch::steps.
  RawCursor(std::string_view text, uint32_t begin, uint32_t end, uint64_t* steps)
      : text_(text.data()), position_(begin), end_(end), steps_(steps) {}

  // False at the end.
  bool Next(TextChar* c) {
    if (NextAscii(c)) return true;  // nearly always, so it is spared the call
    if (position_ >= end_) return false;
    const Utf8Char next = DecodeUtf8(text_ + position_, end_ - position_);
    *c = {next.code_point, position_, position_ + next.length};
    position_ += next.length;
    ++*steps_;
    return true;
  }

  // The next code point if it is ASCII.
  bool NextAscii(TextChar* c) {
    if (position_ >= end_ || static_cast<uint8_t>(text_[position_]) >= 0x80) return false;
    *c = {static_cast<uint8_t>(text_[position_]), position_, position_ + 1};
    ++position_;
    ++*steps_;
    return true;
  }

  // Where the next code point begins, in bytes.
  uint32_t position() const { return position_; }
  void set_position(uint32_t position) { position_ = position; }

 private:
  const char* text_ = nullptr;
  uint32_t position_ = 0;
  uint32_t end_ = 0;
  uint64_t* steps_ = nullptr;
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_RAW_CURSOR_H_
