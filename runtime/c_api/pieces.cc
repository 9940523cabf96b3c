// The C interface's functions from tokens back to text.
#include <algorithm>

#include "c_api/handles.h"
#include "pocketbert/pocketbert.h"
#include "text/decode.h"

namespace pbert {

Status CopyText(const PieceList& made, const char* function, char* text, size_t capacity, size_t* size) {
  if (size == nullptr) return NullArgument(function, "size");
  if (text == nullptr && capacity > 0) return NullArgument(function, "the buffer");
  if (made.failed()) return Status::Error(Code::kNoMemory, "%s: there is no memory for the text", function);
  const std::string_view all = made.all();
  std::copy_n(all.begin(), std::min(all.size(), capacity), text);
  *size = all.size();
  return Status();
}

namespace {

Status DecodeTokens(const pbert_model* model, const int32_t* ids, size_t count, int skip_special, char* text,
                    size_t capacity, size_t* size) {
  constexpr char kName[] = "pbert_decode";
  if (model == nullptr) return NullArgument(kName, "model");
  if (ids == nullptr && count > 0) return NullArgument(kName, "ids");
  PieceList made;
  PBERT_RETURN_IF_ERROR(DecodeIds(model->tokenizer, {ids, count}, skip_special != 0, &made));
  return CopyText(made, kName, text, capacity, size);
}

Status LastTokens(const pbert_session* session, const int32_t** token_ids, uint32_t* count, uint32_t* truncated) {
  if (session == nullptr) return NullArgument("pbert_last_tokens", "session");
  const Encoding& encoding = session->session.encoding();
  if (token_ids != nullptr) *token_ids = encoding.ids;
  if (count != nullptr) *count = static_cast<uint32_t>(encoding.size);
  if (truncated != nullptr) *truncated = encoding.truncated ? 1 : 0;
  return Status();
}

}  // namespace
}  // namespace pbert

using pbert::Report;

pbert_status pbert_decode(const pbert_model* model, const int32_t* ids, size_t count, int skip_special, char* text,
                          size_t capacity, size_t* size) {
  return Report(pbert::DecodeTokens(model, ids, count, skip_special, text, capacity, size));
}

pbert_status pbert_last_tokens(const pbert_session* session, const int32_t** token_ids, uint32_t* count,
                               uint32_t* truncated) {
  return Report(pbert::LastTokens(session, token_ids, count, truncated));
}

const char* pbert_piece(const pbert_model* model, int32_t id, size_t* size) {
  const std::string_view piece = model == nullptr ? std::string_view() : model->tokenizer.piece(id);
  if (size != nullptr) *size = piece.size();
  return piece.data() != nullptr ? piece.data() : "";
}

int32_t pbert_piece_id(const pbert_model* model, const char* piece, size_t size) {
  if (model == nullptr || piece == nullptr) return -1;
  return model->tokenizer.id_of({piece, size});
}
