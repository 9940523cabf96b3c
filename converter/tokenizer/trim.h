// A vocabulary without the pieces that some texts do not need.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_TRIM_H_
#define POCKETBERT_CONVERTER_TOKENIZER_TRIM_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "schema/model_generated.h"

namespace pbert::converter {

// The ids that are to be kept so that these texts are tokenized as before and any other without unknown
// tokens where there were none:
//  - the texts' own tokens;
//  - the unknown token, special tokens, those of the frames, all added tokens;
//  - all pieces of one character, by themselves or as continuations, and of one byte (<0x41>); and of WordPiece and
//    Unigram those longer ones with a character that has no piece of its own there;
//    (an unknown word is left possible where two characters without own pieces stand side by side and kept pieces
//    overlap there, which takes a vocabulary made for it);
//  - of byte-level BPE what a kept piece is merged from;
//  - of Unigram one of the lowest score, by which the unknown token's is reckoned.
// Why the texts' tokens stay the same: WordPiece takes the longest piece that fits, which is among the kept ones, and
// Unigram the best way, of which all pieces are kept while other ways only become fewer or worse. Byte-level BPE makes
// each token by the merges that make it of its own bytes alone, and at each step the first of all merges is one of
// these. Throws Error where the runtime refuses the table.
std::set<uint32_t> IdsNeeded(const schema::TokenizerT& table, const std::vector<std::string>& texts);

// Leaves these ids, to which all that the table refers to belongs: the first becomes 0, and so forth.
// Throws Error.
void KeepIds(const std::vector<uint32_t>& kept, schema::TokenizerT* table);

// What has become of `id`, which is one of `kept`.
uint32_t NewId(const std::vector<uint32_t>& kept, uint32_t id);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_TOKENIZER_TRIM_H_
