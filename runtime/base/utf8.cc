#include "base/utf8.h"

namespace pbert {
namespace {

// What may follow a lead byte: how many continuation bytes, and the range of the first of them. The range keeps out
// overlong forms (E0, F0), surrogates (ED) and what lies beyond U+10FFFF (F4).
struct Lead {
  uint32_t continuations;
  uint8_t low, high;
};

Lead LeadOf(uint8_t byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {1, 0x80, 0xBF};
  if (byte >= 0xE0 && byte <= 0xEF) {
    return {2, static_cast<uint8_t>(byte == 0xE0 ? 0xA0 : 0x80), static_cast<uint8_t>(byte == 0xED ? 0x9F : 0xBF)};
  }
  if (byte >= 0xF0 && byte <= 0xF4) {
    return {3, static_cast<uint8_t>(byte == 0xF0 ? 0x90 : 0x80), static_cast<uint8_t>(byte == 0xF4 ? 0x8F : 0xBF)};
  }
  return {0, 0, 0};
}

}  // namespace

Utf8Char DecodeUtf8(const char* text, size_t size) {
  const auto byte_at = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte_at(0);
  if (first < 0x80) return {first, 1};
  const Lead lead = LeadOf(first);
  if (lead.continuations == 0) return {kReplacementCharacter, 1};
  char32_t code_point = first & (0x3F >> lead.continuations);
  uint8_t low = lead.low, high = lead.high;
  for (uint32_t i = 1; i <= lead.continuations; ++i) {
    if (i >= size || byte_at(i) < low || byte_at(i) > high) return {kReplacementCharacter, i};
    code_point = code_point << 6 | (byte_at(i) & 0x3F);
    low = 0x80;
    high = 0xBF;
  }
  return {code_point, lead.continuations + 1};
}

size_t WellFormedBytes(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const Utf8Char c = DecodeUtf8(text.data() + at, text.size() - at);
    // A U+FFFD that the text itself holds is EF BF BD; of ill-formed bytes that begin with EF at most two are read.
    if (c.code_point == kReplacementCharacter && !(c.length == 3 && text[at] == '\xEF')) break;
    at += c.length;
  }
  return at;
}

uint32_t EncodeUtf8(char32_t code_point, uint8_t* out) {
  if (code_point < 0x80) {
    out[0] = static_cast<uint8_t>(code_point);
    return 1;
  }
  const uint32_t continuations = code_point < 0x800 ? 1 : code_point < 0x10000 ? 2 : 3;
  for (uint32_t i = continuations; i > 0; --i) {
    out[i] = static_cast<uint8_t>(0x80 | (code_point & 0x3F));
    code_point >>= 6;
  }
  out[0] = static_cast<uint8_t>(0xF0 << (3 - continuations) | code_point);  // C0, E0 or F0
  return continuations + 1;
}

}  // namespace pbert
