#include "entities/tokens.h"

#include "base/utf8.h"

namespace pbert {
namespace {

bool IsDigit(char32_t c) { return c >= '0' && c <= '9'; }

bool IsSpace(char32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F ||
         c == 0x3000 || c == 0x2028 || c == 0x2029;
}

// Beyond ASCII all are letters but the signs and punctuation of Latin-1, and what Unicode has in its blocks of
// punctuation, currencies, letterlike symbols, arrows and other signs.
bool IsLetter(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA;
  return c != 0xD7 && c != 0xF7 && (c < 0x2000 || c >= 0x2C00) && (c < 0x3000 || c >= 0x3040) && c < 0x1F000 &&
         (c < 0xFE00 || c >= 0xFE70) && (c < 0xFF00 || c >= 0xFF66) && c != kReplacementCharacter;
}

bool IsApostrophe(char32_t c) { return c == '\'' || c == 0x2019; }

}  // namespace

void Tokens::Lex() {
  EntityToken token;
  token.spaced = place_ == 0;
  const auto peek = [this](size_t at) {
    return at < text_.size() ? DecodeUtf8(text_.data() + at, text_.size() - at) : Utf8Char{0, 0};
  };
  Utf8Char c = peek(place_);
  for (; c.length != 0 && IsSpace(c.code_point); c = peek(place_)) {
    token.spaced = true;
    place_ += c.length;
  }
  token.begin = place_;
  if (c.length == 0) {
    token.spaced = true;
  } else if (IsDigit(c.code_point)) {
    token.kind = TokenKind::kDigits;
    while (place_ < text_.size() && IsDigit(static_cast<uint8_t>(text_[place_]))) ++place_;
  } else if (IsLetter(c.code_point)) {
    token.kind = TokenKind::kWord;
    char letters[17];
    size_t size = 0;
    const auto add = [&letters, &size](char letter) {
      if (size < sizeof(letters)) letters[size++] = letter;
    };
    for (; c.length != 0; c = peek(place_)) {
      if (IsApostrophe(c.code_point)) {  // inside of a word, if it is not the genitive's: "o'clock"
        const Utf8Char next = peek(place_ + c.length);
        const Utf8Char after = peek(place_ + c.length + next.length);
        const bool is_s = next.code_point == 's' || next.code_point == 'S';
        if (!IsLetter(next.code_point) || (is_s && !IsLetter(after.code_point))) break;
        add('\'');
      } else if (IsLetter(c.code_point)) {
        for (uint32_t i = 0; i < c.length; ++i) add(text_[place_ + i]);
      } else {
        break;
      }
      place_ += c.length;
    }
    token.word = PackWord({letters, size});
  } else {
    token.kind = TokenKind::kSign;
    token.sign = c.code_point;
    place_ += c.length;
  }
  token.end = place_;
  ring_[lexed_ % kRing] = token;
  ++lexed_;
}

int64_t Tokens::Digits(size_t index, size_t most) {
  if (!IsDigits(index) || Length(index) > most) return -1;
  int64_t value = 0;
  for (const char c : Text(index)) value = value * 10 + (c - '0');
  return value;
}

bool Tokens::CanBegin(size_t index) {
  if (!IsGlued(index)) return true;
  const EntityToken& before = (*this)[index - 1];
  if (before.kind != TokenKind::kSign) return before.kind == TokenKind::kEnd || (*this)[index].kind == TokenKind::kSign;
  if (before.sign == '_' || before.sign == '@' || before.sign == '\\') return false;
  if (!IsGlued(index - 1)) return before.sign != '.' || !IsDigits(index);
  const TokenKind further = (*this)[index - 2].kind;
  if (further != TokenKind::kWord && further != TokenKind::kDigits) return true;
  if (before.sign == '.' || before.sign == '=' || before.sign == '&') return false;
  if (IsDigits(index) && (before.sign == '/' || (before.sign == ':' && further == TokenKind::kDigits))) return false;
  if (IsHyphen(index - 1)) return further == TokenKind::kDigits;
  return true;
}

bool Tokens::CanEnd(size_t index) {
  if (!IsGlued(index)) return true;
  const EntityToken& next = (*this)[index];
  if (next.kind != TokenKind::kSign) {
    const TokenKind last = (*this)[index - 1].kind;
    return last == TokenKind::kSign;
  }
  if (next.sign == '_' || next.sign == '@' || next.sign == '\\') return false;
  const bool more_digits = IsGlued(index + 1) && IsDigits(index + 1);
  return !more_digits || (next.sign != '.' && next.sign != ':' && next.sign != '/');
}

}  // namespace pbert
