#include "entities/entities.h"

#include "entities/matchers.h"
#include "entities/tokens.h"

namespace pbert {
namespace {

// In the order of EntityKind. Of two of one length the one that is earlier in kOrder is taken: "thirty second" is an
// ordinal before it is a duration, "020 7946 0958" a phone number and no number.
constexpr Matcher kMatchers[] = {MatchNumber,   MatchOrdinal, MatchDate,  MatchTime, MatchDateTime,
                                 MatchDuration, MatchMoney,   MatchEmail, MatchUrl,  MatchPhone};
constexpr EntityKind kOrder[] = {EntityKind::kUrl,   EntityKind::kEmail, EntityKind::kDateTime, EntityKind::kDate,
                                 EntityKind::kTime,  EntityKind::kMoney, EntityKind::kOrdinal,  EntityKind::kDuration,
                                 EntityKind::kPhone, EntityKind::kNumber};
static_assert(sizeof(kMatchers) / sizeof(kMatchers[0]) == kEntityKinds && sizeof(kOrder) == kEntityKinds);

}  // namespace

void FindEntities(std::string_view text, const EntityOptions& options, bool (*visit)(void*, const TextEntity&),
                  void* context) {
  Tokens tokens(text);
  EntityMatch best, match;
  while (tokens[tokens.current()].kind != TokenKind::kEnd) {
    const size_t at = tokens.current(), begin = tokens[at].begin;
    best.entity.end = begin;
    best.next = at + 1;
    for (const EntityKind kind : kOrder) {
      const auto index = static_cast<uint32_t>(kind);
      if ((options.kinds >> index & 1) != 0 && kMatchers[index](tokens, at, options, &match) &&
          match.entity.end > best.entity.end) {
        best = match;
      }
    }
    if (best.entity.end > begin) {
      best.entity.begin = begin;
      if (!visit(context, best.entity)) return;
    }
    while (tokens.current() < best.next) tokens.Advance();
    // An address ends where its characters do, maybe within a token.
    while (tokens[tokens.current()].kind != TokenKind::kEnd && tokens[tokens.current()].begin < best.entity.end) {
      tokens.Advance();
    }
  }
}

}  // namespace pbert
