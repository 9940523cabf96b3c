// A text as words, runs of digits, and signs: the tokens that the matchers look at.
#ifndef POCKETBERT_ENTITIES_TOKENS_H_
#define POCKETBERT_ENTITIES_TOKENS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "entities/word.h"

namespace pbert {

enum class TokenKind : uint8_t { kEnd, kWord, kDigits, kSign };

struct EntityToken {
  TokenKind kind = TokenKind::kEnd;
  bool spaced = true;  // white space or the text's beginning is before it
  size_t begin = 0, end = 0;
  char32_t sign = 0;  // kSign's
  EntityWord word;    // kWord's; the typographic apostrophe is '
};

// Tokens by their number in the text, of which a window around the current one is kept: no phrase of a matcher is
// longer. Outside of the window is kEnd.
class Tokens {
 public:
  static constexpr size_t kBehind = 4, kAhead = 48;

  explicit Tokens(std::string_view text) : text_(text) {}

  std::string_view text() const { return text_; }
  size_t current() const { return current_; }
  void Advance() { ++current_; }

  const EntityToken& operator[](size_t index) {
    if (index >= current_ + kAhead || index + kBehind < current_) return end_;
    while (lexed_ <= index) Lex();
    return ring_[index % kRing];
  }

  bool IsWord(size_t index) { return (*this)[index].kind == TokenKind::kWord; }
  bool IsWord(size_t index, const EntityWord& word) { return IsWord(index) && (*this)[index].word == word; }
  template <size_t n>
  bool IsWord(size_t index, const EntityWord (&table)[n]) {
    return IsWord(index) && IsOneOf(table, (*this)[index].word);
  }
  bool IsDigits(size_t index) { return (*this)[index].kind == TokenKind::kDigits; }
  bool IsSign(size_t index, char32_t sign) {
    return (*this)[index].kind == TokenKind::kSign && (*this)[index].sign == sign;
  }
  bool IsHyphen(size_t index) { return IsSign(index, '-') || IsSign(index, 0x2010) || IsSign(index, 0x2011); }
  // There is a token, and nothing between it and the one before.
  bool IsGlued(size_t index) { return (*this)[index].kind != TokenKind::kEnd && !(*this)[index].spaced; }

  size_t Length(size_t index) { return (*this)[index].end - (*this)[index].begin; }
  std::string_view Text(size_t index) { return {text_.data() + (*this)[index].begin, Length(index)}; }
  // The value of digits, -1 where they are more than `most` or none.
  int64_t Digits(size_t index, size_t most = 18);

  // An entity may begin with this token, or end before it: it is not in the middle of "1.2.3", "A4" or "covid-19".
  bool CanBegin(size_t index);
  bool CanEnd(size_t index);

 private:
  static constexpr size_t kRing = 64;
  static_assert(kRing > kBehind + kAhead);

  void Lex();

  std::string_view text_;
  size_t current_ = 0, lexed_ = 0, place_ = 0;
  EntityToken ring_[kRing];
  EntityToken end_;
};

}  // namespace pbert

#endif  // POCKETBERT_ENTITIES_TOKENS_H_
