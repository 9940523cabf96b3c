// E-mail addresses and URLs, which are read by bytes: a token may be in the middle of them.
#include "base/ascii.h"
#include "entities/matchers.h"

namespace pbert {
namespace {

constexpr size_t kMostLocal = 64, kMostDomain = 253, kMostLabel = 63;
// The domains of the highest level that make a URL of a name without "http" or "www".
constexpr EntityWord kTopDomains[] = {"com"_w, "org"_w, "net"_w,  "edu"_w, "gov"_w, "io"_w,    "app"_w, "dev"_w,
                                      "ai"_w,  "uk"_w,  "de"_w,   "fr"_w,  "nl"_w,  "eu"_w,    "ch"_w,  "au"_w,
                                      "ca"_w,  "jp"_w,  "info"_w, "biz"_w, "tv"_w,  "es"_w,    "se"_w,  "pl"_w,
                                      "br"_w,  "ru"_w,  "cn"_w,   "int"_w, "mil"_w, "online"_w};

bool IsAsciiLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsAsciiDigit(char c) { return c >= '0' && c <= '9'; }
// Of a name: what is not ASCII may be, because domains are international.
bool IsNameByte(char c) { return IsAsciiLetter(c) || IsAsciiDigit(c) || static_cast<uint8_t>(c) >= 0x80; }
bool IsLocalByte(char c) {
  return IsAsciiLetter(c) || IsAsciiDigit(c) ||
         (c != 0 && std::string_view("._%+-&~=").find(c) != std::string_view::npos);
}

std::string_view Cut(std::string_view text, size_t begin, size_t end) { return {text.data() + begin, end - begin}; }

struct Domain {
  size_t end = 0;
  size_t last_label = 0;  // where the label of the highest level begins
  uint32_t labels = 0;
};

// The longest domain from `begin` on: labels with points between them. Looks at no more bytes than a domain has.
Domain ReadDomain(std::string_view text, size_t begin) {
  Domain domain;
  size_t place = begin;
  for (;;) {
    const size_t label = place;
    size_t end = label;  // behind the label's last letter or digit
    for (; place < text.size() && place - label <= kMostLabel && (IsNameByte(text[place]) || text[place] == '-');
         ++place) {
      if (IsNameByte(text[place])) end = place + 1;
      if (place == label && text[place] == '-') break;
    }
    // Typographic signs that end a sentence are no letters.
    for (size_t i = label; i + 2 < end; ++i) {
      if (static_cast<uint8_t>(text[i]) == 0xE2 && static_cast<uint8_t>(text[i + 1]) == 0x80) place = end = i;
    }
    if (end == label || end - label > kMostLabel || end - begin > kMostDomain) break;
    domain.end = end;
    domain.last_label = label;
    ++domain.labels;
    if (end != place || place >= text.size() || text[place] != '.') break;
    ++place;
  }
  return domain;
}

bool AllLetters(std::string_view label) {
  for (const char c : label) {
    if (IsAsciiDigit(c) || c == '-') return false;
  }
  return label.size() >= 2;
}

void PutLower(std::string_view text, ValueWriter* value) {
  for (const char c : text) {
    const char lower = LowerAscii(c);
    value->Put({&lower, 1});
  }
}

// The length of "https://" and the like at `begin`, 0 for none.
size_t SchemeLength(std::string_view text, size_t begin) {
  for (const std::string_view scheme : {"https://", "http://", "ftp://", "ftps://", "ws://", "wss://"}) {
    if (text.size() - begin < scheme.size()) continue;
    bool same = true;
    for (size_t i = 0; i < scheme.size(); ++i) {
      const char c = text[begin + i];
      same = same && LowerAscii(c) == scheme[i];
    }
    if (same) return scheme.size();
  }
  return 0;
}

// Where a URL that has begun ends: before white space and signs that no URL has, without the sentence's own signs.
size_t EndOfPath(std::string_view text, size_t begin) {
  size_t end = begin;
  int64_t open = 0;
  for (size_t place = begin; place < text.size(); ++place) {
    const char c = text[place];
    if (static_cast<uint8_t>(c) <= ' ' || c == 0x7F ||
        std::string_view("\"<>\\^`{}|").find(c) != std::string_view::npos)
      break;
    if (static_cast<uint8_t>(c) == 0xE2 && place + 1 < text.size() && static_cast<uint8_t>(text[place + 1]) == 0x80)
      break;
    if (c == '(') ++open;
    if (c == ')' && --open < 0) break;
    if (std::string_view(".,;:!?'()*[]").find(c) == std::string_view::npos || (c == ')' && open >= 0)) end = place + 1;
  }
  return end;
}

}  // namespace

bool MatchEmail(Tokens& t, size_t at, const EntityOptions&, EntityMatch* match) {
  const std::string_view text = t.text();
  const size_t begin = t[at].begin;
  if (begin > 0 && (IsLocalByte(text[begin - 1]) || text[begin - 1] == '@')) return false;
  size_t place = begin;
  for (; place < text.size() && place - begin <= kMostLocal; ++place) {
    const char c = text[place];
    const bool apostrophe = c == '\'' && place > begin && place + 1 < text.size() && IsAsciiLetter(text[place + 1]);
    if (!IsLocalByte(c) && !apostrophe) break;
    if (c == '.' && (place == begin || text[place - 1] == '.')) return false;
  }
  if (place == begin || place - begin > kMostLocal || place >= text.size() || text[place] != '@') return false;
  if (text[place - 1] == '.') return false;
  const Domain domain = ReadDomain(text, place + 1);
  if (domain.labels < 2 || !AllLetters(Cut(text, domain.last_label, domain.end))) return false;
  if (domain.end < text.size() && text[domain.end] == '@') return false;
  ValueWriter value(&match->entity);
  value.Put(Cut(text, begin, place + 1));
  PutLower(Cut(text, place + 1, domain.end), &value);
  match->entity.kind = EntityKind::kEmail;
  match->entity.end = domain.end;
  match->next = at + 1;
  return true;
}

bool MatchUrl(Tokens& t, size_t at, const EntityOptions&, EntityMatch* match) {
  const std::string_view text = t.text();
  const size_t begin = t[at].begin;
  if (t[at].kind == TokenKind::kSign) return false;
  if (t.IsGlued(at) && t[at - 1].kind != TokenKind::kSign) return false;
  const size_t scheme = SchemeLength(text, begin);
  // "url=https://…" and "-https://…" are none the less.
  if (scheme == 0 && begin > 0 && (IsLocalByte(text[begin - 1]) || text[begin - 1] == '@')) return false;
  size_t host = begin + scheme;
  if (scheme > 0) {  // "user:password@"
    for (size_t i = host; i < text.size() && i - host <= kMostLocal; ++i) {
      if (text[i] == '@') host = i + 1;
      if (text[i] == '@' || (!IsLocalByte(text[i]) && text[i] != ':')) break;
    }
  }
  const Domain domain = ReadDomain(text, host);
  if (domain.labels == 0) return false;
  const std::string_view top = Cut(text, domain.last_label, domain.end);
  const bool www = PackWord(Cut(text, host, text.size() - host < 4 ? text.size() : host + 4)) == "www."_w;
  if (scheme == 0) {
    if (domain.labels < (www ? 3u : 2u) || !AllLetters(top) || (!www && !IsOneOf(kTopDomains, PackWord(top))))
      return false;
    if (domain.end < text.size() && (text[domain.end] == '@' || text[domain.end] == '_' || text[domain.end] == '-'))
      return false;
  }
  size_t end = domain.end;
  if (end + 1 < text.size() && text[end] == ':' && IsAsciiDigit(text[end + 1])) {
    size_t port = end + 1;
    while (port < text.size() && port - end <= 5 && IsAsciiDigit(text[port])) ++port;
    end = port;
  }
  const size_t host_end = end;
  if (end < text.size() && (text[end] == '/' || text[end] == '?' || text[end] == '#')) {
    const size_t path = EndOfPath(text, end);
    if (path > end) end = path;
  }
  ValueWriter value(&match->entity);
  PutLower(Cut(text, begin, begin + scheme), &value);
  value.Put(Cut(text, begin + scheme, host));
  PutLower(Cut(text, host, host_end), &value);
  value.Put(Cut(text, host_end, end));
  match->entity.kind = EntityKind::kUrl;
  match->entity.end = end;
  match->next = at + 1;
  return true;
}

}  // namespace pbert
