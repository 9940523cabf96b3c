// Checkpoints made up for a test: everything open to change before it is written.
#ifndef POCKETBERT_TESTS_CONVERTER_CHECKPOINT_FIXTURE_H_
#define POCKETBERT_TESTS_CONVERTER_CHECKPOINT_FIXTURE_H_

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace pbert::test {

// A folder of the test's own, removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  // Names of the files in it, hidden ones included, sorted.
  std::vector<std::string> Files() const;

 private:
  std::filesystem::path path_;
};

void WriteFile(const std::filesystem::path& path, const std::string& bytes);
std::string ReadFile(const std::filesystem::path& path);

// header length, header, data: nothing is checked.
std::string SafetensorsBytes(const std::string& header, const std::string& data);

struct FixtureTensor {
  std::vector<uint64_t> shape;
  std::vector<float> values;
};

// A DistilBERT with one layer of hidden size 8, 2 heads, ffn 16, 12 positions, three labels and a vocabulary of 12.
struct TinyCheckpoint {
  nlohmann::json config;
  nlohmann::json tokenizer_config;
  std::string vocab;
  std::map<std::string, FixtureTensor> tensors;
  std::map<std::string, std::string> other_files;

  TinyCheckpoint();
  // Replaces the prefix "distilbert." of all names.
  void RenamePrefix(const std::string& prefix);
  void Write(const std::filesystem::path& directory) const;
};

// What `function` throws, or "" when it does not.
std::string ErrorOf(const std::function<void()>& function);

// Checks that `message` is one line and contains every one of the words.
void CheckMessage(const std::string& message, const std::vector<std::string>& words);

}  // namespace pbert::test

#endif  // POCKETBERT_TESTS_CONVERTER_CHECKPOINT_FIXTURE_H_
