#include "base/checksum.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace pbert {
namespace {

// Expected values are those of the reference implementation (PyPI xxhash 4.1.0, xxHash 0.8.4) on Bytes(n).
std::vector<uint8_t> Bytes(size_t size) {
  std::vector<uint8_t> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(static_cast<uint32_t>(i) * 2654435761u >> 24);
  return bytes;
}

// Lengths around every boundary of the algorithm: 1, 4, 8 and 32 bytes, and none at all.
const struct {
  size_t size;
  uint64_t hash;
} kVectors[] = {
    {0, 0xEF46DB3751D8E999u},    {1, 0xE934A84ADB052768u},    {2, 0xB44DF1BB1534E192u},     {3, 0xA9CF36B41F9E7D09u},
    {4, 0x435F59A33B7EB3D1u},    {5, 0x75EF30AEAC8470BAu},    {7, 0x651C1BB8102D53EAu},     {8, 0x538CAC3B18F9EF8Eu},
    {9, 0x8205BFAA3589D37Eu},    {11, 0x62FF826ACEC61FB0u},   {12, 0x52B6AFE426C692FFu},    {13, 0x233EF74E53E89530u},
    {15, 0x241184D4482FF811u},   {16, 0x2B72A043E551FE02u},   {17, 0xB4EC706896CCAB83u},    {23, 0xDFE3841FA5F5B125u},
    {24, 0x4BE3A2272F7FC772u},   {28, 0xCEA535EBC7076314u},   {31, 0x4071DD1310FA5DA9u},    {32, 0x13EE8A64346F0691u},
    {33, 0xF75619499E2E2E99u},   {36, 0xCD7B59A4431D8F19u},   {39, 0x159855D5E6307895u},    {40, 0xF4104B616A9D9F92u},
    {47, 0xD42C869AA6691D68u},   {63, 0x63A89BD4F10C9D1Eu},   {64, 0xFB24D94DE825912Fu},    {65, 0xB853730901E1DAEEu},
    {71, 0x2FC6AB8FD672BCF0u},   {95, 0xDDE958A40478A043u},   {96, 0xBAACCEBD67C9F947u},    {97, 0x857D60C623F07E54u},
    {127, 0x4D653071E9ED353Au},  {128, 0xDAA58C0AB1409B40u},  {255, 0x7F88A9E586B17063u},   {256, 0x6EA2794EDBC12721u},
    {1000, 0x8420ADDB9882CC1Bu}, {4096, 0xA591D40F991BF106u}, {65537, 0x8A69041351B640E4u},
};

TEST_CASE("XXH64 of known texts") {
  CHECK(Checksum64("", 0) == 0xEF46DB3751D8E999u);
  CHECK(Checksum64(nullptr, 0) == 0xEF46DB3751D8E999u);
  CHECK(Checksum64("a", 1) == 0xD24EC4F1A98C6E5Bu);
  CHECK(Checksum64("abc", 3) == 0x44BC2CF5AD770999u);
  CHECK(Checksum64("xxhash", 6) == 0x32DD38952C4BC720u);
  CHECK(Checksum64("Nobody inspects the spammish repetition", 39) == 0xFBCEA83C8A378BF1u);
}

TEST_CASE("XXH64 of the reference implementation's vectors") {
  for (const auto& vector : kVectors) {
    CAPTURE(vector.size);
    CHECK(Checksum64(Bytes(vector.size).data(), vector.size) == vector.hash);
  }
}

TEST_CASE("XXH64 does not depend on the address") {
  std::vector<uint8_t> room(1000 + 16);
  for (size_t shift = 0; shift < 16; ++shift) {
    memcpy(room.data() + shift, Bytes(1000).data(), 1000);
    CHECK(Checksum64(room.data() + shift, 1000) == 0x8420ADDB9882CC1Bu);
  }
}

TEST_CASE("XXH64 in pieces equals XXH64 at once") {
  const std::vector<uint8_t> bytes = Bytes(1000);
  for (size_t step : {1, 3, 7, 8, 31, 32, 33, 64, 100, 999}) {
    Xxh64 hash;
    for (size_t i = 0; i < bytes.size(); i += step) {
      hash.Update(bytes.data() + i, std::min(step, bytes.size() - i));
      hash.Update(nullptr, 0);
    }
    CAPTURE(step);
    CHECK(hash.Finish() == 0x8420ADDB9882CC1Bu);
    CHECK(hash.Finish() == 0x8420ADDB9882CC1Bu);  // finishing changes nothing
  }
  for (size_t cut = 0; cut <= 100; ++cut) {
    Xxh64 hash;
    hash.Update(bytes.data(), cut);
    hash.Update(bytes.data() + cut, 128 - cut);
    CHECK(hash.Finish() == 0xDAA58C0AB1409B40u);
  }
}

TEST_CASE("XXH64 sees every single changed bit") {
  std::vector<uint8_t> bytes = Bytes(97);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    CHECK(Checksum64(bytes.data(), bytes.size()) != 0x857D60C623F07E54u);
    bytes[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
  }
}

}  // namespace
}  // namespace pbert
