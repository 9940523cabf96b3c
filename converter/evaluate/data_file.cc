#include "converter/evaluate/data_file.h"

#ifdef POCKETBERT_HAVE_LIBZIP
#include <zip.h>
#endif

#include <algorithm>
#include <memory>

#include "base/utf8.h"
#include "converter/support/error.h"
#include "converter/support/file.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;

#ifdef POCKETBERT_HAVE_LIBZIP

struct ArchiveCloser {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct EntryCloser {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

// The number of the only file in the archive. Folders are entries too, and macOS adds notes of its own.
zip_uint64_t OnlyEntry(zip_t* archive, const std::string& name) {
  zip_int64_t only = -1;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
    const char* entry = zip_get_name(archive, static_cast<zip_uint64_t>(i), 0);
    const std::string entry_name = entry == nullptr ? "" : entry;
    if (entry_name.ends_with('/') || entry_name.starts_with("__MACOSX/")) continue;
    if (only >= 0) throw Error(name + ": there are several files in the archive; unzip it and name one of them");
    only = i;
  }
  if (only < 0) throw Error(name + ": there is no file in the archive");
  return static_cast<zip_uint64_t>(only);
}

std::unique_ptr<zip_t, ArchiveCloser> OpenArchive(const fs::path& path) {
  int error = 0;
  std::unique_ptr<zip_t, ArchiveCloser> archive(zip_open(path.c_str(), ZIP_RDONLY, &error));
  if (archive == nullptr) throw Error(path.string() + ": not a zip archive, or truncated");
  return archive;
}

// The archive's size; says what is wrong with it as a file.
uint64_t RequireNoPointer(const fs::path& path) {
  InputFile file(path);
  std::string beginning(static_cast<size_t>(std::min<uint64_t>(file.size(), 64)), '\0');
  file.ReadAt(0, beginning.data(), beginning.size());
  RefuseLfsPointer(path, beginning);
  return file.size();
}

// What the file in the archive is called there.
fs::path NameInside(const fs::path& path) {
  RequireNoPointer(path);
  const auto archive = OpenArchive(path);
  const char* name = zip_get_name(archive.get(), OnlyEntry(archive.get(), path.string()), 0);
  return name == nullptr ? "" : name;
}

std::string Unzipped(const fs::path& path) {
  const std::string name = path.string();
  const uint64_t most = std::min(kLargestDataFile, kMaxUnpacked * RequireNoPointer(path) + kUnpackedAnyway);
  const auto archive = OpenArchive(path);
  const zip_uint64_t number = OnlyEntry(archive.get(), name);
  // libzip reads past what it has when a stored entry's two sizes differ, and cannot read an empty one.
  zip_stat_t stat;
  if (zip_stat_index(archive.get(), number, 0, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0 ||
      (stat.valid & ZIP_STAT_COMP_SIZE) == 0 || (stat.valid & ZIP_STAT_COMP_METHOD) == 0 ||
      (stat.size != 0 && stat.comp_size == 0) || (stat.comp_method == ZIP_CM_STORE && stat.comp_size != stat.size)) {
    throw Error(name + ": the file in the archive is damaged: the archive states sizes that cannot be");
  }
  if (stat.size == 0) return "";
  const std::unique_ptr<zip_file_t, EntryCloser> entry(zip_fopen_index(archive.get(), number, 0));
  if (entry == nullptr)
    throw Error(name + ": the file in the archive cannot be opened: " + zip_strerror(archive.get()));
  // The size that an archive states is not trusted: what comes out is counted.
  std::string text;
  char piece[1 << 16];
  zip_int64_t got = 0;
  while ((got = zip_fread(entry.get(), piece, sizeof(piece))) > 0) {
    if (text.size() + static_cast<uint64_t>(got) > most) {
      throw Error(name + ": the file in the archive is larger than " + std::to_string(most) +
                  " bytes, the limit for an archive of this size; unzip it if it is yours");
    }
    text.append(piece, static_cast<size_t>(got));
  }
  // The archive's checksum is looked at with the last byte.
  if (got < 0) throw Error(name + ": the file in the archive is damaged");
  return text;
}

#else

fs::path NameInside(const fs::path& path) { return path; }

std::string Unzipped(const fs::path& path) {
  throw Error(path.string() + ": this build cannot read zip archives (it was made without libzip); unzip it first");
}

#endif

}  // namespace

namespace {

// What is not UTF-8 was saved in another encoding: read on, it would be another text.
void RequireUtf8(const fs::path& path, std::string_view text) {
  const size_t at = WellFormedBytes(text);
  if (at == text.size()) return;
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  throw Error(path.string() + ": line " + std::to_string(line) + ": not UTF-8 (byte " + std::to_string(at) +
              " of the file); save it as UTF-8");
}

}  // namespace

fs::path DataName(const fs::path& path) {
  if (path.extension() != ".zip") return path;
  const fs::path inner = path.stem();
  return path.parent_path() / (inner.has_extension() ? inner : NameInside(path).filename());
}

std::string ReadDataFile(const fs::path& path) {
  std::string text = path.extension() == ".zip" ? Unzipped(path) : ReadTextFile(path, kLargestDataFile);
  RequireUtf8(path, text);
  return text;
}

}  // namespace pbert::converter
