#include "model/header.h"

#include <doctest/doctest.h>

#include <cstring>
#include <functional>
#include <string>

#include "tests/support/tiny_file.h"

namespace pbert {
namespace {

using test::TinyFile;

Status Read(const std::vector<uint8_t>& bytes) {
  const test::Placed placed(bytes, 4);
  FileHeader header;
  return ReadHeader(placed.data(), placed.size(), &header);
}

std::vector<uint8_t> Text(const char* text, size_t length) {
  std::vector<uint8_t> bytes(text, text + length);
  bytes.resize(200);
  return bytes;
}

TEST_CASE("the header of a good file") {
  const std::vector<uint8_t> bytes = TinyFile().Bytes();
  FileHeader header;
  REQUIRE(ReadHeader(bytes.data(), bytes.size(), &header).ok());
  CHECK(memcmp(header.identifier, "PBRT", 4) == 0);
  CHECK(header.format_version == kFormatVersion);
  CHECK(header.data_offset % kDataAlignment == 0);
  CHECK(header.data_offset + kDataAlignment * header.data_blocks == bytes.size());
  CHECK(bytes.size() % kDataAlignment == 0);
}

TEST_CASE("the metadata's checksum leaves out itself and nothing else") {
  std::vector<uint8_t> bytes = TinyFile().Bytes();
  FileHeader header;
  REQUIRE(ReadHeader(bytes.data(), bytes.size(), &header).ok());
  const uint64_t checksum = MetadataChecksum(bytes.data(), header.data_offset);
  for (size_t i = 0; i < header.data_offset; ++i) {
    bytes[i] ^= 0x10;
    const bool own = i >= 24 && i < 32;
    CHECK((MetadataChecksum(bytes.data(), header.data_offset) == checksum) == own);
    bytes[i] ^= 0x10;
  }
  // As FORMAT.md defines it: XXH64 of the section with those eight bytes zero.
  memset(bytes.data() + 24, 0, 8);
  CHECK(Checksum64(bytes.data(), header.data_offset) == checksum);
}

TEST_CASE("what is not a .pbert file is recognized where possible") {
  const struct {
    std::vector<uint8_t> bytes;
    std::string words;
  } cases[] = {
      {Text("PK\3\4\0\0", 6), "zip archive"},
      {Text("GGUF\3\0\0\0", 8), "GGUF"},
      {Text("\x1C\0\0\0TFL3", 8), "TensorFlow Lite"},
      {Text("version https://git-lfs.github.com/spec/v1\noid sha256:", 54), "git lfs pull"},
      {Text("\x40\x10\0\0\0\0\0\0{\"__metadata__\"", 23), "safetensors"},
      {Text("\x08\x07\x12\x07pytorch", 11), "ONNX"},
      {Text("\x80\x02\x8A\x0A", 4), "pickle"},
      {Text("{\"model_type\": \"bert\"}", 22), "text file"},
      {Text("\x7F"
            "ELF",
            4),
       "not a .pbert file"},
      {{}, "not a .pbert file"},
      {{'P', 'B', 'R', 'T'}, "not a .pbert file"},
  };
  for (const auto& c : cases) {
    const Status status = Read(c.bytes);
    CAPTURE(c.words);
    CHECK(status.code() == Code::kBadFile);
    CHECK_MESSAGE(strstr(status.message(), "not a .pbert file") != nullptr, std::string(status.message()));
    CHECK_MESSAGE(strstr(status.message(), c.words.c_str()) != nullptr, std::string(status.message()));
  }
}

// Each changes one word of a good header; the checksum is made right again, so that the word itself
// must be what is refused.
TEST_CASE("every word of the header is checked, in words that help") {
  const struct {
    std::string name;
    std::function<void(FileHeader*)> change;
    Code code;
    std::string words;
  } cases[] = {
      {"newer", [](FileHeader* h) { h->format_version = h->minimum_reader = 7; }, Code::kUnsupported,
       "made by a newer pocketbert (format version 7; this one reads up to 2)"},
      {"newer advice", [](FileHeader* h) { h->format_version = h->minimum_reader = 7; }, Code::kUnsupported,
       "convert the checkpoint again"},
      // Weights in rows, Q, K and V in one matrix.
      {"version 1", [](FileHeader* h) { h->format_version = h->minimum_reader = 1; }, Code::kUnsupported,
       "made by an older pocketbert (format version 1; this one reads from 2 on): convert the checkpoint again"},
      {"version 0", [](FileHeader* h) { h->format_version = 0; }, Code::kBadFile, "format version 0"},
      {"reader 0", [](FileHeader* h) { h->minimum_reader = 0; }, Code::kBadFile, "readers from 0"},
      {"reader above version", [](FileHeader* h) { h->minimum_reader = 3; }, Code::kBadFile, "damaged"},
      {"data offset unaligned", [](FileHeader* h) { h->data_offset += 4; }, Code::kBadFile, "multiple of 64"},
      {"data offset zero", [](FileHeader* h) { h->data_offset = 0; }, Code::kBadFile, "must be more than 64"},
      {"data offset header", [](FileHeader* h) { h->data_offset = 64; }, Code::kBadFile, "must be more than 64"},
      {"data offset huge", [](FileHeader* h) { h->data_offset = 0xFFFFFFC0u; }, Code::kBadFile, "more than the limit"},
      {"data offset beyond", [](FileHeader* h) { h->data_offset = 1u << 20; }, Code::kBadFile, "should have"},
      {"data blocks more", [](FileHeader* h) { h->data_blocks += 1; }, Code::kBadFile, "it is cut off"},
      {"data blocks fewer", [](FileHeader* h) { h->data_blocks -= 1; }, Code::kBadFile, "something was appended"},
      {"data blocks wrapping", [](FileHeader* h) { h->data_blocks += 1u << 26; }, Code::kBadFile, "should have"},
      {"data blocks most", [](FileHeader* h) { h->data_blocks = 0xFFFFFFFFu; }, Code::kBadFile, "should have"},
      {"root in the header", [](FileHeader* h) { h->root_offset = 60; }, Code::kBadFile, "root table at byte 60"},
      {"root unaligned", [](FileHeader* h) { h->root_offset += 2; }, Code::kBadFile, "root table"},
      {"root beyond", [](FileHeader* h) { h->root_offset = h->data_offset; }, Code::kBadFile, "root table"},
      {"root most", [](FileHeader* h) { h->root_offset = 0xFFFFFFFCu; }, Code::kBadFile, "root table"},
      {"reserved first", [](FileHeader* h) { h->reserved[0] = 1; }, Code::kBadFile, "reserved word"},
      {"reserved last", [](FileHeader* h) { h->reserved[5] = 1; }, Code::kBadFile, "reserved word"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    std::vector<uint8_t> bytes = TinyFile().Bytes();
    FileHeader header;
    memcpy(&header, bytes.data(), sizeof(header));
    const uint32_t sealed = header.data_offset;
    c.change(&header);
    memcpy(bytes.data(), &header, sizeof(header));
    converter::SealMetadata(bytes.data(), sealed);
    const Status status = Read(bytes);
    CHECK(status.code() == c.code);
    CHECK_MESSAGE(strstr(status.message(), c.words.c_str()) != nullptr, std::string(status.message()));
  }
}

TEST_CASE("a newer file that says old readers can read it is read") {
  std::vector<uint8_t> bytes = TinyFile().Bytes();
  FileHeader header;
  memcpy(&header, bytes.data(), sizeof(header));
  header.format_version = 9;
  memcpy(bytes.data(), &header, sizeof(header));
  converter::SealMetadata(bytes.data(), header.data_offset);
  CHECK(Read(bytes).ok());
}

TEST_CASE("a wrong checksum is an error of its own") {
  std::vector<uint8_t> bytes = TinyFile().Bytes();
  bytes[100] ^= 1;
  CHECK(strstr(Read(bytes).message(), "checksum does not match") != nullptr);
}

}  // namespace
}  // namespace pbert
