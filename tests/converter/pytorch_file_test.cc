// pytorch_model.bin: what is read from one, and what is wrong with others.
#include "converter/checkpoint/pytorch_file.h"

#ifdef POCKETBERT_HAVE_LIBZIP
#include <doctest/doctest.h>
#include <zip.h>

#include <cstring>
#include <map>

#include "converter/checkpoint_fixture.h"
#include "converter/convert.h"
#include "converter/pickle_fixture.h"
#include "model/model.h"

namespace pbert::converter {
namespace {

using test::CheckMessage;
using test::ErrorOf;
using test::PickleStateDict;
using test::PickleTensor;
using test::TemporaryDirectory;
using test::TinyCheckpoint;
using test::WriteFile;

void WriteZip(const std::filesystem::path& path, const std::map<std::string, std::string>& entries,
              bool compress = false) {
  int error = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
  REQUIRE(archive != nullptr);
  for (const auto& [name, bytes] : entries) {
    const zip_int64_t index =
        zip_file_add(archive, name.c_str(), zip_source_buffer(archive, bytes.data(), bytes.size(), 0), 0);
    REQUIRE(index >= 0);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), compress ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
  }
  REQUIRE(zip_close(archive) == 0);
}

template <typename T>
std::string BytesOf(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

const std::vector<float> kValues = {0, 1, 2, 3, 4, 5, 6, 7};
const PickleTensor kWhole = {.name = "whole", .key = "0", .elements = 8, .shape = {2, 4}, .strides = {4, 1}};
const PickleTensor kPart = {.name = "part", .key = "0", .elements = 8, .offset = 3, .shape = {4}, .strides = {1}};

TEST_CASE("pytorch file: tensors are views of storages, of three float types") {
  TemporaryDirectory directory;
  const PickleTensor half = {
      .name = "half", .storage = "HalfStorage", .key = "1", .elements = 2, .shape = {2}, .strides = {1}};
  const PickleTensor brain = {
      .name = "brain", .storage = "BFloat16Storage", .key = "2", .elements = 2, .shape = {1, 2}, .strides = {7, 1}};
  const PickleTensor ids = {
      .name = "ids", .storage = "LongStorage", .key = "3", .elements = 2, .shape = {5, 2}, .strides = {0, 1}};
  WriteZip(directory / "m.bin", {{"m/data.pkl", PickleStateDict({kWhole, kPart, half, brain, ids})},
                                 {"m/byteorder", "little"},
                                 {"m/data/0", BytesOf(kValues)},
                                 {"m/data/1", BytesOf<uint16_t>({0x3C00, 0xC000})},
                                 {"m/data/2", BytesOf<uint16_t>({0x3F80, 0xC000})},
                                 {"m/data/3", BytesOf<int64_t>({0, 1})}});
  PyTorchFile file(directory / "m.bin");
  const auto read = [&](const std::string& name, uint64_t first, size_t count) {
    const SourceTensor* tensor = file.Find(name);
    REQUIRE(tensor != nullptr);
    std::vector<float> out(count);
    file.Read(*tensor, first, out);
    return out;
  };
  CHECK(read("whole", 0, 8) == kValues);
  CHECK(read("whole", 5, 2) == std::vector<float>{5, 6});
  CHECK(read("part", 0, 4) == std::vector<float>{3, 4, 5, 6});
  CHECK(read("half", 0, 2) == std::vector<float>{1, -2});
  CHECK(read("brain", 0, 2) == std::vector<float>{1, -2});
  CHECK(file.Find("whole")->shape == std::vector<uint64_t>{2, 4});
  CHECK(file.Find("ids") == nullptr);  // a view with strides, of no use to anybody
  CHECK(file.Find("nothing") == nullptr);
  CheckMessage(ErrorOf([&] { read("part", 2, 3); }), {"part", "past its end"});
}

TEST_CASE("pytorch file: what cannot be read is named") {
  TemporaryDirectory directory;
  const auto error = [&](const std::map<std::string, std::string>& entries, bool compress = false) {
    WriteZip(directory / "m.bin", entries, compress);
    return ErrorOf([&] { PyTorchFile file(directory / "m.bin"); });
  };
  const auto with = [](const PickleTensor& tensor, const std::string& storage) {
    return std::map<std::string, std::string>{{"m/data.pkl", PickleStateDict({tensor})}, {"m/data/0", storage}};
  };
  CHECK(error(with(kWhole, BytesOf(kValues))) == "");
  CheckMessage(error(with(kWhole, "short")), {"\"whole\"", "storage"});
  PickleTensor wrong = kPart;
  wrong.offset = 5;
  CheckMessage(error(with(wrong, BytesOf(kValues))), {"\"part\"", "larger than its storage"});
  wrong = kWhole;
  wrong.strides = {1, 2};
  CheckMessage(error(with(wrong, BytesOf(kValues))), {"\"whole\"", "rows", "save_pretrained"});
  wrong = kWhole;
  wrong.storage = "ComplexFloatStorage";
  CheckMessage(error(with(wrong, BytesOf(kValues))), {"\"whole\"", "torch.ComplexFloatStorage"});
  CheckMessage(error({{"m/data.pkl", PickleStateDict({kWhole})}}), {"m/data/0", "missing"});
  CheckMessage(error({{"other.txt", "x"}}), {"data.pkl", "not a PyTorch checkpoint"});
  CheckMessage(error({{"m/data.pkl", "x"}, {"m/constants.pkl", "x"}}), {"TorchScript"});
  auto big = with(kWhole, BytesOf(kValues));
  big["m/byteorder"] = "big";
  CheckMessage(error(big), {"little-endian"});
  const auto compressible = with(kWhole, std::string(4096, '\0'));
  CheckMessage(error(compressible, true), {"compressed"});
  WriteFile(directory / "m.bin", "\x80\x02\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.");
  CheckMessage(ErrorOf([&] { PyTorchFile file(directory / "m.bin"); }), {"before PyTorch 1.6", "save_pretrained"});
}

TEST_CASE("pytorch file: the same file comes of it as of safetensors") {
  TemporaryDirectory directory;
  TinyCheckpoint checkpoint;
  checkpoint.Write(directory / "c");
  const std::string out = (directory / "out.pbert").string();
  const auto data_of = [&] {
    WriteModel((directory / "c").string(), out, WeightType::kInt8);
    std::unique_ptr<Model> model;
    REQUIRE(Model::OpenPath(out.c_str(), {}, &model).ok());
    return std::vector<uint32_t>(model->header().data_checksum, model->header().data_checksum + 2);
  };
  const std::vector<uint32_t> expected = data_of();
  std::vector<PickleTensor> tensors;
  std::map<std::string, std::string> entries;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    PickleTensor pickled{
        .name = name, .key = std::to_string(tensors.size()), .elements = static_cast<uint32_t>(tensor.values.size())};
    for (const uint64_t size : tensor.shape) pickled.shape.push_back(static_cast<uint32_t>(size));
    pickled.strides.assign(pickled.shape.size(), 1);
    if (pickled.shape.size() == 2) pickled.strides[0] = pickled.shape[1];
    entries["c/data/" + pickled.key] = BytesOf(tensor.values);
    tensors.push_back(pickled);
  }
  entries["c/data.pkl"] = PickleStateDict(tensors);
  std::filesystem::remove(directory / "c" / "model.safetensors");
  WriteZip(directory / "c" / "pytorch_model.bin", entries);
  CHECK(data_of() == expected);
}

}  // namespace
}  // namespace pbert::converter

#endif
