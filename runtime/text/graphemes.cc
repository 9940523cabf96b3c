#include "text/graphemes.h"

namespace pbert {

using enum unicode::Grapheme;

bool GraphemeBreaks::Before(char32_t c) {
  const unicode::Grapheme kind = unicode::RecordOf(c).grapheme;
  const bool breaks = Breaks(c, kind);
  const bool extends = kind == kExtend || kind == kExtendConjunct || kind == kLinker;
  if (kind == kPictograph) {
    pictograph_ = 1;
  } else if (pictograph_ != 1 || !extends) {
    pictograph_ = pictograph_ == 1 && kind == kJoiner ? 2 : 0;
  }
  if (kind == kConsonant) {
    conjunct_ = 1;
  } else if (kind == kLinker) {
    conjunct_ = conjunct_ == 0 ? 0 : 2;
  } else if (kind != kExtendConjunct && kind != kJoiner) {
    conjunct_ = 0;
  }
  last_ = kind;
  after_return_ = c == '\r';
  return breaks;
}

// The rules by their numbers in UAX #29 (Unicode 15.1 and later).
bool GraphemeBreaks::Breaks(char32_t c, unicode::Grapheme kind) const {
  if (after_return_ && c == '\n') return false;            // GB3
  if (last_ == kControl || kind == kControl) return true;  // GB4, GB5
  switch (kind) {
    case kExtend:
    case kExtendConjunct:
    case kLinker:
    case kJoiner:
    case kSpacing:
      return false;  // GB9, GB9a
    case kHangulL:
    case kHangulLV:
    case kHangulLVT:
      if (last_ == kHangulL) return false;  // GB6
      break;
    case kHangulV:
      if (last_ == kHangulL || last_ == kHangulV || last_ == kHangulLV) return false;  // GB6, GB7
      break;
    case kHangulT:
      if (last_ == kHangulV || last_ == kHangulLV || last_ == kHangulT || last_ == kHangulLVT)
        return false;  // GB7, GB8
      break;
    case kConsonant:
      if (conjunct_ == 2) return false;  // GB9c
      break;
    case kPictograph:
      if (pictograph_ == 2) return false;  // GB11
      break;
    default:
      break;
  }
  return last_ != kPrepend;  // GB9b
}

}  // namespace pbert
