// Everything that one thread needs to ask a model: tokenizer scratch, token ids, network, result, in one arena.
#ifndef POCKETBERT_TASKS_SESSION_H_
#define POCKETBERT_TASKS_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/arena.h"
#include "base/status.h"
#include "engine/packed_model.h"
#include "tasks/answer.h"
#include "tasks/batch.h"
#include "tasks/classify.h"
#include "tasks/embed.h"
#include "tasks/fill_mask.h"
#include "tasks/rerank.h"
#include "tasks/tag.h"
#include "tasks/task.h"
#include "tasks/zero_shot.h"

namespace pbert {

struct SessionOptions {
  uint32_t max_tokens = 0;  // 0: the longest that a head of the session takes
  uint32_t threads = 0;     // 0: one; at most kMaxThreads
  uint32_t tasks = 0;       // a bit for each schema::Task; 0: all that the model has a head for
  uint32_t learned = 0;     // room for so many labels that are learned; 0: kLearnedLabels
};

inline constexpr uint32_t kLearnedLabels = 32, kMostLearnedLabels = 4096;

// The model's heads that answer `tasks` (as in SessionOptions), a bit for each. Of text classification and
// next-sentence prediction, which are asked in the same way, only the former. An error where the model lacks one that
// is asked for.
Status ChooseHeads(const Model& model, uint32_t tasks, uint32_t* heads);

// Made once, then asked any number of times without an allocation. One thread at a time; sessions that
// share a packed model may run at once.
class Session {
 public:
  Session() = default;
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Bytes of arena that Create will need with these options, at whatever address. `model` need not be packed.
  static Status MemoryNeeded(const PackedModel& model, const Tokenizer& tokenizer, const SessionOptions& options,
                             size_t* bytes);

  // Lays the session out in `memory`, which stays the caller's, or in memory of its own when null. Call it once.
  // `model` (packed) and `tokenizer` must outlive the session.
  Status Create(const PackedModel& model, const Tokenizer& tokenizer, const SessionOptions& options, void* memory,
                size_t memory_size);

  // What there is a head for; the others answer with an error. Results are valid until the next call.
  Status Classify(const TextInput& input, const Classification** result);
  Status ClassifyBatch(size_t count, const BatchCalls<Classification>& calls);
  Status Learn(std::string_view name, std::span<const pbert_text> sentences, uint32_t* label,
               std::span<const Overlap>* overlaps);
  Status Forget(std::string_view name);
  Status SaveLearned(const char* path) const;
  Status LoadLearned(const char* path);
  const LearnedLabels& learned() const { return classify_.learned(); }
  Status ZeroShot(const TextInput& input, const ZeroShotOptions& options, TextScores* result);
  Status Tag(const TextInput& input, const TagOptions& options, std::span<const pbert_entity>* result);
  Status TagWindows(const TextInput& input, const TagOptions& options, pbert_entity_visitor visit, void* visit_context);
  Status EntityWord(const TextInput& input, Aggregation aggregation, const pbert_entity& entity, PieceList* word) const;
  Status Rerank(const TextInput& input, std::span<const pbert_text> candidates, TextScores* result);
  Status Answer(const TextInput& input, const AnswerOptions& options, std::span<const pbert_answer_span>* result);
  float null_margin() const { return answer_.null_margin(); }  // of the last Answer
  Status Embed(const TextInput& input, const EmbedOptions& options, Embedding* result);
  Status EmbedBatch(size_t count, const EmbedOptions& options, const BatchCalls<Embedding>& calls);
  Status FillMask(const TextInput& input, const FillMaskOptions& options, Fills* result);

  // The tokens of the last input, as the network saw them.
  const Encoding& encoding() const { return context_.encoding; }
  size_t arena_bytes() const { return arena_bytes_; }
  // For `compare`, `bench` and `run --raw`, which look further inside than a task does. Its network is null before
  // Create.
  TaskContext* context() { return &context_; }
  const TaskContext& context() const { return context_; }

 private:
  Status LayOut(const PackedModel& model, const Tokenizer& tokenizer, const SessionOptions& options, Arena* arena);
  void TakeTask(const Model& model, const schema::Head& head, size_t max_tokens, uint32_t learned, Arena* arena);

  size_t arena_bytes_ = 0;
  void* memory_ = nullptr;      // the arena's, whoever owns it
  void* own_memory_ = nullptr;  // the same, where the session does

  // All in the arena. Only the tasks of the session's heads have memory there.
  TaskContext context_;
  ClassifyTask classify_;
  TagTask tag_;
  AnswerTask answer_;
  EmbedTask embed_;
  FillMaskTask fill_mask_;
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_SESSION_H_
