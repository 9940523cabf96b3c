#include "platforms/cli/decode.h"

#include <algorithm>
#include <string_view>

#include "base/utf8.h"
#include "tasks/c_handles.h"

namespace pbert::cli {
namespace {

void Replace(std::string* text, std::string_view what, std::string_view by) {
  for (size_t at = text->find(what); at != std::string::npos; at = text->find(what, at + by.size())) {
    text->replace(at, what.size(), by);
  }
}

std::string JoinWordPieces(const std::vector<std::string>& pieces, std::string_view prefix) {
  std::string text;
  for (size_t i = 0; i < pieces.size(); ++i) {
    std::string piece = pieces[i];
    if (i > 0) {
      if (!prefix.empty() && piece.starts_with(prefix)) {
        piece.erase(0, prefix.size());
      } else {
        piece.insert(0, " ");
      }
    }
    // No space before punctuation and short forms, but only where they begin a piece.
    for (const char* mark : {".", "?", "!", ",", "n't", "'m", "'s", "'ve", "'re"}) {
      Replace(&piece, std::string(" ") + mark, mark);
    }
    text += piece;
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

// A piece with a character that stands for no byte is taken as it is.
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
  return text;
}

// The replacement stands for a space; those of the first piece were put before the text.
std::string JoinMetaspace(const std::vector<std::string>& pieces) {
  std::string text;
  for (size_t i = 0; i < pieces.size(); ++i) {
    std::string piece = pieces[i];
    Replace(&piece, "\u2581", i == 0 ? "" : " ");
    text += piece;
  }
  return text;
}

}  // namespace

std::string JoinPieces(const pbert_model* model, const std::vector<std::string>& pieces) {
  const schema::Tokenizer& table = model->tokenizer.table();
  switch (table.kind()) {
    case schema::TokenizerKind::ByteLevelBpe:
      return JoinBytePieces(pieces);
    case schema::TokenizerKind::Unigram:
      return JoinMetaspace(pieces);
    case schema::TokenizerKind::WordPiece:
      break;
  }
  return JoinWordPieces(pieces, table.continuing_prefix() != nullptr ? table.continuing_prefix()->string_view() : "");
}

std::string Piece(const pbert_model* model, int32_t id) {
  size_t size = 0;
  const char* piece = pbert_piece(model, id, &size);
  return std::string(piece, size);
}

bool IsSpecial(const pbert_model* model, int32_t id) {
  const schema::Tokenizer& table = model->tokenizer.table();
  const auto is = [id](int64_t other) { return other == id; };
  if (is(table.cls_id()) || is(table.sep_id()) || is(table.pad_id()) || is(table.mask_id()) || is(table.unknown_id())) {
    return true;
  }
  return table.added_tokens() != nullptr &&
         std::any_of(table.added_tokens()->begin(), table.added_tokens()->end(),
                     [&](const schema::AddedToken* token) { return token->special() && is(token->id()); });
}

}  // namespace pbert::cli
