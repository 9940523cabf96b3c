#include "converter/checkpoint/pytorch_file.h"

#include <string_view>

#include "converter/checkpoint/tensor_reading.h"
#include "converter/checkpoint/unpickler.h"
#include "converter/support/error.h"

#ifdef POCKETBERT_HAVE_LIBZIP
#include <zip.h>
#endif

namespace pbert::converter {
namespace {

constexpr uint64_t kLargestPickle = 16u << 20;  // a few hundred bytes for each tensor

struct StorageType {
  const char* storage;  // torch's name
  const char* type;     // safetensors' name, which messages use
  uint32_t bytes;
  bool is_float;
};

constexpr StorageType kStorageTypes[] = {{"FloatStorage", "F32", 4, true},     {"HalfStorage", "F16", 2, true},
                                         {"BFloat16Storage", "BF16", 2, true}, {"DoubleStorage", "F64", 8, true},
                                         {"LongStorage", "I64", 8, false},     {"IntStorage", "I32", 4, false},
                                         {"ShortStorage", "I16", 2, false},    {"CharStorage", "I8", 1, false},
                                         {"ByteStorage", "U8", 1, false},      {"BoolStorage", "BOOL", 1, false}};

const StorageType* FindStorageType(const std::string& storage) {
  for (const StorageType& type : kStorageTypes) {
    if (storage == type.storage) return &type;
  }
  return nullptr;
}

// Elements of a shape whose rows lie one behind the other; false where they do not, or where there are too many.
bool ContiguousElements(const PickledTensor& tensor, uint64_t most, uint64_t* elements) {
  *elements = 1;
  for (size_t i = tensor.shape.size(); i > 0; --i) {
    const uint64_t size = tensor.shape[i - 1];
    if (size != 1 && tensor.strides[i - 1] != *elements) return false;
    if (size != 0 && *elements > most / size) return false;
    *elements *= size;
  }
  return true;
}

}  // namespace

#ifdef POCKETBERT_HAVE_LIBZIP

// The archive, and the entry that is being read.
class PyTorchFile::Archive {
 public:
  explicit Archive(const std::filesystem::path& path) : name_(path.string()) {
    int error = 0;
    archive_ = zip_open(path.c_str(), ZIP_RDONLY, &error);
    if (archive_ == nullptr) throw Error(name_ + ": not a PyTorch checkpoint: " + WhatItIs(path));
  }
  ~Archive() {
    CloseEntry();
    zip_discard(archive_);
  }
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  // "pytorch_model/", under which everything is.
  std::string FindRoot() const {
    for (zip_int64_t i = 0; i < zip_get_num_entries(archive_, 0); ++i) {
      const char* entry = zip_get_name(archive_, static_cast<zip_uint64_t>(i), 0);
      const std::string name = entry == nullptr ? "" : entry;
      if (name.ends_with("/constants.pkl")) {
        throw Error(name_ +
                    ": a TorchScript program, not a checkpoint; convert the directory that save_pretrained wrote");
      }
      if (name == "data.pkl" || name.ends_with("/data.pkl")) return name.substr(0, name.size() - 8);
    }
    throw Error(name_ + ": a zip archive without a data.pkl: not a PyTorch checkpoint");
  }

  // The entry's size. Throws unless it is stored as it is.
  uint64_t Stat(const std::string& entry) const {
    zip_stat_t stat;
    if (zip_stat(archive_, entry.c_str(), 0, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0) {
      throw Error(name_ + ": " + entry + " is missing from the archive");
    }
    const bool stored = (stat.valid & ZIP_STAT_COMP_METHOD) != 0 && stat.comp_method == ZIP_CM_STORE;
    if (!stored)
      throw Error(name_ + ": " + entry + " is compressed; torch.save does not do that: save the model again");
    // libzip reads a stored entry whose two sizes differ past what it has.
    if ((stat.valid & ZIP_STAT_COMP_SIZE) == 0 || stat.comp_size != stat.size) {
      throw Error(name_ + ": " + entry + " is stored and should have " + std::to_string(stat.size) +
                  " bytes, but has " + std::to_string(stat.comp_size) + ": the archive is damaged");
    }
    return stat.size;
  }
  bool Has(const std::string& entry) const { return zip_name_locate(archive_, entry.c_str(), 0) >= 0; }

  // Of an entry whose Stat has been asked for.
  void Read(const std::string& entry, uint64_t offset, void* buffer, size_t bytes) {
    if (bytes == 0) return;  // libzip cannot seek in an empty entry
    if (file_ == nullptr || entry != entry_) {
      CloseEntry();
      file_ = zip_fopen(archive_, entry.c_str(), 0);
      entry_ = entry;
    }
    if (file_ == nullptr || zip_fseek(file_, static_cast<zip_int64_t>(offset), SEEK_SET) != 0 ||
        zip_fread(file_, buffer, bytes) != static_cast<zip_int64_t>(bytes)) {
      throw Error(name_ + ": " + entry + " cannot be read: the archive is damaged or truncated");
    }
  }

 private:
  static std::string WhatItIs(const std::filesystem::path& path) {
    InputFile file(path);
    unsigned char start[2] = {};
    if (file.size() >= sizeof(start)) file.ReadAt(0, start, sizeof(start));
    // A bare pickle: the format of before PyTorch 1.6.
    if (start[0] == 0x80) {
      return "it is in the format of before PyTorch 1.6; load it once and save it again with save_pretrained";
    }
    return "not a zip archive, or truncated";
  }
  void CloseEntry() {
    if (file_ != nullptr) zip_fclose(file_);
    file_ = nullptr;
  }

  std::string name_;
  zip_t* archive_ = nullptr;
  zip_file_t* file_ = nullptr;
  std::string entry_;
};

#else

class PyTorchFile::Archive {
 public:
  explicit Archive(const std::filesystem::path& path) {
    throw Error(path.string() +
                ": this build cannot read PyTorch's format (it was made without libzip); save the model "
                "with save_pretrained, which writes model.safetensors");
  }
  std::string FindRoot() const { return ""; }
  uint64_t Stat(const std::string&) const { return 0; }
  bool Has(const std::string&) const { return false; }
  void Read(const std::string&, uint64_t, void*, size_t) {}
};

#endif

PyTorchFile::PyTorchFile(const std::filesystem::path& path)
    : archive_(std::make_unique<Archive>(path)), file_(path), name_(path.string()) {
  const std::string root = archive_->FindRoot();
  if (archive_->Has(root + "byteorder")) {
    char order[6] = {};
    if (archive_->Stat(root + "byteorder") != sizeof(order)) order[0] = '?';
    if (order[0] == 0) archive_->Read(root + "byteorder", 0, order, sizeof(order));
    if (std::string_view(order, sizeof(order)) != "little") {
      throw Error(name_ + ": its numbers are not little-endian; save the model again on another machine");
    }
  }
  const uint64_t size = archive_->Stat(root + "data.pkl");
  if (size > kLargestPickle) throw Error(name_ + ": a pickle of " + std::to_string(size) + " bytes: too large");
  std::string pickle(static_cast<size_t>(size), '\0');
  archive_->Read(root + "data.pkl", 0, pickle.data(), pickle.size());

  for (const PickledTensor& pickled : ReadStateDict(pickle, name_)) {
    const std::string where = name_ + ": tensor \"" + pickled.name + "\": ";
    const StorageType* type = FindStorageType(pickled.storage_type);
    if (type == nullptr) throw Error(where + "torch." + pickled.storage_type + " is not known");
    Entry entry;
    entry.storage = root + "data/" + pickled.storage_key;
    // At most what the storage has: no product below can wrap.
    const uint64_t available = archive_->Stat(entry.storage) / type->bytes;
    SourceTensor& tensor = entry.tensor;
    if (!ContiguousElements(pickled, available, &tensor.elements)) {
      // Integer tensors (position ids) may well be views of one row; nobody reads them.
      if (!type->is_float) continue;
      throw Error(where +
                  "its rows do not lie one behind the other, or it is larger than its storage; save the model "
                  "again with save_pretrained");
    }
    if (pickled.offset > available || tensor.elements > available - pickled.offset) {
      throw Error(where + "is larger than its storage: truncated file?");
    }
    tensor.name = pickled.name;
    tensor.type = type->type;
    tensor.shape = pickled.shape;
    tensor.offset = pickled.offset * type->bytes;
    if (!entries_.emplace(pickled.name, std::move(entry)).second) throw Error(where + "appears twice");
  }
}

PyTorchFile::~PyTorchFile() = default;

const SourceTensor* PyTorchFile::Find(const std::string& tensor) const {
  const auto found = entries_.find(tensor);
  return found == entries_.end() ? nullptr : &found->second.tensor;
}

void PyTorchFile::Read(const SourceTensor& tensor, uint64_t first, std::span<float> out) {
  const std::string& storage = entries_.at(tensor.name).storage;
  ReadFloats(name_, tensor, first, out, [&](uint64_t offset, void* buffer, size_t bytes) {
    archive_->Read(storage, tensor.offset + offset, buffer, bytes);
  });
}

uint64_t PyTorchFile::bytes() const { return file_.size(); }
uint64_t PyTorchFile::Hash() { return HashFile(&file_); }

}  // namespace pbert::converter
