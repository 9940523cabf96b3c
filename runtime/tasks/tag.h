// Token classification: a label for each token, and tokens grouped to entities.
#ifndef POCKETBERT_TASKS_TAG_H_
#define POCKETBERT_TASKS_TAG_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/status.h"
#include "pocketbert/pocketbert.h"
#include "tasks/task.h"
#include "text/tokenizer.h"

namespace pbert {

// As the reference's token-classification pipeline names them; numbers of pbert_aggregation.
enum class Aggregation : uint32_t { kNone = 0, kSimple = 1, kFirst = 2, kAverage = 3, kMax = 4 };

// Whether a token goes on with the word before it, as the reference's pipeline of token classification guesses it.
bool ContinuesWord(const Tokenizer& tokenizer, std::string_view text, int32_t id, size_t begin, size_t end);

// What the reference calls the group of an entity: the label's name behind its first hyphen, whatever stands before it.
std::string_view GroupName(std::string_view label);

struct TagOptions {
  Aggregation aggregation = Aggregation::kNone;
  bool keep_outside = false;  // entities of the group "O" too
};

// Truncates at model_max_length, as the reference's pipeline of this task does unasked.
class TagTask {
 public:
  static TagTask Take(size_t max_tokens, size_t label_count, Arena* arena);

  Status Run(const TextInput& input, const TagOptions& options, TaskContext* context,
             std::span<const pbert_entity>* result);

 private:
  pbert_entity* entities_ = nullptr;  // [tokens]
  float* scores_ = nullptr;           // [tokens, labels]
  size_t labels_ = 0;
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_TAG_H_
