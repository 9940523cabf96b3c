// The largest file that is accepted. FORMAT.md holds the same table and says why.
#ifndef POCKETBERT_MODEL_LIMITS_H_
#define POCKETBERT_MODEL_LIMITS_H_

#include <cstdint>

namespace pbert {

// Chosen well above any published encoder of the family, and low enough that a session's sizes
// (tokens x the widest row x 4 bytes: at most 2^30) fit a 32-bit size_t with every product checked once, here.
struct Limits {
  uint32_t tensors = 4096;
  uint32_t layers = 256;   // distinct ones; and entries of `order`
  uint32_t hidden = 8192;  // also the embedding size
  uint32_t attention_heads = 1024;
  uint32_t ffn = 32768;
  uint32_t tokens = 8192;          // max_tokens
  uint32_t positions = 16384;      // rows of the position table
  uint32_t token_types = 256;      // a type id is a byte
  uint32_t vocabulary = 1u << 20;  // rows of the token table
  uint32_t heads = 16;
  uint32_t head_steps = 8;
  uint32_t labels = 65536;  // and outputs of any head but fill-mask, whose outputs are the vocabulary
  uint32_t added_tokens = 65536;
  uint32_t frame_pieces = 16;
  uint32_t name_bytes = 256;   // names of tensors and heads
  uint32_t text_bytes = 4096;  // labels, added tokens, strings of the report and the provenance
  uint32_t tables = 200000;    // of the flatbuffer; its verifier counts
  uint32_t table_depth = 16;
};
inline constexpr Limits kLimits;

}  // namespace pbert

#endif  // POCKETBERT_MODEL_LIMITS_H_
