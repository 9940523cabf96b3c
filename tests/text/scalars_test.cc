// Every Unicode scalar value, alone and between letters, against the reference: sums recorded by make_goldens.py.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string>
#include <vector>

#include "tests/text/prepared_fixture.h"
#include "tests/text/tokenizer_fixture.h"

namespace pbert::test {
namespace {

constexpr char32_t kBlock = 4096;

uint32_t Crc32(std::string_view bytes) {
  static const std::array<uint32_t, 256> table = [] {
    std::array<uint32_t, 256> made{};
    for (uint32_t i = 0; i < 256; ++i) {
      made[i] = i;
      for (int bit = 0; bit < 8; ++bit) made[i] = made[i] >> 1 ^ (made[i] & 1 ? 0xEDB88320u : 0);
    }
    return made;
  }();
  uint32_t crc = ~0u;
  for (char byte : bytes) crc = crc >> 8 ^ table[(crc ^ static_cast<uint8_t>(byte)) & 0xFF];
  return ~crc;
}

// digest() of make_goldens.py: the sum of the words of a text of 4096 scalar values, each between `before` and `after`.
uint32_t Digest(const NormalizerFlags& flags, char32_t first, const std::string& before, const std::string& after) {
  std::string text;
  for (char32_t c = first; c < first + kBlock; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    uint8_t bytes[4];
    const uint32_t length = EncodeUtf8(c, bytes);
    text.append(before).append(reinterpret_cast<const char*>(bytes), length).append(after);
  }
  struct Found {
    std::string bytes;
    uint32_t begin, end;
  };
  std::vector<Found> words;
  WalkSteps(StepList(flags), text, [&](const PreChar& c) {
    if (c.first) words.push_back({"", c.c.begin, 0});
    uint8_t bytes[4];
    words.back().bytes.append(reinterpret_cast<const char*>(bytes), EncodeUtf8(c.c.code_point, bytes));
    words.back().end = c.c.end;
  });
  OffsetCursor begins(text), ends(text);
  std::string record;
  for (const Found& word : words) {
    record += word.bytes + '\x1f' + std::to_string(begins.At(word.begin).code_points) + ',' +
              std::to_string(ends.At(word.end).code_points) + '\x1e';
  }
  return Crc32(record);
}

TEST_CASE("all 1,112,064 scalar values, alone and between letters, become what the reference makes of them") {
  CHECK(Crc32("123456789") == 0xCBF43926);  // the check value of CRC-32's definition
  constexpr NormalizerFlags kConfigurations[] = {
      {.clean_text = true, .space_cjk = true, .strip_accents = true, .lowercase = true},
      {.clean_text = true, .space_cjk = true, .strip_accents = false, .lowercase = false},
      {.clean_text = false, .space_cjk = false, .strip_accents = false, .lowercase = true}};
  size_t blocks = 0;
  for (const std::string& line : ReadLines(POCKETBERT_TESTS_DIR "/golden/tokenizers/scalars.txt")) {
    std::istringstream fields(line);
    uint32_t first, expected;
    fields >> std::hex >> first;
    for (const NormalizerFlags& flags : kConfigurations) {
      for (const char* before : {"", "a"}) {
        fields >> expected;
        const uint32_t sum = Digest(flags, first, before, *before == '\0' ? " " : "b ");
        CHECK_MESSAGE(sum == expected, "from U+", std::hex, first, " clean_text ", flags.clean_text, " strip_accents ",
                      flags.strip_accents, before);
      }
    }
    REQUIRE(fields);
    ++blocks;
  }
  CHECK(blocks == (0x110000 - 0x800) / kBlock + 1);  // the block of the surrogates has scalar values in its first half
}

}  // namespace
}  // namespace pbert::test
