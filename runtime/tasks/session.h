// Everything that one thread needs to ask a model: tokenizer scratch, token ids, network, result, in one arena.
#ifndef POCKETBERT_TASKS_SESSION_H_
#define POCKETBERT_TASKS_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/status.h"
#include "engine/network.h"
#include "engine/prepared_model.h"
#include "tasks/answer.h"
#include "tasks/classify.h"
#include "tasks/tag.h"
#include "tasks/text_preparation.h"
#include "text/encoding.h"
#include "text/tokenizer.h"

namespace pbert {

// A text or a pair of texts. Not kept beyond the call that it is given to.
struct TextInput {
  std::string_view text = {};
  std::string_view pair = {};
  bool has_pair = false;
  uint32_t max_tokens = 0;  // truncate to this many; 0: the session's limit, or less where a task's function says so
  EncodeOptions encode = {};
};

struct SessionOptions {
  uint32_t max_tokens = 0;  // 0: the model's
  uint32_t threads = 0;     // 0: one; at most kMaxThreads
};

// Made once, then asked any number of times without an allocation. One thread at a time; sessions that
// share a prepared model may run at once.
class Session {
 public:
  Session() = default;
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Bytes of arena that Create will need with these options, at whatever address. `model` need not be packed.
  static Status MemoryNeeded(const PreparedModel& model, const Tokenizer& tokenizer, const SessionOptions& options,
                             size_t* bytes);

  // Lays the session out in `memory`, which stays the caller's, or in memory of its own when null. Call it once.
  // `model` (packed) and `tokenizer` must outlive the session.
  Status Create(const PreparedModel& model, const Tokenizer& tokenizer, const SessionOptions& options, void* memory,
                size_t memory_size);

  // For a head of text classification. The result is valid until the next call.
  Status Classify(const TextInput& input, const Classification** result);

  // For a head of token classification. Truncates at model_max_length, as the reference's pipeline of this task does
  // unasked. Valid until the next call.
  Status Tag(const TextInput& input, Aggregation aggregation, bool keep_outside,
             std::span<const pbert_entity>* entities);

  // For a head of question answering: the question is the text, the context the pair. In windows of input.max_tokens,
  // or else of 384 or model_max_length, whichever is less. Valid until the next call.
  Status Answer(const TextInput& input, const AnswerOptions& options, std::span<const pbert_answer_span>* answers);

  // For a head of feature extraction: [*rows, hidden size], valid until the next call.
  Status Embed(const TextInput& input, schema::Pooling pooling, bool normalize, const float** values, size_t* rows);

  // The same, prepared, pooled and normalized as the head says: sentence-transformers' encode(). Mean where it says
  // nothing.
  Status EmbedByHead(const TextInput& input, bool normalize, const float** values, size_t* rows);

  // For a head of masked-language modelling. `fills` gets what fits, *count is how many there are.
  Status FillMask(const TextInput& input, size_t top_k, std::span<const int32_t> targets, std::span<pbert_fill> fills,
                  size_t* count);

  const schema::Head& head() const { return *head_; }

  // The tokens of the last input, as the network saw them.
  const Encoding& encoding() const { return encoding_; }
  uint32_t max_tokens() const { return max_tokens_; }
  size_t arena_bytes() const { return arena_bytes_; }
  // Null before Create. For `compare` and `run --raw`, which look further inside than a task does.
  Network* network() { return network_; }

  // Tokenizes `input` into encoding(), truncated to the smaller of its own and the session's limit.
  Status Tokenize(const TextInput& input);
  NetworkInput network_input() const;

 private:
  Status CountPrompt();
  // Pools what the network made, but for the first `skipped` rows, into pooled_.
  void Pool(schema::Pooling pooling, size_t skipped);
  Status PoolEncoding(schema::Pooling pooling, bool normalize, size_t skipped, const float** values, size_t* rows);
  Status RequireTask(schema::Task task, const char* function) const;
  Status LayOut(const PreparedModel& model, const Tokenizer& tokenizer, const SessionOptions& options, Arena* arena);

  const schema::Head* head_ = nullptr;
  const Tokenizer* tokenizer_ = nullptr;
  uint32_t max_tokens_ = 0;
  uint32_t truncation_tokens_ = 0;  // at most max_tokens_
  size_t arena_bytes_ = 0;
  size_t prompt_tokens_ = 0;    // at the beginning of each text of EmbedByHead, not to be pooled
  void* memory_ = nullptr;      // the arena's, whoever owns it
  void* own_memory_ = nullptr;  // the same, where the session does

  // All in the arena.
  TokenizerScratch scratch_;
  Encoding encoding_;
  Classification classification_;
  TagMemory tags_;
  AnswerMemory answers_;
  float* pooled_ = nullptr;  // [hidden size]
  TextPreparation preparation_;
  uint32_t* mask_rows_ = nullptr;  // [max_tokens]
  Network* network_ = nullptr;
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_SESSION_H_
