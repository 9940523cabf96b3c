#include "tests/fuzz/model_bytes.h"

#include <algorithm>
#include <cstring>

#include "converter/pbert/assemble.h"
#include "model/header.h"

namespace pbert::fuzz {

void MendHeader(std::vector<uint8_t>* file) {
  if (file->size() < kHeaderSize + 2 * kDataAlignment) return;
  FileHeader header;
  memcpy(&header, file->data(), sizeof(header));
  memcpy(header.identifier, "PBRT", 4);
  header.format_version = header.minimum_reader = kFormatVersion;
  if (header.data_offset % kDataAlignment || header.data_offset <= kHeaderSize || header.data_offset > file->size()) {
    header.data_offset = static_cast<uint32_t>(file->size() / 2 / kDataAlignment * kDataAlignment);
    header.data_offset = std::max<uint32_t>(header.data_offset, kHeaderSize + kDataAlignment);
  }
  header.data_blocks = static_cast<uint32_t>((file->size() - header.data_offset) / kDataAlignment);
  file->resize(header.data_offset + kDataAlignment * header.data_blocks);
  memset(header.reserved, 0, sizeof(header.reserved));
  memcpy(file->data(), &header, sizeof(header));
  converter::SealMetadata(file->data(), header.data_offset);
}

bool TakeApart(std::span<const uint8_t> file, schema::ModelT* model, std::vector<uint8_t>* tensor_data) {
  std::vector<uint8_t> bytes(file.begin(), file.end());
  MendHeader(&bytes);
  FileHeader header;
  if (!ReadHeader(bytes.data(), bytes.size(), &header).ok()) return false;
  flatbuffers::Verifier::Options limits;
  limits.max_depth = 16;
  limits.max_tables = 20000;
  flatbuffers::Verifier verifier(bytes.data(), header.data_offset, limits);
  if (!schema::VerifyModelBuffer(verifier)) return false;
  schema::GetModel(bytes.data())->UnPackTo(model);
  tensor_data->assign(bytes.begin() + header.data_offset, bytes.end());
  return true;
}

}  // namespace pbert::fuzz
