#include "converter/pbert/assemble.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/arena.h"
#include "converter/support/error.h"
#include "model/header.h"

namespace pbert::converter {

void SealMetadata(uint8_t* metadata, size_t data_offset) {
  const uint64_t checksum = MetadataChecksum(metadata, data_offset);
  const uint32_t words[2] = {static_cast<uint32_t>(checksum), static_cast<uint32_t>(checksum >> 32)};
  memcpy(metadata + offsetof(FileHeader, metadata_checksum), words, sizeof(words));
}

// A finished flatbuffer is a root offset, the identifier, and objects that refer to each other by
// distance. Everything behind the identifier can therefore move by any multiple of the largest scalar
// (4 bytes), as long as it moves as one and the root offset moves with it. It moves to byte 64 here,
// and the gap holds the rest of our header: stock flatbuffers tools still read the file.
std::vector<uint8_t> AssembleMetadata(const schema::ModelT& model, uint64_t data_size, uint64_t data_checksum,
                                      size_t room) {
  constexpr size_t kFlatbufferStart = sizeof(FileHeader::root_offset) + sizeof(FileHeader::identifier);
  constexpr size_t kGap = kHeaderSize - kFlatbufferStart;
  if (data_size % kDataAlignment != 0 || data_size / kDataAlignment > UINT32_MAX) {
    throw Error("tensor data: " + std::to_string(data_size) +
                " bytes: not a number of blocks that the format can hold");
  }
  flatbuffers::FlatBufferBuilder builder(1 << 20);
  builder.Finish(schema::Model::Pack(builder, &model), schema::ModelIdentifier());
  const uint8_t* objects = builder.GetBufferPointer() + kFlatbufferStart;
  const size_t objects_size = builder.GetSize() - kFlatbufferStart;

  const size_t data_offset = std::max(room, RoundUp(kHeaderSize + objects_size, kDataAlignment));
  if (data_offset > kMaxMetadataBytes) {
    throw Error("metadata: " + std::to_string(data_offset) + " bytes: more than the format's limit of " +
                std::to_string(kMaxMetadataBytes));
  }
  FileHeader header{};
  memcpy(&header, builder.GetBufferPointer(), kFlatbufferStart);
  header.root_offset += kGap;
  header.format_version = kFormatVersion;
  header.minimum_reader = kFormatVersion;
  header.data_offset = static_cast<uint32_t>(data_offset);
  header.data_blocks = static_cast<uint32_t>(data_size / kDataAlignment);
  header.data_checksum[0] = static_cast<uint32_t>(data_checksum);
  header.data_checksum[1] = static_cast<uint32_t>(data_checksum >> 32);

  std::vector<uint8_t> metadata(data_offset);
  memcpy(metadata.data(), &header, sizeof(header));
  memcpy(metadata.data() + kHeaderSize, objects, objects_size);
  SealMetadata(metadata.data(), data_offset);
  return metadata;
}

}  // namespace pbert::converter
