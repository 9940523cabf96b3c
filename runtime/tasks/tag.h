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
#include "tasks/entity_overlaps.h"
#include "tasks/task.h"
#include "text/piece_list.h"
#include "text/tokenizer.h"

namespace pbert {

// As the reference's token-classification pipeline names them; numbers of pbert_aggregation.
enum class Aggregation : uint32_t { kNone = 0, kSimple = 1, kFirst = 2, kAverage = 3, kMax = 4 };

// Whether a token goes on with the word before it, as the reference's pipeline of token classification guesses it.
bool ContinuesWord(const Tokenizer& tokenizer, std::string_view text, int32_t id, size_t begin, size_t end);

// What the reference calls the group of an entity: the label's name behind its first hyphen, whatever stands before it.
std::string_view GroupName(std::string_view label);

inline constexpr const char* kOutside[] = {"O"};

struct TagOptions {
  Aggregation aggregation = Aggregation::kNone;
  // Labels whose entities are left out; of grouped ones, the groups' names.
  std::span<const char* const> ignored = kOutside;
};

// Truncates at model_max_length, as the reference's pipeline of this task does unasked.
class TagTask {
 public:
  static TagTask Take(size_t max_tokens, size_t label_count, Arena* arena);

  Status Run(const TextInput& input, const TagOptions& options, TaskContext* context,
             std::span<const pbert_entity>* result);

  // A text of any length, in windows if input has a stride; entities come in the text's order. Their first_token is
  // that of the window in which they were found. `visit` returns other than 0 to end it, and may ask for the entity's
  // word.
  Status RunWindows(const TextInput& input, const TagOptions& options, pbert_entity_visitor visit, void* visit_context,
                    TaskContext* context);

  // Adds a piece: an entity's text as the file's decoder makes it of its tokens. Of an entity of the last Run, or of
  // the one that is being visited; `input` and `aggregation` are those of that call.
  Status Word(const TextInput& input, Aggregation aggregation, const pbert_entity& entity, const TaskContext& context,
              PieceList* word) const;

 private:
  Status TagEncoding(std::string_view text, const TagOptions& options, const Window& window, TaskContext* context,
                     OffsetCursor cursor, std::span<const pbert_entity>* result);

  pbert_entity* entities_ = nullptr;  // [tokens]
  float* scores_ = nullptr;           // [tokens, labels]
  size_t labels_ = 0;
  EntityOverlaps overlaps_;
  bool in_windows_ = false;  // the last call was RunWindows
  uint32_t visited_first_ = 0;
  TokenSpan visited_;
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_TAG_H_
