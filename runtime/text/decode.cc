#include "text/decode.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"

namespace pbert {
namespace {

using schema::DecoderKind;

// One step of a decoder, from a file or from before there were decoders in files.
struct DecoderRule {
  DecoderKind kind;
  std::string_view pattern = {}, content = {};
  bool clean_up = false, drop_first = false;
  uint32_t start = 0, stop = 0;
  char32_t replacement = 0x2581;
};

std::string_view ViewOf(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view() : text->string_view();
}

DecoderRule RuleOf(const schema::DecoderStep& step) {
  return {step.kind(), ViewOf(step.pattern()), ViewOf(step.content()), step.clean_up(), step.drop_first(), step.start(),
          step.stop(), step.replacement()};
}

// What a file without a decoder means.
DecoderRule RuleByKind(const schema::Tokenizer& table) {
  switch (table.kind()) {
    case schema::TokenizerKind::ByteLevelBpe:
      return {.kind = DecoderKind::ByteLevel};
    case schema::TokenizerKind::Unigram:
      return {.kind = DecoderKind::Metaspace, .drop_first = true};
    case schema::TokenizerKind::WordPiece:
      break;
  }
  return {.kind = DecoderKind::WordPiece, .pattern = ViewOf(table.continuing_prefix()), .clean_up = true};
}

void AppendCodePoint(char32_t code_point, PieceList* pieces) {
  uint8_t bytes[4];
  const uint32_t size = EncodeUtf8(code_point, bytes);
  pieces->Append({reinterpret_cast<const char*>(bytes), size});
}

void AppendReplaced(std::string_view piece, std::string_view what, std::string_view by, PieceList* out) {
  for (size_t at = what.empty() ? std::string_view::npos : piece.find(what); at != std::string_view::npos;
       at = piece.find(what)) {
    out->Append(piece.substr(0, at));
    out->Append(by);
    piece.remove_prefix(at + what.size());
  }
  out->Append(piece);
}

// No blank before punctuation and short forms, as clean_up_tokenization_spaces has it.
void CleanUpLast(PieceList* pieces) {
  constexpr std::pair<std::string_view, std::string_view> kShorter[] = {
      {" .", "."},     {" ?", "?"},   {" !", "!"},   {" ,", ","},     {" ' ", "'"},
      {" n't", "n't"}, {" 'm", "'m"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  for (const auto& [what, by] : kShorter) pieces->ShortenLast(what, by);
}

// GPT-2 shows each byte as a printable character: those that are printable in Latin-1 as they are, the others from
// U+0100 on, in order. -1: the character stands for no byte.
int ByteShownAs(char32_t shown) {
  const auto printable = [](uint32_t b) {
    return (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255);
  };
  if (shown < 256) return printable(shown) ? static_cast<int>(shown) : -1;
  uint32_t next = 256;
  for (uint32_t byte = 0; byte < 256; ++byte) {
    if (!printable(byte) && next++ == shown) return static_cast<int>(byte);
  }
  return -1;
}

// "<0x41>" as a byte, or -1.
int FallbackByte(std::string_view piece) {
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') return -1;
  int byte = 0;
  for (const char c : piece.substr(3, 2)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                             : -1;
    if (digit < 0) return -1;
    byte = byte * 16 + digit;
  }
  return byte;
}

void DecodeWordPieces(const DecoderRule& rule, const PieceList& in, PieceList* out) {
  for (size_t i = 0; i < in.count(); ++i) {
    std::string_view piece = in[i];
    out->Begin();
    if (i > 0 && piece.starts_with(rule.pattern)) {
      piece.remove_prefix(rule.pattern.size());
    } else if (i > 0) {
      out->Append(" ");
    }
    out->Append(piece);
    if (!rule.clean_up) continue;
    // Piece by piece, so that only what a piece begins with loses the blank. " do not" is the tokenizers library's own.
    CleanUpLast(out);
    out->ShortenLast(" do not", " don't");
  }
}

// The bytes of all pieces. A piece with a character that stands for no byte is taken as it is.
void AppendShownBytes(const PieceList& in, PieceList* out) {
  out->Begin();
  for (size_t i = 0; i < in.count(); ++i) {
    const std::string_view piece = in[i];
    const auto for_each = [&piece](const auto& visit) {
      for (size_t at = 0; at < piece.size();) {
        const Utf8Char next = DecodeUtf8(piece.data() + at, piece.size() - at);
        at += next.length;
        if (!visit(ByteShownAs(next.code_point))) return false;
      }
      return true;
    };
    if (!for_each([](int byte) { return byte >= 0; })) {
      out->Append(piece);
      continue;
    }
    for_each([out](int byte) {
      const char c = static_cast<char>(byte);
      out->Append({&c, 1});
      return true;
    });
  }
}

// U+FFFD for each maximal part that is not UTF-8.
void AppendWellFormed(std::string_view bytes, PieceList* out) {
  for (size_t at = 0; at < bytes.size();) {
    const Utf8Char next = DecodeUtf8(bytes.data() + at, bytes.size() - at);
    AppendCodePoint(next.code_point, out);
    at += next.length;
  }
}

// At the end what is left by the beginning may be taken again: a piece of nothing else is emptied once.
void DecodeStrip(const DecoderRule& rule, const PieceList& in, PieceList* out) {
  for (size_t i = 0; i < in.count(); ++i) {
    std::string_view piece = in[i];
    const size_t size = rule.pattern.size();
    for (uint32_t n = 0; size > 0 && n < rule.start && piece.starts_with(rule.pattern); ++n) piece.remove_prefix(size);
    for (uint32_t n = 0; size > 0 && n < rule.stop && piece.ends_with(rule.pattern); ++n) piece.remove_suffix(size);
    out->Add(piece);
  }
}

// Neighbouring bytes become a piece of text, or U+FFFD each where they are none. `bytes` is scratch memory.
void DecodeByteFallback(const PieceList& in, PieceList* bytes, PieceList* out) {
  for (size_t i = 0; i < in.count();) {
    bytes->Clear();
    bytes->Begin();
    size_t end = i;
    for (int byte = 0; end < in.count() && (byte = FallbackByte(in[end])) >= 0; ++end) {
      const char c = static_cast<char>(byte);
      bytes->Append({&c, 1});
    }
    if (end == i) {
      out->Add(in[i++]);
      continue;
    }
    if (IsUtf8(bytes->all())) {
      out->Add(bytes->all());
    } else {
      for (size_t n = i; n < end; ++n) out->Add("\xEF\xBF\xBD");
    }
    i = end;
  }
}

// `scratch` holds nothing before or after.
void ApplyRule(const DecoderRule& rule, PieceList* pieces, PieceList* scratch) {
  PieceList& out = *scratch;
  const auto replace_all = [&](std::string_view what, std::string_view by, std::string_view first,
                               std::string_view last) {
    for (size_t i = 0; i < pieces->count(); ++i) {
      out.Begin();
      AppendReplaced((*pieces)[i], what, i + 1 == pieces->count() ? last : i == 0 ? first : by, &out);
    }
  };
  switch (rule.kind) {
    case DecoderKind::WordPiece:
      DecodeWordPieces(rule, *pieces, &out);
      break;
    case DecoderKind::ByteLevel:
      AppendShownBytes(*pieces, &out);
      pieces->Clear();
      pieces->Begin();
      AppendWellFormed(out.all(), pieces);
      out.Clear();
      return;
    case DecoderKind::Metaspace: {
      uint8_t bytes[4];
      const std::string_view mark(reinterpret_cast<const char*>(bytes), EncodeUtf8(rule.replacement, bytes));
      const std::string_view first = rule.drop_first ? "" : " ";
      replace_all(mark, " ", first, pieces->count() == 1 ? first : " ");
      break;
    }
    case DecoderKind::Suffix:
      replace_all(rule.pattern, " ", " ", "");
      break;
    case DecoderKind::Fuse:
      pieces->Join();
      return;
    case DecoderKind::Replace:
      replace_all(rule.pattern, rule.content, rule.content, rule.content);
      break;
    case DecoderKind::Strip:
      DecodeStrip(rule, *pieces, &out);
      break;
    case DecoderKind::ByteFallback: {
      PieceList bytes;
      DecodeByteFallback(*pieces, &bytes, &out);
      if (bytes.failed()) out.Fail();
      break;
    }
  }
  std::swap(*pieces, *scratch);
  scratch->Clear();
}

}  // namespace

bool IsSpecialToken(const Tokenizer& tokenizer, int32_t id) {
  const schema::Tokenizer& table = tokenizer.table();
  const auto is = [id](int64_t other) { return other == id; };
  if (is(table.cls_id()) || is(table.sep_id()) || is(table.pad_id()) || is(table.mask_id()) || is(table.unknown_id())) {
    return true;
  }
  return table.added_tokens() != nullptr &&
         std::any_of(table.added_tokens()->begin(), table.added_tokens()->end(),
                     [&](const schema::AddedToken* token) { return token->special() && is(token->id()); });
}

Status JoinPieces(const Tokenizer& tokenizer, PieceList* pieces) {
  const schema::Decoder* decoder = tokenizer.table().decoder();
  PieceList scratch;
  if (decoder == nullptr) {
    ApplyRule(RuleByKind(tokenizer.table()), pieces, &scratch);
  } else if (decoder->steps() == nullptr || decoder->steps()->size() == 0) {
    for (size_t i = 0; i < pieces->count(); ++i) {
      scratch.Begin();
      if (i > 0) scratch.Append(" ");
      scratch.Append((*pieces)[i]);
    }
    std::swap(*pieces, scratch);
  } else {
    for (const schema::DecoderStep* step : *decoder->steps()) ApplyRule(RuleOf(*step), pieces, &scratch);
  }
  pieces->Join();
  if (!pieces->failed() && !scratch.failed()) return Status();
  return Status::Error(Code::kNoMemory, "decode: the text is longer than %zu bytes, or there is no memory for it",
                       PieceList::kMaxBytes);
}

Status DecodeIds(const Tokenizer& tokenizer, std::span<const int32_t> ids, bool skip_special, PieceList* text) {
  PieceList pieces;
  for (const int32_t id : ids) {
    if (skip_special && IsSpecialToken(tokenizer, id)) continue;
    if (const std::string_view piece = tokenizer.piece(id); !piece.empty()) pieces.Add(piece);
  }
  PBERT_RETURN_IF_ERROR(JoinPieces(tokenizer, &pieces));
  const schema::Decoder* decoder = tokenizer.table().decoder();
  if (decoder != nullptr && decoder->clean_up()) CleanUpLast(&pieces);
  text->Add(pieces.all());
  return Status();
}

}  // namespace pbert
