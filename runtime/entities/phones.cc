// Phone numbers: international ones behind "+", and the forms of groups that hardly anything else is written in.
#include "entities/matchers.h"

namespace pbert {
namespace {

constexpr size_t kMostDigits = 15, kMostGroups = 8;

struct Groups {
  size_t lengths[kMostGroups];
  size_t count = 0, digits = 0;
  size_t begins[kMostGroups];
  size_t ends[kMostGroups];  // the token behind each
  bool separated = false;    // by '-', '.' or parentheses, not by spaces alone

  bool Is(size_t a, size_t b, size_t c = 0, size_t d = 0) const {
    const size_t wanted[] = {a, b, c, d};
    const size_t wanted_count = d != 0 ? 4 : c != 0 ? 3 : 2;
    bool same = count == wanted_count;
    for (size_t i = 0; same && i < count; ++i) same = lengths[i] == wanted[i];
    return same;
  }
};

// One group, maybe in parentheses; the token behind it, or 0.
size_t ReadGroup(Tokens& t, size_t at, size_t* digits) {
  const bool open = t.IsSign(at, '(');
  *digits = at + (open ? 1 : 0);
  if (!t.IsDigits(*digits) || t.Length(*digits) > kMostDigits) return 0;
  if (!open) return at + 1;
  return t.IsGlued(at + 1) && t.IsSign(at + 2, ')') && t.IsGlued(at + 2) ? at + 3 : 0;
}

// Groups with one '-', '.', or white space between. "(0)" behind a country's number is left out of the digits.
Groups ReadGroups(Tokens& t, size_t at, bool international) {
  Groups groups;
  for (size_t place = at; groups.count < kMostGroups;) {
    size_t digits = 0;
    const size_t next = ReadGroup(t, place, &digits);
    if (next == 0 || groups.digits + t.Length(digits) > kMostDigits) break;
    groups.separated = groups.separated || t.IsSign(place, '(');
    if (!(international && groups.count == 1 && t.IsSign(place, '(') && t.Digits(digits) == 0)) {
      groups.begins[groups.count] = digits;
      groups.lengths[groups.count] = t.Length(digits);
      groups.ends[groups.count++] = next;
      groups.digits += t.Length(digits);
    }
    place = next;
    const bool sign = t.IsHyphen(place) || t.IsSign(place, '.');
    if (sign && t.IsGlued(place) && t.IsGlued(place + 1) && (t.IsDigits(place + 1) || t.IsSign(place + 1, '('))) {
      groups.separated = true;
      ++place;
    }
  }
  return groups;
}

// Whether groups without a "+" are a phone number's.
bool IsNational(Tokens& t, const Groups& g) {
  const char first = t.Text(g.begins[0])[0];
  const bool area = first >= '2' && first <= '9';
  if (g.count == 1) {
    return (first == '0' && g.digits >= 9 && g.digits <= 11) || (area && g.digits == 10) ||
           (first == '1' && g.digits == 11);
  }
  if (g.Is(3, 3, 4)) return area;
  if (g.Is(3, 7)) return area && g.separated;
  if (g.Is(1, 3, 3, 4)) return first == '1';
  if (g.Is(3, 4)) return g.separated && area;
  if (first != '0' || g.digits < 9 || g.lengths[0] < 2) return false;
  for (size_t i = 0; i < g.count; ++i) {
    if (g.lengths[i] < 2) return false;
  }
  // 0044 is the "+" of those who have none.
  const bool double_zero = g.lengths[0] >= 2 && t.Text(g.begins[0])[1] == '0';
  return g.digits <= (double_zero ? kMostDigits : 11);
}

}  // namespace

bool MatchPhone(Tokens& t, size_t at, const EntityOptions&, EntityMatch* match) {
  if (!t.CanBegin(at) || (t.IsGlued(at) && (t.IsDigits(at - 1) || t.IsWord(at - 1)))) return false;
  if (t.IsDigits(at) && t.IsGlued(at) && (t.IsHyphen(at - 1) || t.IsSign(at - 1, '+')) && t.IsGlued(at - 1))
    return false;
  const bool plus = t.IsSign(at, '+');
  if (plus && !t.IsGlued(at + 1)) return false;
  Groups groups = ReadGroups(t, at + (plus ? 1 : 0), plus);
  // Another number may follow: "555-123-4567 2 people".
  for (; groups.count > 0; --groups.count) {
    const size_t next = groups.ends[groups.count - 1];
    const bool fits = plus ? groups.digits >= 8 && t.Text(groups.begins[0])[0] != '0' : IsNational(t, groups);
    const bool in_chain = t.IsGlued(next) && (t.IsHyphen(next) || t.IsSign(next, '.') || t.IsSign(next, ',')) &&
                          t.IsGlued(next + 1) && t.IsDigits(next + 1);
    if (fits && t.CanEnd(next) && !in_chain && !(t.IsGlued(next) && t.IsWord(next))) break;
    groups.digits -= groups.lengths[groups.count - 1];
  }
  if (groups.count == 0) return false;
  ValueWriter value(&match->entity);
  if (plus) value.Put("+");
  for (size_t i = 0; i < groups.count; ++i) value.Put(t.Text(groups.begins[i]));
  EndMatch(t, EntityKind::kPhone, groups.ends[groups.count - 1], match);
  return true;
}

}  // namespace pbert
