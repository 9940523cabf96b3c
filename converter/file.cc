#include "converter/file.h"

#include <cerrno>
#include <cstdlib>
#include <random>
#include <system_error>

#include "converter/error.h"

namespace pbert {
namespace {

namespace fs = std::filesystem;

std::string Reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void Fail(const fs::path& path, int error) { throw Error(path.string() + ": " + Reason(error)); }

}  // namespace

InputFile::InputFile(const fs::path& path) : path_(path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) throw Error(path.string() + ": no such file");
  if (!fs::is_regular_file(status)) throw Error(path.string() + ": not a regular file");
  size_ = fs::file_size(path, error);
  if (error) Fail(path, error.value());
  file_.reset(std::fopen(path.c_str(), "rb"));
  if (!file_) Fail(path, errno);
  // Callers read in large pieces; a buffer between would only copy.
  std::setvbuf(file_.get(), nullptr, _IONBF, 0);
}

void InputFile::ReadAt(uint64_t offset, void* buffer, size_t bytes) {
  // fseeko's off_t has 64 bits on every system that hosts a conversion of files beyond 2 GB.
  if (fseeko(file_.get(), static_cast<off_t>(offset), SEEK_SET) != 0) Fail(path_, errno);
  if (std::fread(buffer, 1, bytes, file_.get()) == bytes) return;
  if (std::ferror(file_.get())) Fail(path_, errno);
  throw Error(path_.string() + ": became shorter while it was read");
}

std::string ReadTextFile(const fs::path& path, uint64_t limit) {
  InputFile file(path);
  if (file.size() > limit) {
    throw Error(path.string() + ": " + std::to_string(file.size()) + " bytes, more than the limit of " +
                std::to_string(limit));
  }
  std::string text(static_cast<size_t>(file.size()), '\0');
  file.ReadAt(0, text.data(), text.size());
  return text;
}

TemporaryFile::TemporaryFile(const fs::path& directory, const std::string& stem) {
  // "x": the name must be new. Two conversions at once to the same output take different names.
  std::random_device random;
  for (int attempt = 0; attempt < 16; ++attempt) {
    path_ = directory / ("." + stem + "." + std::to_string(random()) + ".tmp");
    FilePointer file(std::fopen(path_.c_str(), "wbx"));
    if (file) return;
    if (errno != EEXIST) break;
  }
  const int error = errno;
  throw Error((directory.empty() ? fs::path(".") : directory).string() +
              ": cannot create a file here: " + Reason(error));
}

TemporaryFile::~TemporaryFile() {
  std::error_code ignored;
  if (!renamed_) fs::remove(path_, ignored);
}

void TemporaryFile::Rename(const fs::path& target) {
  std::error_code error;
  fs::rename(path_, target, error);
  if (error) throw Error(target.string() + ": cannot be replaced: " + error.message());
  renamed_ = true;
}

std::unique_ptr<TemporaryFile> TemporaryBeside(const fs::path& target) {
  if (target.filename().empty() || fs::is_directory(target)) {
    throw Error(target.string() + ": is a directory; the name of a file is needed");
  }
  return std::make_unique<TemporaryFile>(target.parent_path(), target.filename().string());
}

std::unique_ptr<TemporaryFile> ScratchFile(const fs::path& target) {
  const char* directory = std::getenv("TMPDIR");
  const bool given = directory != nullptr && *directory != '\0';
  return std::make_unique<TemporaryFile>(given ? fs::path(directory) : target.parent_path(),
                                         target.filename().string());
}

OutputFile::OutputFile(const fs::path& path) : path_(path), file_(std::fopen(path.c_str(), "r+b")) {
  if (!file_) Fail();
}

void OutputFile::Write(const void* data, size_t bytes) {
  if (bytes != 0 && std::fwrite(data, 1, bytes, file_.get()) != bytes) Fail();
}

void OutputFile::Rewind() {
  if (std::fseek(file_.get(), 0, SEEK_SET) != 0) Fail();
}

void OutputFile::Close() {
  if (std::fclose(file_.release()) != 0) Fail();
}

void OutputFile::Fail() const { pbert::Fail(path_, errno); }

}  // namespace pbert
