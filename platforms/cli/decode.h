// Tokens back to text, as the reference's decoders do it.
#ifndef POCKETBERT_PLATFORMS_CLI_DECODE_H_
#define POCKETBERT_PLATFORMS_CLI_DECODE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "pocketbert/pocketbert.h"

namespace pbert::cli {

// Pieces ("play", "##ing") as one text ("playing").
std::string JoinPieces(const pbert_model* model, const std::vector<std::string>& pieces);

std::string Piece(const pbert_model* model, int32_t id);

bool IsSpecial(const pbert_model* model, int32_t id);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_DECODE_H_
