// Token ids with the frame around them ([CLS] text [SEP] pair [SEP]), truncated as the reference does.
#ifndef POCKETBERT_TEXT_ENCODING_H_
#define POCKETBERT_TEXT_ENCODING_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/status.h"
#include "text/token_stream.h"
#include "text/tokenizer.h"

namespace pbert {

// What a token stands for.
enum class TokenSource : uint8_t { kSpecial = 0, kFirst = 1, kSecond = 2 };

// Arrays of `capacity` entries of which the first `size` are in use; supplied by the owner. One thread at a time.
// begin/end are byte offsets in the text that the source names (0, 0 for special tokens).
struct Encoding {
  int32_t* ids = nullptr;
  uint8_t* type_ids = nullptr;
  TokenSource* sources = nullptr;
  uint32_t* begins = nullptr;
  uint32_t* ends = nullptr;
  size_t capacity = 0;
  size_t size = 0;
  bool truncated = false;    // the text had more tokens than fit
  bool has_type_ids = true;  // false: all are 0, whatever the frame says

  // Takes the same bytes from every arena; a counting arena tells how many.
  static Encoding Take(Arena* arena, size_t capacity);

  // The same arrays behind the first `first` entries, empty.
  Encoding From(size_t first) const;

  void Append(int32_t id, uint32_t type_id, TokenSource source, uint32_t begin, uint32_t end);
  // A piece of the frame that is a special token.
  void AppendSpecial(const schema::FramePiece& piece);
};

// What of a text is encoded, where it is not all of it.
struct EncodeOptions {
  // Of a pair only the first text is cut, the reference's OnlyFirst. Where that is not enough nothing is cut to
  // max_tokens, as its zero-shot pipeline does, but to the encoding's capacity, by LongestFirst.
  bool only_first = false;
  // Of a pair only the second text is cut, the reference's OnlySecond: an error where that is not enough, or where a
  // text that is too long has none beside it.
  bool only_second = false;
};

// Encodes `text`, or `text` and `pair` when has_pair, into at most max_tokens tokens (special ones
// included; at most encoding->capacity), cutting the longer of the two first
// (TruncationStrategy::LongestFirst of the reference), at the end or, by the tokenizer, at the beginning. No more than
// max_tokens tokens are ever held, however long the texts are. Fails only when max_tokens does not even hold the frame,
// or a text has 4 GB.
Status Encode(const Tokenizer& tokenizer, std::string_view text, std::string_view pair, bool has_pair,
              size_t max_tokens, TokenizerScratch* scratch, Encoding* encoding, const EncodeOptions& options = {});

// Converts ascending byte offsets of one UTF-8 text into code points and UTF-16 units in one pass;
// going back restarts from the beginning. Ill-formed bytes count as the U+FFFD they are read as. An offset inside
// a code point counts as its beginning. One thread at a time.
class OffsetCursor {
 public:
  struct Position {
    uint32_t bytes, code_points, utf16_units;
  };
  explicit OffsetCursor(std::string_view text) : text_(text) {}
  Position At(uint32_t byte_offset);

 private:
  std::string_view text_;
  Position position_{0, 0, 0};
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_ENCODING_H_
