// Extended grapheme clusters (UAX #29), as the reference draws them.
#ifndef POCKETBERT_TEXT_GRAPHEMES_H_
#define POCKETBERT_TEXT_GRAPHEMES_H_

#include "text/unicode.h"

namespace pbert {

// Goes through a text, code point by code point. One thread at a time.
class GraphemeBreaks {
 public:
  // Whether a cluster begins with `c`, the next code point.
  bool Before(char32_t c);

 private:
  bool Breaks(char32_t c, unicode::Grapheme kind) const;

  unicode::Grapheme last_ = unicode::Grapheme::kControl;
  bool after_return_ = false;  // the last one was a carriage return
  uint8_t pictograph_ = 0;     // the last ones were a pictograph and extenders: 1; and then a joiner: 2
  uint8_t conjunct_ = 0;       // a consonant and its extenders: 1; with a linker among them: 2
};

}  // namespace pbert

#endif  // POCKETBERT_TEXT_GRAPHEMES_H_
