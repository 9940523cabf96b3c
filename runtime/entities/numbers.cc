// Numbers and ordinals that stand for themselves.
#include "entities/matchers.h"
#include "entities/number_phrase.h"

namespace pbert {
namespace {

// Behind these "one" is a pronoun, before the others it counts or names something.
constexpr EntityWord kBeforePronoun[] = {"this"_w, "that"_w,  "which"_w, "the"_w,     "no"_w,   "any"_w,
                                         "some"_w, "every"_w, "each"_w,  "another"_w, "have"_w, "had"_w,
                                         "as"_w,   "is"_w,    "got"_w,   "want"_w,    "like"_w};
constexpr EntityWord kAfterPronoun[] = {
    "of"_w,   "is"_w,   "was"_w,    "has"_w,    "had"_w,     "can"_w,   "could"_w,  "should"_w, "would"_w,
    "will"_w, "who"_w,  "that"_w,   "which"_w,  "thing"_w,   "day"_w,   "and"_w,    "or"_w,     "but"_w,
    "to"_w,   "in"_w,   "on"_w,     "for"_w,    "at"_w,      "with"_w,  "by"_w,     "i"_w,      "we"_w,
    "you"_w,  "he"_w,   "she"_w,    "they"_w,   "it"_w,      "must"_w,  "may"_w,    "might"_w,  "never"_w,
    "does"_w, "did"_w,  "cannot"_w, "please"_w, "another"_w, "if"_w,    "from"_w,   "as"_w,     "too"_w,
    "then"_w, "when"_w, "there"_w,  "here"_w,   "now"_w,     "where"_w, "always"_w, "more"_w,   "time"_w};
constexpr EntityWord kNumbered[] = {"number"_w,   "page"_w,  "chapter"_w, "room"_w,     "option"_w, "line"_w,
                                    "step"_w,     "level"_w, "version"_w, "platform"_w, "gate"_w,   "channel"_w,
                                    "terminal"_w, "track"_w, "season"_w,  "episode"_w,  "part"_w,   "table"_w,
                                    "zone"_w,     "plus"_w,  "minus"_w,   "equals"_w};
constexpr EntityWord kBeforeTimeSecond[] = {"a"_w, "one"_w, "per"_w, "split"_w, "wait"_w};
constexpr EntityWord kAfterSecond[] = {"thought"_w, "thoughts"_w, "nature"_w,   "hand"_w, "guess"_w,
                                       "wind"_w,    "fiddle"_w,   "guessing"_w, "ago"_w,  "later"_w};
constexpr EntityWord kAfterFirst[] = {"of"_w, "name"_w, "names"_w, "aid"_w, "thing"_w, "hand"_w, "lady"_w};
constexpr EntityWord kFractions[] = {"third"_w,  "fourth"_w, "fifth"_w, "sixth"_w,     "seventh"_w,
                                     "eighth"_w, "ninth"_w,  "tenth"_w, "hundredth"_w, "thousandth"_w};

bool OneIsPronoun(Tokens& t, size_t at, size_t next) {
  if (t.IsWord(at - 1, kNumbered)) return false;
  if (t.IsHyphen(next) && t.IsGlued(next)) return true;  // "one-way"
  if (t.IsWord(at - 1, kBeforePronoun) || t.IsWord(next, kAfterPronoun)) return true;
  const bool nothing_before = t[at - 1].kind == TokenKind::kEnd;
  return !nothing_before && !t.IsWord(next) && !t.IsSign(next, ',');
}

}  // namespace

bool MatchNumber(Tokens& t, size_t at, const EntityOptions&, EntityMatch* match) {
  NumberPhrase phrase;
  if (!t.CanBegin(at) || !ReadNumber(t, at, &phrase) || !t.CanEnd(phrase.next)) return false;
  // "1.000,50" means something in other languages, and in English nothing.
  const bool comma = t.IsSign(phrase.next, ',') && t.IsGlued(phrase.next) && t.IsGlued(phrase.next + 1);
  if (!phrase.in_words && phrase.value.scale > 0 && comma && t.IsDigits(phrase.next + 1)) return false;
  const bool after_comma = t.IsGlued(at) && t.IsGlued(at - 1) && t.IsSign(at - 1, ',');
  if (after_comma && t.IsGlued(at - 2) && t.IsSign(at - 3, '.')) return false;
  if (phrase.next == at + 1 && t.IsWord(at, "one"_w) && OneIsPronoun(t, at, phrase.next)) return false;
  ValueWriter(&match->entity).Put(phrase.value);
  EndMatch(t, EntityKind::kNumber, phrase.next, match);
  return true;
}

bool MatchOrdinal(Tokens& t, size_t at, const EntityOptions&, EntityMatch* match) {
  int64_t value = 0;
  size_t next = 0;
  if (!t.CanBegin(at) || !ReadOrdinal(t, at, &value, &next) || !t.CanEnd(next)) return false;
  if (t.IsWord(at)) {
    if (t.IsHyphen(next) && t.IsGlued(next)) return false;  // "second-hand"
    const bool alone = next == at + 1;
    const bool after_article = t.IsWord(at - 1, "a"_w) || t.IsWord(at - 1, "one"_w);
    if (alone && t.IsWord(at, "first"_w) && (t.IsWord(next, kAfterFirst) || t.IsWord(at - 1, "at"_w))) return false;
    if (alone && t.IsWord(at, "second"_w) && (t.IsWord(at - 1, kBeforeTimeSecond) || t.IsWord(next, kAfterSecond))) {
      return false;
    }
    if (alone && t.IsWord(at, "third"_w) && (t.IsWord(next, "party"_w) || t.IsWord(next, "parties"_w))) return false;
    // "a third of it", "one fifth".
    if (alone && after_article && t.IsWord(at, kFractions) && (!t.IsWord(next) || t.IsWord(next, "of"_w))) return false;
    if (t.IsWord(at, "one"_w) && !alone && t.IsWord(at + 1, kFractions) && !t.IsWord(at - 1, "the"_w)) return false;
  }
  ValueWriter(&match->entity).Put(value);
  EndMatch(t, EntityKind::kOrdinal, next, match);
  return true;
}

}  // namespace pbert
