// A folder of this process's own for what is read from files, in memory where the system has that.
#ifndef POCKETBERT_TESTS_FUZZ_TEMPORARY_FOLDER_H_
#define POCKETBERT_TESTS_FUZZ_TEMPORARY_FOLDER_H_

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include "tests/fuzz/check.h"

namespace pbert::fuzz {

// Removed at the process's end (a crash leaves it).
inline const std::filesystem::path& TemporaryFolder() {
  struct Folder {
    Folder() {
      const bool in_memory = access("/dev/shm", W_OK) == 0;
      std::string name =
          (in_memory ? "/dev/shm" : std::filesystem::temp_directory_path().string()) + "/pbert-fuzz.XXXXXX";
      FUZZ_CHECK(mkdtemp(name.data()) != nullptr);
      path = name;
    }
    ~Folder() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
    std::filesystem::path path;
  };
  static const Folder folder;
  return folder.path;
}

inline std::filesystem::path WriteTemporary(const std::string& name, std::string_view bytes) {
  std::filesystem::path path = TemporaryFolder() / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  FUZZ_CHECK(file.good());
  return path;
}

}  // namespace pbert::fuzz

#endif  // POCKETBERT_TESTS_FUZZ_TEMPORARY_FOLDER_H_
