// tokenizer.json of byte-level BPE and Unigram, read and used, against the reference's answers
// (tests/text/make_prepared_goldens.py).
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/arena.h"
#include "converter/tokenizer/reader.h"
#include "text/encoding.h"
#include "text/tokenizer.h"

namespace pbert::converter {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr size_t kMaxTokens = 8000;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE_MESSAGE(file.good(), path.string());
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

fs::path Golden(const std::string& name) { return fs::path(POCKETBERT_TESTS_DIR) / "golden" / "tokenizers" / name; }

// A tokenizer.json in a directory of its own, read by the converter and opened by the runtime.
class Opened {
 public:
  explicit Opened(const std::string& tokenizer_json) {
    const fs::path directory = fs::temp_directory_path() / ("pbert_prepared_golden_" + std::to_string(getpid()));
    fs::create_directories(directory);
    std::ofstream(directory / "tokenizer.json", std::ios::binary) << tokenizer_json;
    const auto table = ReadTokenizer(directory, 1 << 20);
    fs::remove_all(directory);
    builder_.Finish(schema::Tokenizer::Pack(builder_, table.get()));
    const Status status =
        Tokenizer::Open(*flatbuffers::GetRoot<schema::Tokenizer>(builder_.GetBufferPointer()), &tokenizer_);
    REQUIRE_MESSAGE(status.ok(), status.message());
    Arena counting;
    TakeFrom(&counting);
    memory_.assign(counting.Needed(), 0xA5);
    Arena arena(memory_.data(), memory_.size());
    TakeFrom(&arena);
  }

  // As the golden files write tokens: id:begin-end:type, offsets in code points.
  std::string Describe(const std::string& text, const std::string* pair) {
    const Status status =
        Encode(tokenizer_, text, pair == nullptr ? "" : *pair, pair != nullptr, kMaxTokens, &scratch_, &encoding_);
    REQUIRE_MESSAGE(status.ok(), status.message());
    std::string description;
    for (size_t i = 0; i < encoding_.size; ++i) {
      OffsetCursor offsets(encoding_.sources[i] == TokenSource::kSecond ? *pair : text);
      const auto begin = offsets.At(encoding_.begins[i]).code_points, end = offsets.At(encoding_.ends[i]).code_points;
      description += (i == 0 ? "" : " ") + std::to_string(encoding_.ids[i]) + ":" + std::to_string(begin) + "-" +
                     std::to_string(end) + ":" + std::to_string(encoding_.type_ids[i]);
    }
    return description;
  }

 private:
  void TakeFrom(Arena* arena) {
    scratch_ = TokenizerScratch::Take(tokenizer_, arena);
    encoding_ = Encoding::Take(arena, kMaxTokens);
  }

  flatbuffers::FlatBufferBuilder builder_;
  Tokenizer tokenizer_;
  std::vector<uint8_t> memory_;
  TokenizerScratch scratch_;
  Encoding encoding_;
};

// The columns of a line, \xNN being a byte.
std::vector<std::string> Columns(const std::string& line) {
  std::vector<std::string> columns = {""};
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\t') {
      columns.emplace_back();
    } else if (line[i] == '\\') {
      columns.back() += static_cast<char>(std::stoi(line.substr(i + 2, 2), nullptr, 16));
      i += 3;
    } else {
      columns.back() += line[i];
    }
  }
  return columns;
}

std::vector<std::vector<std::string>> ReadCases(const std::string& name) {
  std::istringstream lines(ReadFile(Golden(name)));
  std::vector<std::vector<std::string>> cases;
  for (std::string line; std::getline(lines, line);) cases.push_back(Columns(line));
  return cases;
}

TEST_CASE("small tokenizers: ids, offsets and types of the reference") {
  for (const std::string name : {"bpe", "unigram", "bytes"}) {
    CAPTURE(name);
    Opened tokenizer(ReadFile(Golden(name + ".tokenizer.json")));
    const auto cases = ReadCases(name + ".tsv");
    CHECK(cases.size() >= 20);
    for (const auto& columns : cases) {
      REQUIRE(columns.size() >= 2);
      CAPTURE(columns[0]);
      CHECK(tokenizer.Describe(columns[0], columns.size() > 2 ? &columns[2] : nullptr) == columns[1]);
    }
  }
}

TEST_CASE("normalizers, byte by byte") {
  Json bytes = Json::parse(ReadFile(Golden("bytes.tokenizer.json")));
  std::string last;
  std::unique_ptr<Opened> tokenizer;
  size_t normalizers = 0;
  for (const auto& columns : ReadCases("steps.tsv")) {
    REQUIRE(columns.size() == 3);
    if (columns[0] != last) {
      last = columns[0];
      bytes["normalizer"] = Json::parse(last);
      tokenizer = std::make_unique<Opened>(bytes.dump());
      ++normalizers;
    }
    CAPTURE(columns[0]);
    CAPTURE(columns[1]);
    CHECK(tokenizer->Describe(columns[1], nullptr) == columns[2]);
  }
  CHECK(normalizers == 11);
}

}  // namespace
}  // namespace pbert::converter
