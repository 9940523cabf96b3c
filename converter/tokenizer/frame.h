// The special tokens around a text: tokenizer.json's "post_processor".
#ifndef POCKETBERT_CONVERTER_TOKENIZER_FRAME_H_
#define POCKETBERT_CONVERTER_TOKENIZER_FRAME_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "converter/support/json.h"
#include "schema/model_generated.h"

namespace pbert::converter {

using FramePieces = std::vector<std::unique_ptr<schema::FramePieceT>>;

struct Frame {
  FramePieces single;
  FramePieces pair;
};

// [CLS] first [SEP], and for a pair second [SEP] of type 1 behind it.
Frame BertFrame(uint32_t cls, uint32_t sep);

// `processor` may be null. Ids must be below `embedding_rows`. Throws Error, whose text begins with `where`.
Frame ReadFrame(const Json* processor, uint32_t embedding_rows, const std::string& where);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_TOKENIZER_FRAME_H_
