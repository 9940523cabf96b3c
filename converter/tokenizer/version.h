// Which of several tokenizer.json the reference reads.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_VERSION_H_
#define POCKETBERT_CONVERTER_TOKENIZER_VERSION_H_

#include <string>

#include "converter/support/json.h"

namespace pbert::converter {

// Of the names in "fast_tokenizer_files" the "tokenizer.X.Y.Z.json" of the newest version that is not newer than the
// reference, 4.57.6; else "tokenizer.json". Throws Error beginning with `where` for what is no list of such names.
std::string FastTokenizerFile(const Json& names, const std::string& where);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_TOKENIZER_VERSION_H_
