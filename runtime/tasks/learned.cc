#include "tasks/learned.h"

#include <cmath>
#include <cstring>

#include "base/checksum.h"
#include "base/port.h"
#include "base/port_file.h"
#include "base/utf8.h"

namespace pbert {

// Of a file of learned labels: little-endian words. `model` is what the labels were learned on: the checksums of its
// metadata and of its tensor data.
struct LearnedLabels::Header {
  char identifier[4];  // "PBLL"
  uint32_t version;    // 1
  uint32_t model[4];
  uint32_t dimensions;
  uint32_t count;
  uint32_t checksum[2];  // XXH64 of all that follows
  uint32_t reserved[6];  // 0
};

namespace {

constexpr char kIdentifier[4] = {'P', 'B', 'L', 'L'};

void ModelWords(const Model& model, uint32_t* words) {
  const FileHeader& header = model.header();
  memcpy(words, header.metadata_checksum, 2 * sizeof(uint32_t));
  memcpy(words + 2, header.data_checksum, 2 * sizeof(uint32_t));
}

}  // namespace

LearnedLabels LearnedLabels::Take(const Model& model, size_t dimensions, size_t most, Arena* arena) {
  static_assert(sizeof(Header) == 64 && sizeof(Entry) % sizeof(float) == 0);
  LearnedLabels taken;
  if (most == 0) return taken;
  taken.model_ = &model;
  taken.dimensions_ = dimensions;
  taken.most_ = most;
  taken.image_ = arena->Take<uint8_t>(taken.Bytes(most));
  if (taken.image_ == nullptr) return taken;
  Header header = {};
  memcpy(header.identifier, kIdentifier, sizeof(kIdentifier));
  header.version = 1;
  ModelWords(model, header.model);
  header.dimensions = static_cast<uint32_t>(dimensions);
  memcpy(taken.image_, &header, sizeof(header));
  return taken;
}

size_t LearnedLabels::Bytes(size_t count) const { return sizeof(Header) + count * EntryBytes(); }

size_t LearnedLabels::count() const { return image_ == nullptr ? 0 : header()->count; }

const float* LearnedLabels::mean(size_t index) const {
  return reinterpret_cast<const float*>(entry(index) + sizeof(Entry));
}

const char* LearnedLabels::name(size_t index) const { return reinterpret_cast<const Entry*>(entry(index))->name; }

size_t LearnedLabels::Find(std::string_view wanted) const {
  size_t index = 0;
  while (index < count() && wanted != name(index)) ++index;
  return index;
}

Status LearnedLabels::Set(std::string_view label, const float* mean, uint32_t sentences) {
  const size_t index = Find(label);
  if (index == most_) {
    return Status::Error(Code::kNoMemory,
                         "learn: this session has room for %zu learned labels (pbert_session_options.learned)", most_);
  }
  Entry made = {.sentences = sentences, .name = {}};
  memcpy(made.name, label.data(), label.size());
  memcpy(entry(index), &made, sizeof(made));
  memcpy(entry(index) + sizeof(Entry), mean, dimensions_ * sizeof(float));
  if (index == count()) ++header()->count;
  return Status();
}

void LearnedLabels::Remove(size_t index) {
  memmove(entry(index), entry(index + 1), (count() - index - 1) * EntryBytes());
  --header()->count;
}

Status LearnedLabels::Save(const char* path) const {
  const size_t size = Bytes(count());
  const uint64_t checksum = Checksum64(image_ + sizeof(Header), size - sizeof(Header));
  header()->checksum[0] = static_cast<uint32_t>(checksum);
  header()->checksum[1] = static_cast<uint32_t>(checksum >> 32);
  return ReplaceFile(path, image_, size);
}

Status LearnedLabels::Load(const char* path) {
  FileMapping file;
  PBERT_RETURN_IF_ERROR(MapFile(path, &file));
  const auto check = [&]() -> Status {
    Header found;
    if (file.size < sizeof(found)) return Status::Error(Code::kBadFile, "no file of learned labels: it is too short");
    memcpy(&found, file.data, sizeof(found));
    if (memcmp(found.identifier, kIdentifier, sizeof(kIdentifier)) != 0 || found.version != 1) {
      return Status::Error(Code::kBadFile, "no file of learned labels that this version reads");
    }
    if (found.dimensions != dimensions_ || memcmp(found.model, header()->model, sizeof(found.model)) != 0) {
      return Status::Error(Code::kBadFile, "its labels were learned on another model: learn them again");
    }
    if (found.count > most_) {
      return Status::Error(Code::kNoMemory,
                           "it has %u labels, and this session room for %zu (pbert_session_options.learned)",
                           found.count, most_);
    }
    if (file.size != Bytes(found.count)) return Status::Error(Code::kBadFile, "its size is not that of its labels");
    const uint64_t checksum = Checksum64(file.data + sizeof(found), file.size - sizeof(found));
    if (found.checksum[0] != static_cast<uint32_t>(checksum) ||
        found.checksum[1] != static_cast<uint32_t>(checksum >> 32)) {
      return Status::Error(Code::kBadFile, "the checksum does not match: the file is damaged");
    }
    for (size_t i = 0; i < found.count; ++i) {
      Entry entry;
      memcpy(&entry, file.data + Bytes(i), sizeof(entry));
      const void* const end = memchr(entry.name, '\0', sizeof(entry.name));
      if (end == nullptr || end == entry.name || !IsUtf8(entry.name)) {
        return Status::Error(Code::kBadFile, "label %zu: its name is no text", i);
      }
      for (size_t d = 0; d < dimensions_; ++d) {
        float value;
        memcpy(&value, file.data + Bytes(i) + sizeof(entry) + d * sizeof(value), sizeof(value));
        if (!std::isfinite(value)) return Status::Error(Code::kBadFile, "label %zu: a number that is not finite", i);
      }
    }
    return Status();
  };
  const Status status = check();
  if (status.ok()) memcpy(image_, file.data, file.size);
  Unmap(file.mapping, file.mapping_size);
  return status.ok() ? status : ErrorAt(path, status);
}

}  // namespace pbert
