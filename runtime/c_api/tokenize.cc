// The C interface's pbert_tokenize: tokens one at a time, for texts of any length.
#include <memory>
#include <new>

#include "base/arena.h"
#include "c_api/handles.h"
#include "pocketbert/pocketbert.h"
#include "text/encoding.h"

namespace pbert {
namespace {

// Hands the tokens of one input to a visitor. One thread at a time.
class TokenWalk {
 public:
  TokenWalk(const Tokenizer& tokenizer, TokenizerScratch* scratch, pbert_token_visitor visitor, void* context)
      : tokenizer_(tokenizer), scratch_(scratch), visitor_(visitor), context_(context) {}

  // These return false when the visitor wants no more.
  bool Special(int32_t id, uint32_t type_id) {
    return Give({.id = id, .type_id = type_id, .source = 0, .piece = nullptr, .piece_size = 0, .extent = {}});
  }

  bool Text(std::string_view text, uint32_t type_id, uint32_t source) {
    TokenStream& stream = scratch_->Begin(text);
    // One each, because both only ever advance: the pieces of one character share their place, and a cursor
    // that had seen its end would start over to find its beginning again.
    OffsetCursor begins(text), ends(text);
    Token token;
    while (stream.Next(&token)) {
      const OffsetCursor::Position begin = begins.At(token.begin);
      const OffsetCursor::Position end = ends.At(token.end);
      const pbert_extent extent = {.begin_bytes = begin.bytes,
                                   .end_bytes = end.bytes,
                                   .begin_code_points = begin.code_points,
                                   .end_code_points = end.code_points,
                                   .begin_utf16 = begin.utf16_units,
                                   .end_utf16 = end.utf16_units};
      if (!Give({.id = token.id,
                 .type_id = type_id,
                 .source = source,
                 .piece = nullptr,
                 .piece_size = 0,
                 .extent = extent})) {
        return false;
      }
    }
    return true;
  }

 private:
  bool Give(pbert_token token) {
    const std::string_view piece = tokenizer_.piece(token.id);
    token.piece = piece.data() != nullptr ? piece.data() : "";
    token.piece_size = piece.size();
    return visitor_(context_, &token) == 0;
  }

  const Tokenizer& tokenizer_;
  TokenizerScratch* const scratch_;
  const pbert_token_visitor visitor_;
  void* const context_;
};

// Goes through the frame: [CLS] text [SEP], or [CLS] text [SEP] pair [SEP], whatever the file says.
Status Tokenize(const pbert_model* model, const pbert_input* input, pbert_token_visitor visitor, void* context) {
  constexpr char kName[] = "pbert_tokenize";
  if (model == nullptr) return NullArgument(kName, "model");
  if (visitor == nullptr) return NullArgument(kName, "visitor");
  TextInput text;
  PBERT_RETURN_IF_ERROR(ReadInput(input, kName, &text));

  Arena counting;
  TokenizerScratch::Take(model->tokenizer, &counting);
  const std::unique_ptr<uint8_t[]> memory(new (std::nothrow) uint8_t[counting.Needed()]);
  if (memory == nullptr) {
    return Status::Error(Code::kNoMemory, "%s: no memory for %zu bytes of scratch", kName, counting.Needed());
  }
  Arena arena(memory.get(), counting.Needed());
  TokenizerScratch scratch = TokenizerScratch::Take(model->tokenizer, &arena);

  TokenWalk walk(model->tokenizer, &scratch, visitor, context);
  const schema::Tokenizer& table = model->tokenizer.table();
  for (const schema::FramePiece* piece : text.has_pair ? *table.frame_pair() : *table.frame_single()) {
    bool more = true;
    switch (piece->item()) {
      case schema::FrameItem::SpecialToken:
        more = walk.Special(static_cast<int32_t>(piece->id()), piece->type_id());
        break;
      case schema::FrameItem::First:
        more = walk.Text(text.text, piece->type_id(), 1);
        break;
      case schema::FrameItem::Second:
        more = walk.Text(text.pair, piece->type_id(), 2);
        break;
    }
    if (!more) break;
  }
  return Status();
}

}  // namespace
}  // namespace pbert

pbert_status pbert_tokenize(const pbert_model* model, const pbert_input* input, pbert_token_visitor visitor,
                            void* context) {
  return pbert::Report(pbert::Tokenize(model, input, visitor, context));
}
