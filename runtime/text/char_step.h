// The steps between a text and its words, as a chain: each pulls code points from the one before it.
#ifndef POCKETBERT_TEXT_CHAR_STEP_H_
#define POCKETBERT_TEXT_CHAR_STEP_H_

#include <cstdint>

#include "text/raw_cursor.h"

namespace pbert {

// Something that gives code points. Objects live in an arena and are never destroyed. One thread at a time.
class CharSource {
 public:
  // False at the end.
  virtual bool Next(TextChar* c) = 0;

 protected:
  ~CharSource() = default;
};

// The beginning of a chain: the bytes of a stretch of text.
class RawSource final : public CharSource {
 public:
  void Begin(const RawCursor& text) { text_ = text; }
  bool Next(TextChar* c) override { return text_.Next(c); }
  // For a step that must read some of it again.
  RawCursor& cursor() { return text_; }

 private:
  RawCursor text_;
};

// One step of a normalizer. Begin() forgets everything: another stretch follows, which begins at byte `origin`.
class CharStep : public CharSource {
 public:
  explicit CharStep(CharSource* source) : source_(source) {}
  virtual void Begin(uint32_t origin) = 0;

 protected:
  ~CharStep() = default;
  CharSource* const source_;
};

// The bytes of the original text that a code point stands for.
struct Place {
  uint32_t begin, end;
};

// The reference's bookkeeping of places. A step that rewrites text tells, for each code point it gives, a `change`:
// 0: it replaces one code point of the source; -n: it replaces one and removes the n behind it; above 0: it was
// inserted and shares the place of the last one that was replaced or removed (or none, at the origin). Places are
// handed out in order: a step that removes what comes first and does not say so shifts all places behind it, and the
// reference's own map does just that. kSize places wait at most; of more, the oldest count as removed.
template <uint32_t kSize>
class Places {
 public:
  void Begin(uint32_t origin) {
    first_ = count_ = 0;
    last_ = {origin, origin};
  }
  void Push(const TextChar& c) {
    if (count_ == kSize) Pop();
    waiting_[(first_ + count_++) % kSize] = {c.begin, c.end};
  }
  Place Take(int change) {
    if (change > 0) return last_;
    const Place place = Pop();
    for (; change < 0 && count_ > 0; ++change) Pop();
    return place;
  }

 private:
  Place Pop() {
    if (count_ == 0) return last_;
    last_ = waiting_[first_];
    first_ = (first_ + 1) % kSize;
    --count_;
    return last_;
  }

  Place waiting_[kSize];
  Place last_{0, 0};
  uint32_t first_ = 0, count_ = 0;
};

// UTF-8 from the file, one code point at a time.
class TextReader {
 public:
  TextReader() = default;
  TextReader(const char* text, uint32_t size) : text_(text), size_(size) {}
  bool Next(char32_t* c) {
    if (size_ == 0) return false;
    const Utf8Char next = DecodeUtf8(text_, size_);
    *c = next.code_point;
    text_ += next.length;
    size_ -= next.length;
    return true;
  }

 private:
  const char* text_ = nullptr;
  uint32_t size_ = 0;
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_CHAR_STEP_H_
