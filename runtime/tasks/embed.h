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
  // The text as the head wants it; *whole is false when only its beginning fitted.
  Status Prepare(TextInput* input, TaskContext* context, bool* whole);
  // Pools what the network makes of the encoding, but for the first `skipped` rows, into pooled_.
  Status PoolEncoding(schema::Pooling pooling, size_t skipped, TaskContext* context);
  void Pool(const Network& network, size_t rows, schema::Pooling pooling, size_t skipped);

  float* pooled_ = nullptr;  // [hidden size]
  float* mean_ = nullptr;    // [hidden size], of the windows
  TextPreparation preparation_;
  size_t prompt_tokens_ = 0;  // at the beginning of each prepared text, not to be pooled
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_EMBED_H_
