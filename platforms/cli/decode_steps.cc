#include "platforms/cli/decode_steps.h"

#include <charconv>

#include "base/utf8.h"

namespace pbert::cli {
namespace {

using schema::DecoderKind;
using Pieces = std::vector<std::string>;

std::string_view View(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view() : text->string_view();
}

std::string Utf8(char32_t code_point) {
  uint8_t bytes[4];
  const uint32_t size = EncodeUtf8(code_point, bytes);
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

std::string Concatenated(const Pieces& pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  return text;
}

// U+FFFD for each maximal part that is not UTF-8.
std::string WellFormed(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const Utf8Char next = DecodeUtf8(bytes.data(), bytes.size());
    text += Utf8(next.code_point);
    bytes.remove_prefix(next.length);
  }
  return text;
}

// GPT-2 shows each byte as a printable character: those that are printable in Latin-1 as they are, the others from
// U+0100 on, in order.
int ByteOf(uint32_t shown) {
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

void DecodeWordPieces(const schema::DecoderStep& step, Pieces* pieces) {
  const std::string_view prefix = View(step.pattern());
  for (size_t i = 0; i < pieces->size(); ++i) {
    std::string& piece = (*pieces)[i];
    if (i > 0 && piece.starts_with(prefix)) {
      piece.erase(0, prefix.size());
    } else if (i > 0) {
      piece.insert(0, " ");
    }
    if (!step.clean_up()) continue;
    // Piece by piece, so that only what a piece begins with loses the blank. " do not" is the tokenizers library's own.
    CleanUp(&piece);
    ReplaceAll(&piece, " do not", " don't");
  }
}

void DecodeMetaspace(const schema::DecoderStep& step, Pieces* pieces) {
  const std::string replacement = Utf8(step.replacement());
  for (size_t i = 0; i < pieces->size(); ++i) {
    ReplaceAll(&(*pieces)[i], replacement, i == 0 && step.drop_first() ? "" : " ");
  }
}

void DecodeSuffix(const schema::DecoderStep& step, Pieces* pieces) {
  for (size_t i = 0; i < pieces->size(); ++i) {
    ReplaceAll(&(*pieces)[i], View(step.pattern()), i + 1 == pieces->size() ? "" : " ");
  }
}

// At the end what is left by the beginning may be taken again: a piece of nothing else is emptied once.
void DecodeStrip(const schema::DecoderStep& step, Pieces* pieces) {
  const std::string_view content = View(step.pattern());
  if (content.empty()) return;
  for (std::string& piece : *pieces) {
    for (uint32_t i = 0; i < step.start() && piece.starts_with(content); ++i) piece.erase(0, content.size());
    for (uint32_t i = 0; i < step.stop() && piece.ends_with(content); ++i) piece.resize(piece.size() - content.size());
  }
}

// "<0x41>" as a byte, or -1.
int FallbackByte(std::string_view piece) {
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece.back() != '>') return -1;
  int byte = 0;
  const auto [end, error] = std::from_chars(piece.data() + 3, piece.data() + 5, byte, 16);
  return error == std::errc() && end == piece.data() + 5 ? byte : -1;
}

// Neighbouring bytes become text, or U+FFFD each where they are none.
void DecodeByteFallback(Pieces* pieces) {
  Pieces decoded;
  std::string bytes;
  const auto flush = [&] {
    if (bytes.empty()) return;
    const bool valid = IsUtf8(bytes);
    if (valid) decoded.push_back(bytes);
    for (size_t i = 0; !valid && i < bytes.size(); ++i) decoded.push_back(Utf8(0xFFFD));
    bytes.clear();
  };
  for (std::string& piece : *pieces) {
    if (const int byte = FallbackByte(piece); byte >= 0) {
      bytes += static_cast<char>(byte);
      continue;
    }
    flush();
    decoded.push_back(std::move(piece));
  }
  flush();
  *pieces = std::move(decoded);
}

void ApplyStep(const schema::DecoderStep& step, Pieces* pieces) {
  switch (step.kind()) {
    case DecoderKind::WordPiece:
      return DecodeWordPieces(step, pieces);
    case DecoderKind::ByteLevel:
      *pieces = {JoinBytePieces(*pieces)};
      return;
    case DecoderKind::Metaspace:
      return DecodeMetaspace(step, pieces);
    case DecoderKind::Suffix:
      return DecodeSuffix(step, pieces);
    case DecoderKind::Fuse:
      *pieces = {Concatenated(*pieces)};
      return;
    case DecoderKind::Replace:
      for (std::string& piece : *pieces) ReplaceAll(&piece, View(step.pattern()), View(step.content()));
      return;
    case DecoderKind::Strip:
      return DecodeStrip(step, pieces);
    case DecoderKind::ByteFallback:
      return DecodeByteFallback(pieces);
  }
}

}  // namespace

void ReplaceAll(std::string* text, std::string_view what, std::string_view by) {
  if (what.empty()) return;
  for (size_t at = text->find(what); at != std::string::npos; at = text->find(what, at + by.size())) {
    text->replace(at, what.size(), by);
  }
}

std::string JoinBytePieces(const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string& piece : pieces) {
    std::string bytes;
    bool known = true;
    for (size_t at = 0; at < piece.size() && known;) {
      const Utf8Char next = DecodeUtf8(piece.data() + at, piece.size() - at);
      at += next.length;
      const int byte = ByteOf(next.code_point);
      known = byte >= 0;
      bytes += static_cast<char>(byte);
    }
    text += known ? bytes : piece;
  }
  return WellFormed(text);
}

std::string DecodePieces(const schema::Decoder& decoder, std::vector<std::string> pieces) {
  if (decoder.steps() == nullptr || decoder.steps()->size() == 0) {
    std::string text;
    for (const std::string& piece : pieces) text += (&piece == pieces.data() ? "" : " ") + piece;
    return text;
  }
  for (const schema::DecoderStep* step : *decoder.steps()) ApplyStep(*step, &pieces);
  return Concatenated(pieces);
}

void CleanUp(std::string* text) {
  for (const auto& [what, by] : {std::pair{" .", "."},
                                 {" ?", "?"},
                                 {" !", "!"},
                                 {" ,", ","},
                                 {" ' ", "'"},
                                 {" n't", "n't"},
                                 {" 'm", "'m"},
                                 {" 's", "'s"},
                                 {" 've", "'ve"},
                                 {" 're", "'re"}}) {
    ReplaceAll(text, what, by);
  }
}

}  // namespace pbert::cli
