// The steps of a file's decoder, from tokens back to text.
#ifndef POCKETBERT_PLATFORMS_CLI_DECODE_STEPS_H_
#define POCKETBERT_PLATFORMS_CLI_DECODE_STEPS_H_

#include <string>
#include <string_view>
#include <vector>

#include "schema/model_generated.h"

namespace pbert::cli {

// Applies the steps one behind the other and joins what comes out; without steps, by blanks.
std::string DecodePieces(const schema::Decoder& decoder, std::vector<std::string> pieces);

// No blank before punctuation and short forms, as clean_up_tokenization_spaces has it.
void CleanUp(std::string* text);

void ReplaceAll(std::string* text, std::string_view what, std::string_view by);

// Bytes that are shown as characters, GPT-2's. A piece with a character that stands for no byte is taken as it is, and
// what is not UTF-8 becomes U+FFFD.
std::string JoinBytePieces(const std::vector<std::string>& pieces);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_DECODE_STEPS_H_
