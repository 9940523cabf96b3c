// Tokens back to text, as the reference's decoders do it.
#ifndef POCKETBERT_TEXT_DECODE_H_
#define POCKETBERT_TEXT_DECODE_H_

#include <cstdint>
#include <span>

#include "base/status.h"
#include "text/piece_list.h"
#include "text/tokenizer.h"

namespace pbert {

// Whether an id is of a special token: of the frame, the mask, the unknown one, or an added token that says so.
bool IsSpecialToken(const Tokenizer& tokenizer, int32_t id);

// Makes one text of pieces ("play", "##ing" become "playing") by the file's decoder. Time is linear in what goes in and
// comes out.
Status JoinPieces(const Tokenizer& tokenizer, PieceList* pieces);

// Adds to `*text` a piece: what the reference's tokenizer.decode() makes of `ids`. An id without a token leaves nothing
// behind, nor does a special one if they are skipped.
Status DecodeIds(const Tokenizer& tokenizer, std::span<const int32_t> ids, bool skip_special, PieceList* text);

}  // namespace pbert

#endif  // POCKETBERT_TEXT_DECODE_H_
