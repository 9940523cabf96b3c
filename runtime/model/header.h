// The first 64 bytes of a .pbert file, and the checksums kept there.
//
// A .pbert file is a flatbuffer (root offset, identifier "PBRT") whose first object starts at byte 64;
// flatbuffers allow such a gap, and ours holds what must be known before the flatbuffer may be trusted.
// Behind the metadata, from data_offset to the end of the file, lies the tensor data.
#ifndef POCKETBERT_MODEL_HEADER_H_
#define POCKETBERT_MODEL_HEADER_H_

#include <cstddef>
#include <cstdint>

#include "base/status.h"

namespace pbert {

inline constexpr uint32_t kFormatVersion = 2;          // what this library writes
inline constexpr uint32_t kOldestReadableVersion = 2;  // older files: "convert again"
inline constexpr size_t kHeaderSize = 64;
inline constexpr size_t kDataAlignment = 64;
inline constexpr uint32_t kMaxMetadataBytes = 64u << 20;  // header, tables and tokenizer; not the tensor data

// All little-endian. Reserved words are zero.
struct FileHeader {
  uint32_t root_offset;  // flatbuffers': from byte 0
  char identifier[4];    // "PBRT"
  uint32_t format_version;
  uint32_t minimum_reader;        // the oldest format version whose readers can read this file
  uint32_t data_offset;           // where metadata ends and tensor data starts; a multiple of 64
  uint32_t data_blocks;           // tensor data in units of 64 bytes; file size = data_offset + 64 * data_blocks
  uint32_t metadata_checksum[2];  // XXH64 (low word first) of bytes [0, data_offset) with these two words zero
  uint32_t data_checksum[2];      // XXH64 of the tensor data
  uint32_t reserved[6];
};
static_assert(sizeof(FileHeader) == kHeaderSize);

// Checks everything the header itself can tell against the file's size, and the metadata's checksum.
Status ReadHeader(const uint8_t* data, size_t size, FileHeader* header);

// The checksum to store in metadata_checksum for the `data_offset` bytes at `metadata`.
uint64_t MetadataChecksum(const uint8_t* metadata, size_t data_offset);

}  // namespace pbert

#endif  // POCKETBERT_MODEL_HEADER_H_
