#include "converter/support/file.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <random>
#include <system_error>
#include <vector>

#include "converter/support/error.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;

constexpr size_t kCopyBytes = 1 << 20;  // read and written at a time

std::string Reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void Fail(const fs::path& path, int error) { throw Error(path.string() + ": " + Reason(error)); }

// The list of temporary files, which a signal's handler reads at any moment. Who changes it keeps signals away from its
// own thread meanwhile and others out with a lock, so that a handler finds a whole list, and waits for nobody but
// another thread. A file is made, renamed or removed and (un)listed in one go.
TemporaryFile* first_file = nullptr;
std::atomic_flag files_lock = ATOMIC_FLAG_INIT;

class FilesGuard {
 public:
  FilesGuard() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
    while (files_lock.test_and_set(std::memory_order_acquire)) {
    }
  }
  ~FilesGuard() {
    files_lock.clear(std::memory_order_release);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  FilesGuard(const FilesGuard&) = delete;
  FilesGuard& operator=(const FilesGuard&) = delete;

 private:
  sigset_t before_;
};

// Where a name leads that is a symbolic link: what it names is replaced, and the link stays.
fs::path WithoutLink(const fs::path& name) {
  constexpr int kMaxLinks = 40;  // as the kernel has it
  fs::path target = name;
  std::error_code error;
  for (int i = 0; i < kMaxLinks && fs::is_symlink(target, error); ++i) {
    const fs::path next = fs::read_symlink(target, error);
    if (error) break;
    target = target.parent_path() / next;  // an absolute one stands for itself
  }
  return target;
}

fs::path ScratchDirectory() {
  const char* given = std::getenv("TMPDIR");
  if (given != nullptr && *given != '\0') return given;  // if it is none, creating a file there says so
  std::error_code error;
  const fs::path directory = fs::temp_directory_path(error);
  return error ? fs::path("/tmp") : directory;
}

// False where the system does not say.
bool FreeBytes(const fs::path& directory, uint64_t* bytes) {
  std::error_code error;
  const fs::space_info space = fs::space(directory, error);
  if (error || space.capacity == 0 || space.capacity == static_cast<uintmax_t>(-1)) return false;
  *bytes = space.available;
  return true;
}

// "DIRECTORY: REASON: N bytes are needed here, M are free: what to do."
[[noreturn]] void FailForRoom(const TemporaryFile& file, const std::string& reason, uint64_t bytes,
                              bool with_result = false) {
  uint64_t free = 0;
  std::string text =
      file.directory().string() + ": " + reason + ": " + std::to_string(bytes) + " bytes are needed here";
  if (FreeBytes(file.directory(), &free)) text += ", " + std::to_string(free) + " are free";
  if (file.use() == TemporaryFile::Use::kResult) {
    throw Error(text + ", for the model: free some, or write it to a folder that has them");
  }
  throw Error(text +
              (with_result ? ", for the model and a copy of it that goes away again"
                           : ", for a copy of the model that goes away again") +
              ": free some, or have the copy made in another folder with TMPDIR=FOLDER");
}

}  // namespace

fs::path PathInside(const fs::path& directory, const std::string& name, const std::string& where) {
  const fs::path path(name);
  // A backslash divides folders on another system; a NUL byte would end the name for this one.
  bool inside = path.is_relative() && name.find('\\') == std::string::npos && name.find('\0') == std::string::npos;
  for (const fs::path& part : path) inside = inside && part != "..";
  if (!inside) {
    throw Error(
        where + ": the path \"" + name.substr(0, 200) +
        "\" leads out of the checkpoint's directory; a checkpoint may name only its own files: correct the path, "
        "or save the model again");
  }
  return directory / path;
}

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

void RefuseLfsPointer(const fs::path& path, const std::string& beginning) {
  if (!beginning.starts_with("version https://git-lfs")) return;
  throw Error(path.string() + ": a Git LFS pointer, not the file itself; fetch it with `git lfs pull` in " +
              (path.has_parent_path() ? path.parent_path().string() : "its directory"));
}

std::string ReadTextFile(const fs::path& path, uint64_t limit) {
  InputFile file(path);
  if (file.size() > limit) {
    throw Error(path.string() + ": " + std::to_string(file.size()) + " bytes, more than the limit of " +
                std::to_string(limit));
  }
  std::string text(static_cast<size_t>(file.size()), '\0');
  file.ReadAt(0, text.data(), text.size());
  RefuseLfsPointer(path, text);
  return text;
}

TemporaryFile::TemporaryFile(const fs::path& directory, const std::string& stem, Use use) : use_(use) {
  // "x": the name must be new. Two conversions at once to the same output take different names.
  std::random_device random;
  int error = 0;
  for (int attempt = 0; attempt < 16; ++attempt) {
    path_ = directory / ("." + stem + "." + std::to_string(random()) + ".tmp");
    const FilesGuard guard;
    const FilePointer file(std::fopen(path_.c_str(), "wbx"));
    if (file) {
      Enlist();
      return;
    }
    error = errno;
    if (error != EEXIST) break;
  }
  throw Error(this->directory().string() + ": cannot create a file here: " + Reason(error));
}

TemporaryFile::~TemporaryFile() {
  const FilesGuard guard;
  if (!listed_) return;
  unlink(path_.c_str());
  Strike();
}

fs::path TemporaryFile::directory() const { return path_.has_parent_path() ? path_.parent_path() : fs::path("."); }

void TemporaryFile::Rename(const fs::path& name) {
  const fs::path target = WithoutLink(name);
  std::error_code error;
  const fs::file_status before = fs::status(target, error);
  if (fs::exists(before)) fs::permissions(path_, before.permissions(), error);
  {
    const FilesGuard guard;
    fs::rename(path_, target, error);
    if (!error) Strike();
  }
  if (error) throw Error(target.string() + ": cannot be replaced: " + error.message());
}

void TemporaryFile::Enlist() {
  behind_ = first_file;
  if (behind_ != nullptr) behind_->before_ = this;
  first_file = this;
  listed_ = true;
}

void TemporaryFile::Strike() {
  (before_ == nullptr ? first_file : before_->behind_) = behind_;
  if (behind_ != nullptr) behind_->before_ = before_;
  listed_ = false;
}

void RemoveTemporaryFiles() {
  while (files_lock.test_and_set(std::memory_order_acquire)) {
  }
  for (const TemporaryFile* file = first_file; file != nullptr; file = file->behind_) unlink(file->path_.c_str());
}

std::unique_ptr<TemporaryFile> TemporaryBeside(const fs::path& name) {
  const fs::path target = WithoutLink(name);
  if (target.filename().empty() || fs::is_directory(target)) {
    throw Error(target.string() + ": is a directory; the name of a file is needed");
  }
  // The rename at the end would put a file in the place of a device or a pipe.
  if (fs::exists(target) && !fs::is_regular_file(target)) {
    throw Error(target.string() + ": is not a regular file, and would be replaced by one; name a new file");
  }
  return std::make_unique<TemporaryFile>(target.parent_path(), target.filename().string(), TemporaryFile::Use::kResult);
}

std::unique_ptr<TemporaryFile> ScratchFile(const std::string& stem) {
  return std::make_unique<TemporaryFile>(ScratchDirectory(), stem, TemporaryFile::Use::kScratch);
}

// Files on one disk need room together; a message names the scratch file, if one is among them, because that is the one
// which can easily go elsewhere.
void RequireRoom(std::initializer_list<PlannedSize> files) {
  const auto device = [](const TemporaryFile& file) {
    struct stat info{};
    return stat(file.path().c_str(), &info) == 0 ? info.st_dev : dev_t{};
  };
  for (const PlannedSize& one : files) {
    uint64_t needed = 0, free = 0;
    const TemporaryFile* named = one.file;
    for (const PlannedSize& other : files) {
      if (device(*other.file) != device(*one.file)) continue;
      needed += other.bytes;
      if (other.file->use() == TemporaryFile::Use::kScratch) named = other.file;
    }
    if (!FreeBytes(one.file->directory(), &free) || free >= needed) continue;
    FailForRoom(*named, "not enough room", needed, needed > one.bytes);
  }
}

OutputFile::OutputFile(const TemporaryFile& file, uint64_t bytes)
    : target_(file), bytes_(bytes), file_(std::fopen(file.path().c_str(), "r+b")) {
  if (!file_) Fail();
}

void OutputFile::Write(const void* data, size_t bytes) {
  if (bytes != 0 && std::fwrite(data, 1, bytes, file_.get()) != bytes) Fail();
}

void OutputFile::Skip(uint64_t bytes) {
  if (fseeko(file_.get(), static_cast<off_t>(bytes), SEEK_CUR) != 0) Fail();
}

void OutputFile::Rewind() {
  if (std::fseek(file_.get(), 0, SEEK_SET) != 0) Fail();
}

void OutputFile::Close() {
  if (std::fclose(file_.release()) != 0) Fail();
}

void OutputFile::Fail() const {
  const int error = errno;
  if (error == ENOSPC || error == EDQUOT) FailForRoom(target_, Reason(error), bytes_);
  converter::Fail(target_.path(), error);
}

void CopyBytes(InputFile* input, uint64_t offset, uint64_t bytes, OutputFile* output) {
  std::vector<uint8_t> buffer(kCopyBytes);
  for (uint64_t done = 0; done < bytes; done += buffer.size()) {
    const size_t part = static_cast<size_t>(std::min<uint64_t>(buffer.size(), bytes - done));
    input->ReadAt(offset + done, buffer.data(), part);
    output->Write(buffer.data(), part);
  }
}

void WriteTextFile(const fs::path& path, std::string_view text) {
  const auto temporary = TemporaryBeside(path);
  OutputFile file(*temporary, text.size());
  file.Write(text.data(), text.size());
  file.Close();
  temporary->Rename(path);
}

}  // namespace pbert::converter
