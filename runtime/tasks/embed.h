// Feature extraction: a text's vector, or one for each of its tokens.
#ifndef POCKETBERT_TASKS_EMBED_H_
#define POCKETBERT_TASKS_EMBED_H_

#include <cstddef>
#include <optional>

#include "base/arena.h"
#include "base/status.h"
#include "schema/model_generated.h"
#include "tasks/task.h"
#include "tasks/text_preparation.h"

namespace pbert {

struct EmbedOptions {
  // Absent: the text is prepared, pooled and normalized as the head says (sentence-transformers' encode()); by the mean
  // where it says nothing.
  std::optional<schema::Pooling> pooling;
  bool normalize = false;
};

struct Embedding {
  const float* values = nullptr;  // [rows, hidden size]
  size_t rows = 0;
};

class EmbedTask {
 public:
  static EmbedTask Take(const schema::Head& head, size_t hidden_size, size_t max_tokens, Arena* arena);
  // Once, before the first question: how many tokens the head's prompt has.
  Status CountPrompt(const schema::Head& head, TaskContext* context);

  Status Run(const TextInput& input, const EmbedOptions& options, TaskContext* context, Embedding* result);

 private:
  Status RunByHead(const TextInput& input, bool normalize, TaskContext* context, Embedding* result);
  Status PoolEncoding(schema::Pooling pooling, bool normalize, size_t skipped, TaskContext* context, Embedding* result);
  // Pools the first `rows` rows of what the network made, but for the first `skipped` of them, into pooled_.
  void Pool(const Network& network, size_t rows, schema::Pooling pooling, size_t skipped);

  float* pooled_ = nullptr;  // [hidden size]
  TextPreparation preparation_;
  size_t prompt_tokens_ = 0;  // at the beginning of each prepared text, not to be pooled
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_EMBED_H_
