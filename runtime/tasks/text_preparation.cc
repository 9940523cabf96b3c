#include "tasks/text_preparation.h"

#include <algorithm>

#include "base/utf8.h"
#include "text/unicode.h"

namespace pbert {
namespace {

// Of a text, for each token that the session takes; and at least so many.
constexpr size_t kBytesPerToken = 64, kMinBytes = 4096;

// str.isspace(): bidirectional type WS, B or S, or category Zs.
bool IsSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

std::string_view StripLeft(std::string_view text) {
  while (!text.empty()) {
    const Utf8Char next = DecodeUtf8(text.data(), text.size());
    if (!IsSpace(next.code_point)) break;
    text.remove_prefix(next.length);
  }
  return text;
}

std::string_view StripRight(std::string_view text) {
  while (!text.empty()) {
    size_t length = 1;
    while (length < text.size() && length < 4 && (text[text.size() - length] & 0xC0) == 0x80) ++length;
    const Utf8Char last = DecodeUtf8(text.data() + text.size() - length, length);
    if (last.length != length || !IsSpace(last.code_point)) break;
    text.remove_suffix(length);
  }
  return text;
}

bool IsLetter(char32_t c) {
  return (unicode::RecordOf(c).flags & unicode::kWord) != 0 && !(c >= '0' && c <= '9') && c != '_';
}

}  // namespace

std::string_view StripSpace(std::string_view text) { return StripRight(StripLeft(text)); }

TextPreparation TextPreparation::Take(const schema::TextPreparation* rules, size_t max_tokens, Arena* arena) {
  TextPreparation made;
  if (rules == nullptr) return made;
  if (rules->prompt() != nullptr) made.prompt_ = {rules->prompt()->c_str(), rules->prompt()->size()};
  made.strip_ = rules->strip();
  made.lowercase_ = rules->lowercase();
  if (made.prompt_.empty() && !made.lowercase_) return made;
  // The prompt's lower case takes at most three times its bytes ("İ" becomes three of two).
  made.capacity_ = 3 * made.prompt_.size() + std::max(kMinBytes, kBytesPerToken * max_tokens);
  made.memory_ = arena->Take<uint8_t>(made.capacity_);
  return made;
}

std::string_view TextPreparation::Prepare(std::string_view text, bool* whole) {
  *whole = true;
  std::string_view prompt = prompt_;
  if (strip_) {
    prompt = StripLeft(prompt);
    if (prompt.empty()) text = StripLeft(text);
    text = StripRight(text);
    if (text.empty()) prompt = StripRight(prompt);
  }
  if (!rewrites()) return text;
  size_t size = 0;
  *whole = Append(prompt, &size) && Append(text, &size);
  return {reinterpret_cast<const char*>(memory_), size};
}

std::string_view TextPreparation::PreparePrompt() {
  bool whole = false;
  return Prepare({}, &whole);
}

// False where the memory ended before the text did; never in the middle of a character.
bool TextPreparation::Append(std::string_view text, size_t* size) {
  char32_t before = 0;
  for (size_t place = 0; place < text.size();) {
    const Utf8Char next = DecodeUtf8(text.data() + place, text.size() - place);
    place += next.length;
    unicode::Sequence lower{{next.code_point}, 1};
    if (lowercase_) {
      const unicode::Record& record = unicode::RecordOf(next.code_point);
      lower.units[0] = next.code_point + static_cast<char32_t>(record.lower_delta);
      if ((record.flags & unicode::kLowerSequence) != 0) lower = unicode::LowerSequence(next.code_point);
      // A capital sigma that ends a word has a form of its own.
      const char32_t behind =
          place < text.size() ? DecodeUtf8(text.data() + place, text.size() - place).code_point : U' ';
      if (next.code_point == U'\u03A3' && IsLetter(before) && !IsLetter(behind)) lower.units[0] = U'\u03C2';
    }
    before = next.code_point;
    for (uint32_t i = 0; i < lower.size; ++i) {
      if (capacity_ - *size < 4) return false;
      *size += EncodeUtf8(lower.units[i], memory_ + *size);
    }
  }
  return true;
}

}  // namespace pbert
