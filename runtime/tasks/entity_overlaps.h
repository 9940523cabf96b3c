// Entities that overlapping windows found, each once.
#ifndef POCKETBERT_TASKS_ENTITY_OVERLAPS_H_
#define POCKETBERT_TASKS_ENTITY_OVERLAPS_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/arena.h"
#include "pocketbert/pocketbert.h"
#include "tasks/windows.h"
#include "text/encoding.h"

namespace pbert {

// Some tokens of a text, in somebody else's arrays. begins and ends are byte offsets.
struct TokenSpan {
  const int32_t* ids = nullptr;
  const uint32_t* begins = nullptr;
  const uint32_t* ends = nullptr;
  size_t count = 0;
};

// An entity of a window, and how many tokens of the text come before that window's.
struct FoundEntity {
  pbert_entity entity;
  uint32_t window_first;

  size_t first_token() const { return size_t{entity.first_token} + window_first; }
};

// Receives an entity and its tokens; false: no more.
struct EntitySink {
  bool (*receive)(void* context, const pbert_entity& entity, const TokenSpan& tokens);
  void* context;
  bool operator()(const pbert_entity& entity, const TokenSpan& tokens) const {
    return receive(context, entity, tokens);
  }
};

// Of entities that overlap the longest is kept, of equally long ones that with the best score: what the reference makes
// of all windows' entities sorted by their beginnings (aggregate_overlapping_entities), but window by window, in memory
// for one. Exact, because of entities that begin at the same place only one can be kept, and what begins before the
// next window's first token is in no later window. One thread at a time.
class EntityOverlaps {
 public:
  static EntityOverlaps Take(size_t max_tokens, Arena* arena);

  void Begin() { has_kept_ = false, pending_count_ = 0; }
  // Adds a window's entities, in order of their beginnings, and gives `sink` what no later one can change.
  // `next_token`: the first token of the next window, counted as the entities' first_token is; UINT32_MAX: there is
  // none. False: the sink wants no more.
  bool Add(std::span<const pbert_entity> entities, const Encoding& encoding, const Window& window, size_t next_token,
           const EntitySink& sink);
  // Gives the last one, behind the last window.
  bool Finish(const EntitySink& sink);

 private:
  bool Fold(const FoundEntity& found, const TokenSpan& tokens, const EntitySink& sink);
  void Keep(const FoundEntity& found, const TokenSpan& tokens);

  FoundEntity* pending_ = nullptr;  // [tokens], at most one for each token at which it begins
  size_t pending_count_ = 0;
  FoundEntity* merged_ = nullptr;  // [tokens]
  size_t capacity_ = 0;
  bool has_kept_ = false;
  pbert_entity kept_{};  // with whose end the next one is compared; its tokens may be in no window any more
  int32_t* ids_ = nullptr;
  uint32_t* begins_ = nullptr;
  uint32_t* ends_ = nullptr;
};

}  // namespace pbert

#endif  // POCKETBERT_TASKS_ENTITY_OVERLAPS_H_
