#include "platforms/cli/decode.h"

#include <algorithm>
#include <memory>

#include "platforms/cli/decode_steps.h"
#include "c_api/handles.h"

namespace pbert::cli {
namespace {

// What a file of before there were decoders in it means.
std::string JoinByKind(const schema::Tokenizer& table, const std::vector<std::string>& pieces) {
  schema::DecoderT decoder;
  decoder.steps.push_back(std::make_unique<schema::DecoderStepT>());
  schema::DecoderStepT& step = *decoder.steps.back();
  switch (table.kind()) {
    case schema::TokenizerKind::ByteLevelBpe:
      step.kind = schema::DecoderKind::ByteLevel;
      break;
    case schema::TokenizerKind::Unigram:
      step.kind = schema::DecoderKind::Metaspace;
      step.drop_first = true;
      break;
    case schema::TokenizerKind::WordPiece:
      step.kind = schema::DecoderKind::WordPiece;
      step.clean_up = true;
      if (table.continuing_prefix() != nullptr) step.pattern = table.continuing_prefix()->str();
      break;
  }
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::Decoder::Pack(builder, &decoder));
  return DecodePieces(*flatbuffers::GetRoot<schema::Decoder>(builder.GetBufferPointer()), pieces);
}

}  // namespace

std::string JoinPieces(const pbert_model* model, const std::vector<std::string>& pieces) {
  const schema::Tokenizer& table = model->tokenizer.table();
  return table.decoder() != nullptr ? DecodePieces(*table.decoder(), pieces) : JoinByKind(table, pieces);
}

std::string Decode(const pbert_model* model, const std::vector<int32_t>& ids) {
  std::vector<std::string> pieces;
  for (const int32_t id : ids) {
    std::string piece = Piece(model, id);
    if (!piece.empty()) pieces.push_back(std::move(piece));
  }
  std::string text = JoinPieces(model, pieces);
  const schema::Decoder* decoder = model->tokenizer.table().decoder();
  if (decoder != nullptr && decoder->clean_up()) CleanUp(&text);
  return text;
}

std::string Piece(const pbert_model* model, int32_t id) {
  size_t size = 0;
  const char* piece = pbert_piece(model, id, &size);
  return std::string(piece, size);
}

size_t PlaceOfKept(const pbert_model* model, size_t token, size_t kept, size_t all, size_t skipped) {
  const schema::Tokenizer& table = model->tokenizer.table();
  for (size_t i = 0; table.frame_single()->Get(static_cast<uint32_t>(i))->item() != schema::FrameItem::First; ++i) {
    if (token == i) return token;  // a special token before the text
  }
  if (!table.truncate_left()) return token + skipped;
  return token + (all - std::min(all, kept + skipped));
}

bool IsUnknown(const pbert_model* model, int32_t id) {
  return static_cast<int64_t>(model->tokenizer.table().unknown_id()) == id;
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
