// What happens to a file between two machines, done to the tiny one exhaustively. The memory it lies
// in has exactly its size, so the address sanitizer sees any reading beyond it.

#include <doctest/doctest.h>

#include <cstring>
#include <iterator>
#include <string>

#include "tests/support/tiny_file.h"

namespace pbert {
namespace {

using test::Placed;
using test::TinyFile;

constexpr uint8_t kPatterns[] = {0x01, 0x02, 0x10, 0x40, 0x80, 0x55, 0xFF};

uint32_t DataOffset(const std::vector<uint8_t>& bytes) {
  FileHeader header;
  memcpy(&header, bytes.data(), sizeof(header));
  return header.data_offset;
}

Status Open(const Placed& placed, bool verify_data = false) {
  std::unique_ptr<Model> model;
  const Status status = Model::OpenMemory(placed.data(), placed.size(), {.verify_data = verify_data}, &model);
  CHECK((model != nullptr) == status.ok());
  if (status.ok()) test::ReadEverything(*model);
  if (!status.ok()) CHECK(status.message()[0] != '\0');
  return status;
}

TEST_CASE("every truncation is an error") {
  const std::vector<uint8_t> bytes = TinyFile().Bytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const Placed placed(std::vector<uint8_t>(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size)), 4);
    const Status status = Open(placed);
    REQUIRE_MESSAGE(status.code() == Code::kBadFile, size, " bytes: ", std::string(status.message()));
  }
}

TEST_CASE("every appended byte is an error") {
  for (size_t more : {1, 4, 63, 64, 4096}) {
    std::vector<uint8_t> bytes = TinyFile().Bytes();
    bytes.resize(bytes.size() + more);
    CHECK(Open(Placed(bytes, 0)).code() == Code::kBadFile);
  }
}

TEST_CASE("every flipped byte outside the tensor data is an error") {
  const std::vector<uint8_t> bytes = TinyFile().Bytes();
  const Placed placed(bytes, 20);
  for (size_t i = 0; i < DataOffset(bytes); ++i) {
    for (uint8_t pattern : kPatterns) {
      placed.data()[i] ^= pattern;
      const Status status = Open(placed);
      REQUIRE_MESSAGE(!status.ok(), "byte ", i, " ^ ", static_cast<int>(pattern));
      placed.data()[i] ^= pattern;
    }
  }
  CHECK(Open(placed).ok());
}

TEST_CASE("every flipped byte of tensor data opens or is an error, and the data's checksum sees it") {
  const std::vector<uint8_t> bytes = TinyFile().Bytes();
  const Placed placed(bytes, 20);
  size_t opened = 0, refused = 0;
  for (size_t i = DataOffset(bytes); i < bytes.size(); ++i) {
    for (uint8_t pattern : kPatterns) {
      placed.data()[i] ^= pattern;
      ++(Open(placed).ok() ? opened : refused);
      REQUIRE_FALSE(Open(placed, true).ok());
      placed.data()[i] ^= pattern;
    }
  }
  CHECK(opened > 0);   // weights are not looked at
  CHECK(refused > 0);  // scales, norms and biases are
  CHECK(Open(placed, true).ok());
}

// Not an accident but a forgery, or a bug in a writer: the checksum is right and the flatbuffer is not.
// Whatever passes the verifier and the validator must be safe to read.
TEST_CASE("every changed byte of metadata under a recomputed checksum opens safely or is an error") {
  const std::vector<uint8_t> bytes = TinyFile().Bytes();
  const uint32_t data_offset = DataOffset(bytes);
  const Placed placed(bytes, 60);
  size_t opened = 0, refused = 0;
  for (size_t i = kHeaderSize; i < data_offset; ++i) {
    for (uint8_t pattern : kPatterns) {
      placed.data()[i] ^= pattern;
      converter::SealMetadata(placed.data(), data_offset);
      ++(Open(placed).ok() ? opened : refused);
      placed.data()[i] ^= pattern;
    }
  }
  CHECK(opened > 0);
  CHECK(refused > 100);
}

TEST_CASE("random words in the metadata under a recomputed checksum open safely or are an error") {
  const std::vector<uint8_t> bytes = TinyFile().Bytes();
  const uint32_t data_offset = DataOffset(bytes);
  constexpr uint32_t kWords[] = {0, 1, 4, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu, 0xFFFFFFF0u, 0x00FF00FFu};
  uint32_t seed = 7;
  const auto next = [&seed] { return (seed = seed * 1664525u + 1013904223u) >> 8; };
  const Placed placed(bytes, 4);
  for (int round = 0; round < 20000; ++round) {
    memcpy(placed.data(), bytes.data(), data_offset);
    for (uint32_t changes = 1 + next() % 3; changes > 0; --changes) {
      const uint32_t place = static_cast<uint32_t>(kHeaderSize) + next() % (data_offset - kHeaderSize - 4) / 2 * 2;
      const uint32_t word = next() % 4 == 0 ? next() : kWords[next() % std::size(kWords)];
      memcpy(placed.data() + place, &word, next() % 2 == 0 ? 4 : 2);
    }
    converter::SealMetadata(placed.data(), data_offset);
    (void)Open(placed);
  }
}

}  // namespace
}  // namespace pbert
