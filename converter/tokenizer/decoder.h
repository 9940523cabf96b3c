// tokenizer.json's "decoder": how tokens become text again.
#ifndef POCKETBERT_CONVERTER_TOKENIZER_DECODER_H_
#define POCKETBERT_CONVERTER_TOKENIZER_DECODER_H_

#include <memory>
#include <string>

#include "converter/support/json.h"
#include "schema/model_generated.h"

namespace pbert::converter {

// `decoder` may be null. Throws Error, beginning with `where`, that names what is not supported.
std::unique_ptr<schema::DecoderT> ReadDecoder(const Json* decoder, const std::string& where);

// Those of the files of before tokenizer.json.
std::unique_ptr<schema::DecoderT> WordPieceDecoder(const std::string& prefix);
std::unique_ptr<schema::DecoderT> ByteLevelDecoder();

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_TOKENIZER_DECODER_H_
