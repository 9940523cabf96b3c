// Files as the converter uses them: read whole, read in pieces, written under a temporary name, none of which is left
// behind, whatever ends the work.
#ifndef POCKETBERT_CONVERTER_SUPPORT_FILE_H_
#define POCKETBERT_CONVERTER_SUPPORT_FILE_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace pbert::converter {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using FilePointer = std::unique_ptr<std::FILE, FileCloser>;

// Git LFS leaves a small text in place of a file that was not fetched. Throws Error with the command that fetches it,
// if a file that begins so is one.
void RefuseLfsPointer(const std::filesystem::path& path, const std::string& beginning);

// The whole of a text file. Throws Error when it cannot be read or is larger than `limit` bytes.
std::string ReadTextFile(const std::filesystem::path& path, uint64_t limit);

// `name`, which a file in `directory` gives, as a path in it. Throws Error beginning with `where` unless it is a
// relative path without "..": what a checkpoint says may not lead out of it. Links that lie in the directory are
// followed, for no text can make one and the Hugging Face cache keeps every file as a link to ../../blobs.
std::filesystem::path PathInside(const std::filesystem::path& directory, const std::string& name,
                                 const std::string& where);

// A file read at any place. Nothing is mapped, so what has been read does not stay in the process.
// One thread at a time.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path);  // throws Error

  uint64_t size() const { return size_; }
  const std::filesystem::path& path() const { return path_; }
  // Reads exactly `bytes` bytes from `offset`, or throws Error.
  void ReadAt(uint64_t offset, void* buffer, size_t bytes);

 private:
  std::filesystem::path path_;
  FilePointer file_;
  uint64_t size_ = 0;
};

// A file that exists under a hidden name in `directory` until Rename gives it its final one; otherwise its destructor
// removes it, so that a conversion that fails leaves nothing behind, and RemoveTemporaryFiles one that is interrupted.
class TemporaryFile {
 public:
  enum class Use { kResult, kScratch };  // it gets another name in the end, or is only worked with

  // Creates the file, empty. `stem` becomes part of the hidden name. Throws Error.
  TemporaryFile(const std::filesystem::path& directory, const std::string& stem, Use use);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path directory() const;
  Use use() const { return use_; }
  // Replaces what `name` leads to in one step: whoever opens it sees the old file or the new one, never a part. A file
  // that is replaced keeps its mode, and a symbolic link keeps leading to it.
  void Rename(const std::filesystem::path& name);

 private:
  friend void RemoveTemporaryFiles();
  void Enlist();
  void Strike();

  std::filesystem::path path_;
  Use use_;
  // The list of all that exist.
  bool listed_ = false;
  TemporaryFile* before_ = nullptr;
  TemporaryFile* behind_ = nullptr;
};

// Removes all temporary files there are, and lets nobody make, rename or remove one from then on: whoever tries waits.
// For a signal's handler that ends the process, to which alone it may be given: it calls what is safe there and nothing
// else. While it runs the handler must not be interrupted by another that calls this.
void RemoveTemporaryFiles();

// A temporary file to become what `name` leads to: in that file's folder, so that renaming it is one step.
std::unique_ptr<TemporaryFile> TemporaryBeside(const std::filesystem::path& name);

// A temporary file that is only worked with: in $TMPDIR where that is set, else where the system has such files (/tmp).
std::unique_ptr<TemporaryFile> ScratchFile(const std::string& stem);

// A file and the bytes that will be written to it.
struct PlannedSize {
  const TemporaryFile* file;
  uint64_t bytes;
};

// Throws Error, which says how much is needed where and what to do, unless there is room for all of these together, as
// far as the system tells.
void RequireRoom(std::initializer_list<PlannedSize> files);

// Writes `bytes` bytes to a temporary file from front to back, and again at the front. Every failure throws Error with
// the path and the system's reason; a full disk is one as in RequireRoom.
class OutputFile {
 public:
  OutputFile(const TemporaryFile& file, uint64_t bytes);

  void Write(const void* data, size_t bytes);
  // Leaves out so many bytes: what is there stays, and where nothing is there are zeros.
  void Skip(uint64_t bytes);
  // Goes back to byte 0; what is written next replaces what is there.
  void Rewind();
  // Must be called last: only now is it known that everything was written.
  void Close();

 private:
  [[noreturn]] void Fail() const;

  const TemporaryFile& target_;
  uint64_t bytes_;
  FilePointer file_;
};

// Copies bytes [offset, offset + bytes) to where `output` stands.
void CopyBytes(InputFile* input, uint64_t offset, uint64_t bytes, OutputFile* output);

// Writes `text` as a new file of this name, whole or not at all. Throws Error.
void WriteTextFile(const std::filesystem::path& path, std::string_view text);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_SUPPORT_FILE_H_
