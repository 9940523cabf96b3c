// Tokens back to text.
#ifndef POCKETBERT_PLATFORMS_CLI_DECODE_H_
#define POCKETBERT_PLATFORMS_CLI_DECODE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "pocketbert/pocketbert.h"

namespace pbert::cli {

// pbert_decode, of which it throws the errors.
std::string Decode(const pbert_model* model, const std::vector<int32_t>& ids, bool skip_special = false);

// pbert_entity_word, of which it throws the errors.
std::string EntityWord(const pbert_session* session, const pbert_input& input, pbert_aggregation aggregation,
                       const pbert_entity& entity);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_DECODE_H_
