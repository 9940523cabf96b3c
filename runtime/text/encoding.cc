#include "text/encoding.h"

#include <algorithm>

#include "base/utf8.h"

namespace pbert {
namespace {

using Frame = flatbuffers::Vector<flatbuffers::Offset<schema::FramePiece>>;

struct Lengths {
  size_t first, second;
};

// How many tokens `text` has, but at most `limit`; what lies behind them is not even read.
size_t CountTokens(std::string_view text, size_t limit, TokenizerScratch* scratch) {
  TokenStream& stream = scratch->Begin(text);
  Token token;
  size_t count = 0;
  while (count < limit && stream.Next(&token)) ++count;
  return count;
}

// The reference's LongestFirst. When both do not fit into `budget`: a text shorter than half of it stays whole and
// the other gets the rest; otherwise each gets half, and of an odd budget the longer one (or the second of two equal
// ones) the odd token.
Lengths LongestFirst(Lengths full, size_t budget) {
  const bool swapped = full.first > full.second;
  const size_t shorter = std::min(full.first, full.second);
  Lengths kept;
  if (shorter <= budget / 2) {
    kept = {shorter, budget - shorter};
  } else {
    kept = {budget / 2, budget - budget / 2};
  }
  if (swapped) std::swap(kept.first, kept.second);
  return kept;
}

// Lengths of which at least one is true, and the other as large or true as well, both beyond `known`: counted to twice
// as far each time, so that a short text spares the long one.
Lengths CountToShorter(std::string_view text, std::string_view pair, size_t known, TokenizerScratch* scratch) {
  Lengths counted = {known, known};
  for (size_t limit = known; counted.first == limit && counted.second == limit;) {
    limit = limit <= SIZE_MAX / 2 ? 2 * limit : SIZE_MAX;
    counted = {CountTokens(text, limit, scratch), CountTokens(pair, limit, scratch)};
  }
  return counted;
}

// How many tokens of each text of a pair fit. Counting goes no further than one token beyond the budget, except where
// both texts are that long and an odd token goes to the longer one: only the shorter one's true length can tell which
// that is.
Lengths FitPair(const Tokenizer& tokenizer, std::string_view text, std::string_view pair, size_t budget,
                TokenizerScratch* scratch, Lengths* skipped, bool* truncated) {
  Lengths full = {CountTokens(text, budget + 1, scratch), CountTokens(pair, budget + 1, scratch)};
  *truncated = full.first + full.second > budget;
  if (!*truncated) return full;
  // Where the beginnings are cut, it takes the true lengths to find them.
  const bool left = tokenizer.table().truncate_left();
  if (left) {
    full = {CountTokens(text, SIZE_MAX, scratch), CountTokens(pair, SIZE_MAX, scratch)};
  } else if (full.first > budget && full.second > budget && budget % 2 != 0) {
    full = CountToShorter(text, pair, budget + 1, scratch);
  }
  const Lengths kept = LongestFirst(full, budget);
  if (left) *skipped = {full.first - kept.first, full.second - kept.second};
  return kept;
}

// The same where only the first text is cut. False: it cannot be cut enough.
bool FitFirst(std::string_view text, std::string_view pair, size_t budget, TokenizerScratch* scratch, Lengths* kept,
              bool* truncated) {
  const Lengths full = {CountTokens(text, budget + 1, scratch), CountTokens(pair, budget + 1, scratch)};
  *kept = full;
  *truncated = full.first + full.second > budget;
  if (!*truncated) return true;
  if (full.second >= budget) return false;  // the reference leaves at least one token of the first
  kept->first = budget - full.second;
  return true;
}

// The same where only the second text is cut.
bool FitSecond(const Tokenizer& tokenizer, std::string_view text, std::string_view pair, size_t budget,
               TokenizerScratch* scratch, Lengths* kept, Lengths* skipped, bool* truncated) {
  if (!FitFirst(pair, text, budget, scratch, kept, truncated)) return false;
  std::swap(kept->first, kept->second);
  if (*truncated && tokenizer.table().truncate_left()) {
    skipped->second = CountTokens(pair, SIZE_MAX, scratch) - kept->second;
  }
  return true;
}

Status TooLong(size_t limit) {
  return Status::Error(Code::kInvalidArgument,
                       "encode: longer than %zu tokens, and cutting the second text alone does not help", limit);
}

// Appends `limit` tokens of `text` behind the first `skipped`. Returns whether there were more, if the caller wants to
// know.
bool AppendText(std::string_view text, size_t skipped, size_t limit, uint8_t type_id, TokenSource source,
                bool want_more, TokenizerScratch* scratch, Encoding* encoding) {
  TokenStream& stream = scratch->Begin(text);
  Token token;
  while (skipped-- > 0 && stream.Next(&token)) {
  }
  for (size_t i = 0; i < limit; ++i) {
    if (!stream.Next(&token)) return false;
    encoding->Append(token.id, type_id, source, token.begin, token.end);
  }
  return want_more && stream.Next(&token);
}

}  // namespace

Encoding Encoding::Take(Arena* arena, size_t capacity) {
  Encoding encoding;
  encoding.ids = arena->Take<int32_t>(capacity);
  encoding.type_ids = arena->Take<uint8_t>(capacity);
  encoding.sources = arena->Take<TokenSource>(capacity);
  encoding.begins = arena->Take<uint32_t>(capacity);
  encoding.ends = arena->Take<uint32_t>(capacity);
  encoding.capacity = capacity;
  return encoding;
}

Encoding Encoding::From(size_t first) const {
  Encoding rest = *this;
  rest.ids += first;
  rest.type_ids += first;
  rest.sources += first;
  rest.begins += first;
  rest.ends += first;
  rest.capacity -= first;
  rest.size = 0;
  rest.truncated = false;
  return rest;
}

void Encoding::Append(int32_t id, uint32_t type_id, TokenSource source, uint32_t begin, uint32_t end) {
  const size_t i = size++;
  ids[i] = id;
  type_ids[i] = has_type_ids ? static_cast<uint8_t>(type_id) : 0;
  sources[i] = source;
  begins[i] = begin;
  ends[i] = end;
}

void Encoding::AppendSpecial(const schema::FramePiece& piece) {
  Append(static_cast<int32_t>(piece.id()), piece.type_id(), TokenSource::kSpecial, 0, 0);
}

Status Encode(const Tokenizer& tokenizer, std::string_view text, std::string_view pair, bool has_pair,
              size_t max_tokens, TokenizerScratch* scratch, Encoding* encoding, const EncodeOptions& options) {
  encoding->size = 0;
  encoding->truncated = false;
  if (text.size() > UINT32_MAX || pair.size() > UINT32_MAX) {
    return Status::Error(Code::kInvalidArgument, "encode: text of 4 GB or more");
  }
  const Frame& frame = has_pair ? *tokenizer.table().frame_pair() : *tokenizer.table().frame_single();
  const size_t limit = std::min(max_tokens, encoding->capacity);
  const size_t special_count = frame.size() - (has_pair ? 2 : 1);
  if (limit < special_count) {
    return Status::Error(Code::kInvalidArgument, "encode: at most %zu tokens: the special ones alone are %zu", limit,
                         special_count);
  }
  const size_t budget = limit - special_count;
  // A single text needs no counting, unless its end is kept: it is simply read until it ends or the budget does.
  Lengths kept = {budget, 0}, skipped = {0, 0};
  if (has_pair && options.only_second) {
    if (!FitSecond(tokenizer, text, pair, budget, scratch, &kept, &skipped, &encoding->truncated))
      return TooLong(limit);
  } else if (has_pair) {
    if (!(options.only_first && FitFirst(text, pair, budget, scratch, &kept, &encoding->truncated))) {
      const size_t most = options.only_first ? encoding->capacity - special_count : budget;
      kept = FitPair(tokenizer, text, pair, most, scratch, &skipped, &encoding->truncated);
    } else if (tokenizer.table().truncate_left() && encoding->truncated) {
      skipped.first = CountTokens(text, SIZE_MAX, scratch) - kept.first;
    }
  } else if (tokenizer.table().truncate_left()) {
    const size_t full = CountTokens(text, SIZE_MAX, scratch);
    encoding->truncated = full > budget;
    kept.first = std::min(full, budget);
    skipped.first = full - kept.first;
  }
  const bool want_more = !has_pair;

  for (const schema::FramePiece* piece : frame) {
    switch (piece->item()) {
      case schema::FrameItem::SpecialToken:
        encoding->AppendSpecial(*piece);
        break;
      case schema::FrameItem::First:
        encoding->truncated |= AppendText(text, skipped.first, kept.first, piece->type_id(), TokenSource::kFirst,
                                          want_more, scratch, encoding);
        break;
      case schema::FrameItem::Second:
        AppendText(pair, skipped.second, kept.second, piece->type_id(), TokenSource::kSecond, false, scratch, encoding);
        break;
    }
  }
  if (!has_pair && options.only_second && encoding->truncated) return TooLong(limit);
  return Status();
}

OffsetCursor::Position OffsetCursor::At(uint32_t byte_offset) {
  if (byte_offset < position_.bytes) position_ = {0, 0, 0};
  while (position_.bytes < byte_offset && position_.bytes < text_.size()) {
    const Utf8Char next = DecodeUtf8(text_.data() + position_.bytes, text_.size() - position_.bytes);
    if (next.length > byte_offset - position_.bytes) break;
    position_.bytes += next.length;
    position_.code_points += 1;
    position_.utf16_units += next.code_point >= 0x10000 ? 2 : 1;
  }
  return position_;
}

}  // namespace pbert
