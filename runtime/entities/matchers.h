// One matcher for each kind: whether an entity of it begins at a token, and the longest.
#ifndef POCKETBERT_ENTITIES_MATCHERS_H_
#define POCKETBERT_ENTITIES_MATCHERS_H_

#include "entities/decimal.h"
#include "entities/entities.h"
#include "entities/tokens.h"

namespace pbert {

struct EntityMatch {
  TextEntity entity;  // all but `begin`
  size_t next;        // the token after it
};

// Looks at tokens[at] and those behind it; `match` is written to only when there is one.
using Matcher = bool (*)(Tokens& tokens, size_t at, const EntityOptions& options, EntityMatch* match);

bool MatchNumber(Tokens& tokens, size_t at, const EntityOptions& options, EntityMatch* match);
bool MatchOrdinal(Tokens& tokens, size_t at, const EntityOptions& options, EntityMatch* match);
bool MatchDuration(Tokens& tokens, size_t at, const EntityOptions& options, EntityMatch* match);
bool MatchMoney(Tokens& tokens, size_t at, const EntityOptions& options, EntityMatch* match);
bool MatchDate(Tokens& tokens, size_t at, const EntityOptions& options, EntityMatch* match);
bool MatchTime(Tokens& tokens, size_t at, const EntityOptions& options, EntityMatch* match);
bool MatchDateTime(Tokens& tokens, size_t at, const EntityOptions& options, EntityMatch* match);
bool MatchEmail(Tokens& tokens, size_t at, const EntityOptions& options, EntityMatch* match);
bool MatchUrl(Tokens& tokens, size_t at, const EntityOptions& options, EntityMatch* match);
bool MatchPhone(Tokens& tokens, size_t at, const EntityOptions& options, EntityMatch* match);

// The end of a match that is the tokens before `next`.
inline void EndMatch(Tokens& tokens, EntityKind kind, size_t next, EntityMatch* match) {
  match->entity.kind = kind;
  match->entity.end = tokens[next - 1].end;
  match->next = next;
}

}  // namespace pbert

#endif  // POCKETBERT_ENTITIES_MATCHERS_H_
