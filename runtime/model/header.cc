#include "model/header.h"

#include <cstring>

#include "base/checksum.h"

namespace pbert {
namespace {

bool StartsWith(const uint8_t* data, size_t size, const char* prefix) {
  const size_t length = strlen(prefix);
  return size >= length && memcmp(data, prefix, length) == 0;
}

// People pass the file they have. What the first bytes reveal is worth a better answer than "damaged".
// Returns null when they say nothing.
const char* WhatElse(const uint8_t* data, size_t size) {
  if (StartsWith(data, size, "PK\3\4")) {
    return "this is a zip archive (a PyTorch checkpoint?): convert its directory with `pocketbert convert`";
  }
  if (StartsWith(data, size, "GGUF")) {
    return "this is a GGUF file of llama.cpp: convert the original Hugging Face checkpoint instead";
  }
  if (size >= 8 && memcmp(data + 4, "TFL3", 4) == 0) {
    return "this is a TensorFlow Lite model: convert the original Hugging Face checkpoint instead";
  }
  if (StartsWith(data, size, "version https://git-lfs")) {
    return "this is a Git LFS pointer, not the file itself: run `git lfs pull`";
  }
  // safetensors: the length of a JSON header in 8 bytes, then the header.
  if (size >= 10 && data[8] == '{' && data[9] == '"' && memcmp(data + 4, "\0\0\0\0", 4) == 0) {
    return "this is a safetensors checkpoint: convert its directory with `pocketbert convert`";
  }
  // ONNX: a protobuf whose first field is the small number ir_version, followed by the producer's name.
  if (size >= 3 && data[0] == 0x08 && data[1] < 32 && (data[2] == 0x12 || data[2] == 0x3A)) {
    return "this looks like an ONNX model: convert the original Hugging Face checkpoint instead";
  }
  if (StartsWith(data, size, "\x80\x02") || StartsWith(data, size, "\x80\x04")) {
    return "this is a Python pickle (an old PyTorch checkpoint?): convert its directory with `pocketbert convert`";
  }
  if (StartsWith(data, size, "{") || StartsWith(data, size, "<")) return "this is a text file";
  return nullptr;
}

uint64_t Join(const uint32_t words[2]) { return words[0] | static_cast<uint64_t>(words[1]) << 32; }

constexpr size_t kChecksumStart = offsetof(FileHeader, metadata_checksum);

}  // namespace

uint64_t MetadataChecksum(const uint8_t* metadata, size_t data_offset) {
  constexpr uint8_t kZeros[sizeof(FileHeader::metadata_checksum)] = {};
  constexpr size_t kBehind = kChecksumStart + sizeof(kZeros);
  Xxh64 hash;
  hash.Update(metadata, kChecksumStart);
  hash.Update(kZeros, sizeof(kZeros));
  hash.Update(metadata + kBehind, data_offset - kBehind);
  return hash.Finish();
}

Status ReadHeader(const uint8_t* data, size_t size, FileHeader* header) {
  if (size < 8 || memcmp(data + 4, "PBRT", 4) != 0) {
    const char* hint = WhatElse(data, size);
    return Status::Error(Code::kBadFile, "header: not a .pbert file%s%s", hint ? ": " : "", hint ? hint : "");
  }
  if (size < kHeaderSize) {
    return Status::Error(Code::kBadFile, "header: the file is cut off: %zu bytes, its header alone has %zu", size,
                         kHeaderSize);
  }
  FileHeader h;
  memcpy(&h, data, sizeof(h));

  if (h.minimum_reader == 0 || h.format_version < h.minimum_reader) {
    return Status::Error(Code::kBadFile, "header: format version %u for readers from %u on: damaged", h.format_version,
                         h.minimum_reader);
  }
  if (h.minimum_reader > kFormatVersion) {
    return Status::Error(Code::kUnsupported,
                         "header: made by a newer pocketbert (format version %u; this one reads up to %u): update "
                         "pocketbert, or convert the checkpoint again with this one",
                         h.format_version, kFormatVersion);
  }
  if (h.format_version < kOldestReadableVersion) {
    return Status::Error(Code::kUnsupported,
                         "header: made by an older pocketbert (format version %u; this one reads from %u on): convert "
                         "the checkpoint again",
                         h.format_version, kOldestReadableVersion);
  }

  // Before any offset is used it must be known to lie in the file.
  if (h.data_offset % kDataAlignment != 0 || h.data_offset <= kHeaderSize) {
    return Status::Error(Code::kBadFile, "header: metadata of %u bytes: must be more than %zu and a multiple of %zu",
                         h.data_offset, kHeaderSize, kDataAlignment);
  }
  if (h.data_offset > kMaxMetadataBytes) {
    return Status::Error(Code::kBadFile, "header: metadata of %u bytes: more than the limit of %u", h.data_offset,
                         kMaxMetadataBytes);
  }
  const uint64_t expected = h.data_offset + uint64_t{kDataAlignment} * h.data_blocks;
  if (expected != size) {
    return Status::Error(Code::kBadFile, "header: the file has %zu bytes and should have %llu: %s", size,
                         static_cast<unsigned long long>(expected),
                         size < expected ? "it is cut off" : "something was appended, or its header is damaged");
  }
  for (uint32_t word : h.reserved) {
    if (word != 0) return Status::Error(Code::kBadFile, "header: a reserved word is not zero");
  }
  if (h.root_offset < kHeaderSize || h.root_offset > h.data_offset - 4 || h.root_offset % 4 != 0) {
    return Status::Error(Code::kBadFile, "header: root table at byte %u of %u", h.root_offset, h.data_offset);
  }
  if (MetadataChecksum(data, h.data_offset) != Join(h.metadata_checksum)) {
    return Status::Error(Code::kBadFile, "header: the metadata's checksum does not match: the file is damaged");
  }
  *header = h;
  return Status();
}

}  // namespace pbert
