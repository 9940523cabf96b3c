// Tokens back to text, as the reference's decoders do it.
#ifndef POCKETBERT_PLATFORMS_CLI_DECODE_H_
#define POCKETBERT_PLATFORMS_CLI_DECODE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "pocketbert/pocketbert.h"

namespace pbert::cli {

// Pieces ("play", "##ing") as one text ("playing"), by the file's decoder.
std::string JoinPieces(const pbert_model* model, const std::vector<std::string>& pieces);

// Ids as one text, as the reference's tokenizer.decode() gives it. An id without a token leaves nothing behind.
std::string Decode(const pbert_model* model, const std::vector<int32_t>& ids);

std::string Piece(const pbert_model* model, int32_t id);

// The place among all tokens of a text of the one that is number `token` of a window: of the `kept` that were not cut
// after `skipped` (pbert_input.skip_tokens).
size_t PlaceOfKept(const pbert_model* model, size_t token, size_t kept, size_t all, size_t skipped = 0);

bool IsUnknown(const pbert_model* model, int32_t id);

bool IsSpecial(const pbert_model* model, int32_t id);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_DECODE_H_
