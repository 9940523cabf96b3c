// Token classification: a label for each token, and tokens grouped to entities.
#ifndef POCKETBERT_TASKS_TAG_H_
#define POCKETBERT_TASKS_TAG_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/status.h"
#include "engine/network.h"
#include "pocketbert/pocketbert.h"
#include "schema/model_generated.h"
#include "text/encoding.h"
#include "text/tokenizer.h"

namespace pbert {

// As the reference's token-classification pipeline names them; numbers of pbert_aggregation.
enum class Aggregation : uint32_t { kNone = 0, kSimple = 1, kFirst = 2, kAverage = 3, kMax = 4 };

struct TagMemory {
  pbert_entity* entities = nullptr;  // [tokens]
  float* scores = nullptr;           // [tokens, labels]
  size_t labels = 0;

  static TagMemory Take(Arena* arena, size_t tokens, size_t labels);
};

// Whether a token goes on with the word before it, as the reference's pipeline of token classification guesses it.
bool ContinuesWord(const Tokenizer& tokenizer, std::string_view text, int32_t id, size_t begin, size_t end);

// What the reference calls the group of an entity: the label's name behind its first hyphen, whatever stands before it.
std::string_view GroupName(std::string_view label);

// Runs the network on `encoding`, the tokens of `text`. The entities lie in `memory`; those of the group "O" are
// among them if `keep_outside`.
Status TagTokens(const schema::Head& head, const Tokenizer& tokenizer, std::string_view text, const Encoding& encoding,
                 Aggregation aggregation, bool keep_outside, Network* network, TagMemory* memory,
                 std::span<const pbert_entity>* entities);

}  // namespace pbert

#endif  // POCKETBERT_TASKS_TAG_H_
