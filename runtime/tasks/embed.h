// Feature extraction: a text's vector, or one for each of its tokens.
#ifndef POCKETBERT_TASKS_EMBED_H_
#define POCKETBERT_TASKS_EMBED_H_

#include <cstddef>
#include <optional>

#include "base/arena.h"
#include "base/status.h"
#include "schema/model_generated.h"
#include "tasks/batch.h"
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
  // Several texts, as many at once as pays.
  Status RunBatch(size_t count, const EmbedOptions& options, const BatchCalls<Embedding>& calls, TaskContext* context);

 private:
  // What the options and the head say together.
  struct Way {
    bool by_head;
    schema::Pooling pooling;
    bool normalize;
    schema::RowChoice rows;  // that are pooled
  };
  static Way WayOf(const EmbedOptions& options, const TaskContext& context);
  // The text as it is to be tokenized; *whole is false when only its beginning fitted.
  Status Read(const TextInput& input, const Way& way, TaskContext* context, TextInput* text, bool* whole);
  // Nearly always what did not fit would have been cut off anyway.
  static Status CheckWhole(const TextInput& input, bool whole, const TaskContext& context);
  // Adds what is pooled of a window's rows to the mean of those before, all of which weigh *total.
  void AddPooled(const Way& way, size_t first_row, size_t rows, float weight, const TaskContext& context, float* total);
  Embedding Finish(const Way& way, size_t first_row, size_t rows, const TaskContext& context);
  // The text as the head wants it; *whole is false when only its beginning fitted.
  Status Prepare(TextInput* input, TaskContext* context, bool* whole);
  // Pools the network's rows, but for the first `skipped` ones, into pooled_.
  void Pool(const Network& network, size_t first_row, size_t rows, schema::Pooling pooling, size_t skipped);

  float* pooled_ = nullptr;  // [hidden size]
  float* mean_ = nullptr;    // [hidden size], of the windows
  TextPreparation preparation_;
  size_t prompt_tokens_ = 0;  // at the beginning of each prepared text, not to be pooled
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_EMBED_H_
