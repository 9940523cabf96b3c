// Code points of a text, raw and as BERT's normalizer gives them, each with the bytes that it comes from.
#ifndef POCKETBERT_TEXT_NORMALIZER_H_
#define POCKETBERT_TEXT_NORMALIZER_H_

#include <cstdint>
#include <string_view>

#include "base/utf8.h"
#include "text/unicode.h"

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
    if (position_ >= end_) return false;
    const Utf8Char next = DecodeUtf8(text_ + position_, end_ - position_);
    *c = {next.code_point, position_, position_ + next.length};
    position_ += next.length;
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

struct NormalizerFlags {
  bool clean_text = true;
  bool space_cjk = true;
  bool strip_accents = true;
  bool lowercase = true;
};

// BERT's normalizer as a pull-through pipeline: clean, spaces around CJK, NFD and drop marks, lower-case. Like the
// reference, it gives every code point the place of one code point of the original, and places never go back.
// Memory is fixed and time linear whatever the text is. Cheap enough to copy for looking ahead. One thread at a time.
class NormalizerCursor {
 public:
  NormalizerCursor() = default;
  NormalizerCursor(const NormalizerFlags& flags, const RawCursor& source) : flags_(flags), raw_(source) {}

  // False at the end.
  bool Next(TextChar* c);
  // How many code points Next has given.
  uint32_t position() const { return position_; }

 private:
  // What is left of a Sequence.
  struct Rest {
    unicode::Sequence sequence{{}, 0};
    uint32_t next = 0;
    bool empty() const { return next >= sequence.size; }
  };

  bool NextCleaned(TextChar* c);
  bool NextStripped(TextChar* c);
  void BeginRun(uint32_t first_byte);
  bool NextInRun(TextChar* c);
  bool Skips(const unicode::Record& record) const { return flags_.clean_text && (record.flags & unicode::kRemoved); }

  NormalizerFlags flags_;
  RawCursor raw_;
  uint32_t position_ = 0;

  TextChar cjk_{};  // the character whose spaces are being given
  enum class Cjk : uint8_t { kNone, kCharacter, kSpaceAfter } cjk_next_ = Cjk::kNone;

  TextChar place_{};  // the original character that was used last, for its begin and end
  Rest decomposed_;
  Rest lowered_;

  // A run of combining characters that is being given in order of its classes.
  bool in_run_ = false;
  uint64_t ranks_left_ = 0;  // bit r: class r is still to come
  uint8_t rank_ = 0;         // the class that is being given; 0: none
  uint32_t run_begin_ = 0;
  uint32_t run_end_ = 0;
  uint32_t run_tail_ = 0;  // where in decomposed_ the combining characters begin
  RawCursor scan_;         // over the run, once per class
  RawCursor places_;       // over the run, once in all
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_NORMALIZER_H_
