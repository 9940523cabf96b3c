#include <algorithm>
#include <cstdio>

#include "model/limits.h"
#include "model/validate.h"

namespace pbert {
namespace {

using FrameVector = flatbuffers::Vector<flatbuffers::Offset<schema::FramePiece>>;

// Piece i ends where piece i + 1 begins; the last one ends with the bytes.
Status CheckPieces(const schema::Tokenizer& tokenizer, uint32_t token_rows) {
  const uint32_t count = tokenizer.piece_ends()->size();
  if (count == 0 || count > token_rows) {
    return Status::Error(Code::kBadFile, "tokenizer: %u pieces: must be 1 to the %u rows of the token embedding", count,
                         token_rows);
  }
  uint32_t end = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t next = tokenizer.piece_ends()->Get(i);
    if (next < end) return Status::Error(Code::kBadFile, "tokenizer: piece %u: ends before it begins", i);
    end = next;
  }
  if (end != tokenizer.piece_bytes()->size()) {
    return Status::Error(Code::kBadFile, "tokenizer: pieces: end at byte %u of %u", end,
                         tokenizer.piece_bytes()->size());
  }
  return Status();
}

Status CheckId(const char* what, int64_t id, uint32_t token_rows) {
  if (id >= 0 && id < token_rows) return Status();
  return Status::Error(Code::kBadFile, "tokenizer: %s: id %lld: the token embedding has %u rows", what,
                       static_cast<long long>(id), token_rows);
}

Status CheckIds(const schema::Tokenizer& tokenizer, uint32_t token_rows) {
  PBERT_RETURN_IF_ERROR(CheckId("unknown token", tokenizer.unknown_id(), token_rows));
  const struct {
    const char* name;
    int32_t id;
  } specials[] = {{"cls token", tokenizer.cls_id()},
                  {"sep token", tokenizer.sep_id()},
                  {"pad token", tokenizer.pad_id()},
                  {"mask token", tokenizer.mask_id()}};
  for (const auto& special : specials) {
    if (special.id != -1) PBERT_RETURN_IF_ERROR(CheckId(special.name, special.id, token_rows));
  }
  if (tokenizer.added_tokens() == nullptr) return Status();
  PBERT_RETURN_IF_ERROR(
      CheckCount("tokenizer", "added tokens", tokenizer.added_tokens()->size(), 0, kLimits.added_tokens));
  for (uint32_t i = 0; i < tokenizer.added_tokens()->size(); ++i) {
    char what[48];
    snprintf(what, sizeof(what), "added token %u", i);
    PBERT_RETURN_IF_ERROR(CheckId(what, tokenizer.added_tokens()->Get(i)->id(), token_rows));
  }
  return Status();
}

// The frame holds each sequence exactly once. `type_rows` is 0 where type ids are not checked: for an encoder that
// ignores them, and for pairs, whose frame may ask for a type that the encoder lacks; it then refuses the pair.
Status CheckFrame(const char* where, const FrameVector& frame, bool pair, uint32_t token_rows, uint32_t type_rows,
                  uint32_t* special_count) {
  PBERT_RETURN_IF_ERROR(CheckCount(where, "elements", frame.size(), 1, kLimits.frame_pieces));
  uint32_t first = 0, second = 0;
  *special_count = 0;
  for (const schema::FramePiece* piece : frame) {
    switch (piece->item()) {
      case schema::FrameItem::First:
        ++first;
        break;
      case schema::FrameItem::Second:
        ++second;
        break;
      case schema::FrameItem::SpecialToken:
        PBERT_RETURN_IF_ERROR(CheckId(where, piece->id(), token_rows));
        ++*special_count;
        break;
      default:
        return Status::Error(Code::kUnsupported, "tokenizer: %s: element of unknown kind %u", where,
                             static_cast<unsigned>(piece->item()));
    }
    if (type_rows != 0 && piece->type_id() >= type_rows) {
      return Status::Error(Code::kBadFile, "tokenizer: %s: type id %u: the type embedding has %u rows", where,
                           piece->type_id(), type_rows);
    }
  }
  if (first != 1 || second != (pair ? 1u : 0u)) {
    return Status::Error(Code::kBadFile, "tokenizer: %s: holds the first sequence %u times and the second %u times",
                         where, first, second);
  }
  return Status();
}

}  // namespace

// Which tokenizer it is, and whether its own tables make sense, is Tokenizer::Open's business; here
// only what must fit the rest of the file.
Status ValidateTokenizer(const schema::Model& model) {
  const schema::Tokenizer& tokenizer = *model.tokenizer();
  const schema::Embeddings& embeddings = *model.encoder()->embeddings();
  const auto rows_of = [&model](int32_t index) {
    return index < 0 ? 0 : model.tensors()->Get(static_cast<uint32_t>(index))->shape()->Get(0);
  };
  const uint32_t token_rows = rows_of(embeddings.token());
  const uint32_t type_rows = tokenizer.no_type_ids() ? 0 : rows_of(embeddings.token_type());
  PBERT_RETURN_IF_ERROR(CheckPieces(tokenizer, token_rows));
  PBERT_RETURN_IF_ERROR(CheckIds(tokenizer, token_rows));

  uint32_t special_count = 0;
  PBERT_RETURN_IF_ERROR(CheckFrame("pair frame", *tokenizer.frame_pair(), true, token_rows, 0, &special_count));
  PBERT_RETURN_IF_ERROR(
      CheckFrame("single frame", *tokenizer.frame_single(), false, token_rows, type_rows, &special_count));
  const uint32_t stated = tokenizer.max_tokens();
  const uint32_t positions = model.encoder()->max_tokens();
  const uint32_t most = stated == 0 ? positions : std::min(stated, positions);
  if (most <= special_count) {
    return Status::Error(Code::kBadFile, "tokenizer: at most %u tokens: no room for text beside %u special ones", most,
                         special_count);
  }
  for (const schema::Head* head : *model.heads()) {
    if (head->task() == schema::Task::FillMask && tokenizer.mask_id() == -1) {
      return Status::Error(Code::kBadFile, "tokenizer: mask token: is missing and the head %s needs it",
                           head->name()->c_str());
    }
  }
  return Status();
}

}  // namespace pbert
