// Files as the converter uses them: read whole, read in pieces, written under a temporary name.
#ifndef POCKETBERT_CONVERTER_FILE_H_
#define POCKETBERT_CONVERTER_FILE_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace pbert {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using FilePointer = std::unique_ptr<std::FILE, FileCloser>;

// The whole of a text file. Throws Error when it cannot be read or is larger than `limit` bytes.
std::string ReadTextFile(const std::filesystem::path& path, uint64_t limit);

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
// removes it, so that a conversion that fails leaves nothing behind.
class TemporaryFile {
 public:
  // Creates the file, empty. `stem` becomes part of the hidden name. Throws Error.
  TemporaryFile(const std::filesystem::path& directory, const std::string& stem);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Replaces `target` in one step: whoever opens it sees the old file or the new one, never a part.
  void Rename(const std::filesystem::path& target);

 private:
  std::filesystem::path path_;
  bool renamed_ = false;
};

// A temporary file to become `target`: in the same folder, so that renaming it is one step.
std::unique_ptr<TemporaryFile> TemporaryBeside(const std::filesystem::path& target);

// A temporary file that is only worked with: in $TMPDIR where that is set, else beside `target`.
std::unique_ptr<TemporaryFile> ScratchFile(const std::filesystem::path& target);

// Writes from front to back, and again at the front. Every failure throws Error with the path and the system's reason.
class OutputFile {
 public:
  explicit OutputFile(const std::filesystem::path& path);

  void Write(const void* data, size_t bytes);
  // Goes back to byte 0; what is written next replaces what is there.
  void Rewind();
  // Must be called last: only now is it known that everything was written.
  void Close();

 private:
  [[noreturn]] void Fail() const;

  std::filesystem::path path_;
  FilePointer file_;
};

}  // namespace pbert

#endif  // POCKETBERT_CONVERTER_FILE_H_
