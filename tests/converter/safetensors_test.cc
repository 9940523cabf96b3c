#include "converter/checkpoint/safetensors.h"

#include <cmath>
#include <cstring>

#include "base/checksum.h"
#include "converter/checkpoint_fixture.h"

namespace pbert::converter {
namespace {

using test::CheckMessage;
using test::ErrorOf;
using test::SafetensorsBytes;
using test::TemporaryDirectory;

// The message that opening a file of these bytes gives; "" when it opens.
std::string OpenError(const std::string& bytes) {
  TemporaryDirectory directory;
  test::WriteFile(directory / "model.safetensors", bytes);
  return ErrorOf([&] { SafeTensors file(directory / "model.safetensors"); });
}

template <typename T>
std::string Bytes(std::initializer_list<T> values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  memcpy(bytes.data(), std::data(values), bytes.size());
  return bytes;
}

TEST_CASE("safetensors: F32, F16 and BF16 are read as floats, whole or in part") {
  TemporaryDirectory directory;
  const std::string header = R"({"__metadata__": {"format": "pt"},
      "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
      "h": {"dtype": "F16", "shape": [4], "data_offsets": [24, 32]},
      "b": {"dtype": "BF16", "shape": [2, 1], "data_offsets": [32, 36]},
      "scalar": {"dtype": "F32", "shape": [], "data_offsets": [36, 40]},
      "none": {"dtype": "F32", "shape": [0, 7], "data_offsets": [40, 40]},
      "ids": {"dtype": "I64", "shape": [1], "data_offsets": [40, 48]}}    )";
  const std::string data = Bytes<float>({1, 2, 3, 4, 5, 6}) + Bytes<uint16_t>({0x3c00, 0x0001, 0xfc00, 0x7e00}) +
                           Bytes<uint16_t>({0x3f80, 0xc049}) + Bytes<float>({9}) + std::string(8, '\0');
  const std::string bytes = SafetensorsBytes(header, data);
  test::WriteFile(directory / "model.safetensors", bytes);
  SafeTensors file(directory / "model.safetensors");

  CHECK(file.tensors().size() == 6);
  CHECK(file.Find("c") == nullptr);
  REQUIRE(file.Find("a") != nullptr);
  CHECK(file.Find("a")->shape == std::vector<uint64_t>{2, 3});
  std::vector<float> values(2);
  file.Read(*file.Find("a"), 3, values);
  CHECK(values == std::vector<float>{4, 5});
  values.resize(4);
  file.Read(*file.Find("h"), 0, values);
  CHECK(values[0] == 1);
  CHECK(values[1] == 0x1p-24f);
  CHECK(values[2] == -INFINITY);
  CHECK(std::isnan(values[3]));
  values.resize(1);
  file.Read(*file.Find("b"), 1, values);
  CHECK(values[0] == -3.140625f);
  file.Read(*file.Find("scalar"), 0, values);
  CHECK(values[0] == 9);
  CHECK(file.Find("none")->elements == 0);
  CHECK(file.bytes() == bytes.size());
  CHECK(file.Hash() == Checksum64(bytes.data(), bytes.size()));
  CheckMessage(ErrorOf([&] { file.Read(*file.Find("a"), 6, values); }), {"\"a\"", "past its end"});
  CheckMessage(ErrorOf([&] { file.Read(*file.Find("ids"), 0, values); }),
               {"\"ids\"", "I64", "supported: F64, F32, F16, BF16"});
}

TEST_CASE("safetensors: a header that lies is refused before it is used") {
  const std::string four(4, '\0');
  const std::string eight(8, '\0');
  const auto one = [](const std::string& entry) { return "{\"t\": " + entry + "}"; };
  const struct {
    std::string name;
    std::string bytes;
    std::vector<std::string> words;
  } cases[] = {
      {"empty file", "", {"0 bytes", "too short"}},
      {"seven bytes", "1234567", {"7 bytes", "too short"}},
      {"length beyond the file", std::string("\x40\0\0\0\0\0\0\0{}", 10), {"truncated", "64 bytes"}},
      {"length of 2^64 - 1", std::string(8, '\xff') + "{}", {"not a safetensors file", "18446744073709551615"}},
      {"Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\n", {"Git LFS", "git lfs pull"}},
      {"no JSON", SafetensorsBytes("hello", ""), {"header", "not valid JSON"}},
      {"JSON cut short", SafetensorsBytes("{\"t\": {", ""), {"header", "not valid JSON"}},
      {"not an object", SafetensorsBytes("[1]", ""), {"header", "not a JSON object"}},
      {"not UTF-8", SafetensorsBytes("{\"\xff\": 1}", ""), {"header", "not valid JSON"}},
      {"tensor is a number", SafetensorsBytes(one("1"), four), {"\"t\"", "needs dtype"}},
      {"no offsets", SafetensorsBytes(one(R"({"dtype": "F32", "shape": [1]})"), four), {"\"t\"", "data_offsets"}},
      {"unknown dtype",
       SafetensorsBytes(one(R"({"dtype": "F31", "shape": [1], "data_offsets": [0, 4]})"), four),
       {"\"t\"", "F31"}},
      {"dtype is a number",
       SafetensorsBytes(one(R"({"dtype": 3, "shape": [1], "data_offsets": [0, 4]})"), four),
       {"\"t\"", "dtype"}},
      {"negative size",
       SafetensorsBytes(one(R"({"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]})"), four),
       {"\"t\"", "shape"}},
      {"fraction",
       SafetensorsBytes(one(R"({"dtype": "F32", "shape": [1.5], "data_offsets": [0, 4]})"), four),
       {"\"t\"", "shape"}},
      {"shape and bytes disagree",
       SafetensorsBytes(one(R"({"dtype": "F32", "shape": [1], "data_offsets": [0, 8]})"), eight),
       {"\"t\"", "4 bytes", "8"}},
      {"half an element",
       SafetensorsBytes(one(R"({"dtype": "F32", "shape": [1], "data_offsets": [0, 6]})"), eight),
       {"\"t\"", "4 bytes", "6"}},
      {"shape overflows 64 bits",
       SafetensorsBytes(one(R"({"dtype": "F32", "shape": [4294967296, 4294967296, 4], "data_offsets": [0, 4]})"), four),
       {"\"t\"", "needs more bytes"}},
      {"offsets backwards",
       SafetensorsBytes(one(R"({"dtype": "F32", "shape": [1], "data_offsets": [4, 0]})"), four),
       {"\"t\"", "backwards"}},
      {"three offsets",
       SafetensorsBytes(one(R"({"dtype": "F32", "shape": [1], "data_offsets": [0, 4, 8]})"), four),
       {"\"t\"", "pair"}},
      {"data cut short",
       SafetensorsBytes(one(R"({"dtype": "F32", "shape": [2], "data_offsets": [0, 8]})"), four),
       {"\"t\"", "truncated"}},
      {"gap in front",
       SafetensorsBytes(one(R"({"dtype": "F32", "shape": [1], "data_offsets": [4, 8]})"), eight),
       {"\"t\"", "gap"}},
      {"bytes left over",
       SafetensorsBytes(one(R"({"dtype": "F32", "shape": [1], "data_offsets": [0, 4]})"), eight),
       {"4 bytes at the end"}},
      {"overlap",
       SafetensorsBytes(R"({"t": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
                                       "u": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}})",
                        eight),
       {"\"u\"", "overlapping"}},
      {"same place twice",
       SafetensorsBytes(R"({"t": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
                                                "u": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})",
                        four),
       {"overlapping"}},
      {"same name twice",
       SafetensorsBytes(R"({"t": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
                                               "t": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}})",
                        eight),
       {"\"t\"", "twice"}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CheckMessage(OpenError(c.bytes), c.words);
  }
}

TEST_CASE("safetensors: every truncation of a good file is an error") {
  const std::string bytes =
      SafetensorsBytes(R"({"t": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})", "12345678");
  CHECK(OpenError(bytes) == "");
  for (size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK(OpenError(bytes.substr(0, size)) != "");
  }
}

TEST_CASE("safetensors: deep nesting in the header does not exhaust the stack") {
  CHECK(OpenError(SafetensorsBytes(std::string(200000, '['), "")) != "");
  CHECK(OpenError(SafetensorsBytes(std::string(200000, '[') + std::string(200000, ']'), "")) != "");
}

TEST_CASE("safetensors: no file, or a folder") {
  TemporaryDirectory directory;
  CheckMessage(ErrorOf([&] { SafeTensors file(directory / "x"); }), {"x", "no such file"});
  CheckMessage(ErrorOf([&] { SafeTensors file(directory.path()); }), {"not a regular file"});
}

}  // namespace
}  // namespace pbert::converter
