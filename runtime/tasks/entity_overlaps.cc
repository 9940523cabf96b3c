#include "tasks/entity_overlaps.h"

#include <algorithm>

namespace pbert {
namespace {

// Of two entities that overlap: whether the later one is to be kept. Lengths are in code points, as the reference's.
bool Replaces(const pbert_entity& later, const pbert_entity& kept) {
  const uint32_t length = later.extent.end_code_points - later.extent.begin_code_points;
  const uint32_t other = kept.extent.end_code_points - kept.extent.begin_code_points;
  return length > other || (length == other && later.score > kept.score);
}

}  // namespace

EntityOverlaps EntityOverlaps::Take(size_t max_tokens, Arena* arena) {
  EntityOverlaps overlaps;
  overlaps.pending_ = arena->Take<FoundEntity>(max_tokens);
  overlaps.merged_ = arena->Take<FoundEntity>(max_tokens);
  overlaps.capacity_ = max_tokens;
  overlaps.ids_ = arena->Take<int32_t>(max_tokens);
  overlaps.begins_ = arena->Take<uint32_t>(max_tokens);
  overlaps.ends_ = arena->Take<uint32_t>(max_tokens);
  return overlaps;
}

void EntityOverlaps::Keep(const FoundEntity& found, const TokenSpan& tokens) {
  kept_ = found.entity;
  has_kept_ = true;
  std::copy_n(tokens.ids, tokens.count, ids_);
  std::copy_n(tokens.begins, tokens.count, begins_);
  std::copy_n(tokens.ends, tokens.count, ends_);
}

bool EntityOverlaps::Fold(const FoundEntity& found, const TokenSpan& tokens, const EntitySink& sink) {
  const bool apart = !has_kept_ || found.entity.extent.begin_bytes >= kept_.extent.end_bytes;
  if (has_kept_ && apart && !Finish(sink)) return false;
  if (apart || Replaces(found.entity, kept_)) Keep(found, tokens);
  return true;
}

bool EntityOverlaps::Finish(const EntitySink& sink) {
  if (!has_kept_) return true;
  has_kept_ = false;
  return sink(kept_, {ids_, begins_, ends_, kept_.token_count});
}

bool EntityOverlaps::Add(std::span<const pbert_entity> entities, const Encoding& encoding, const Window& window,
                         size_t next_token, const EntitySink& sink) {
  size_t count = 0;
  const auto merge = [&](const FoundEntity& found) {
    if (count > 0 && merged_[count - 1].entity.extent.begin_bytes == found.entity.extent.begin_bytes) {
      if (Replaces(found.entity, merged_[count - 1].entity)) merged_[count - 1] = found;
    } else if (count < capacity_) {
      merged_[count++] = found;
    }
  };
  size_t old = 0;
  for (const pbert_entity& entity : entities) {
    while (old < pending_count_ && pending_[old].entity.extent.begin_bytes <= entity.extent.begin_bytes) {
      merge(pending_[old++]);
    }
    merge({entity, static_cast<uint32_t>(window.first_token)});
  }
  while (old < pending_count_) merge(pending_[old++]);

  pending_count_ = 0;
  for (size_t i = 0; i < count; ++i) {
    const size_t first = merged_[i].first_token() - window.first_token;  // in this window's encoding
    if (first >= next_token) {
      pending_[pending_count_++] = merged_[i];
    } else if (!Fold(merged_[i],
                     {encoding.ids + first, encoding.begins + first, encoding.ends + first,
                      merged_[i].entity.token_count},
                     sink)) {
      return false;
    }
  }
  return true;
}

}  // namespace pbert
