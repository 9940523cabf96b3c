#include "model/model.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>

#include "base/packed_block.h"
#include "tests/support/tiny_file.h"

namespace pbert {
namespace {

using test::Placed;
using test::TinyFile;

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::vector<uint8_t>& bytes) {
    descriptor_ = mkstemp(path_);
    REQUIRE(descriptor_ >= 0);
    REQUIRE(write(descriptor_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  ~TemporaryFile() {
    close(descriptor_);
    unlink(path_);
  }
  const char* path() const { return path_; }
  int descriptor() const { return descriptor_; }

 private:
  char path_[32] = "/tmp/pocketbert_model_XXXXXX";
  int descriptor_ = -1;
};

void CheckIsTiny(const Model& model) {
  CHECK(model.head_count() == 1);
  CHECK(model.max_tokens() == TinyFile::kPositions);
  CHECK(model.encoder().layers()->size() == 1);
  CHECK(std::string(model.head(0).labels()->Get(0)->c_str()) == "greet");
  TinyFile file;
  const TensorView table = model.tensor(model.encoder().embeddings()->token());
  CHECK(std::string(table.name) == "embeddings.token");
  CHECK(table.rows == 20);
  CHECK(table.columns == 8);
  CHECK(table.scales[1] == 0.011f);
  CHECK(memcmp(table.data, file.bytes("embeddings.token"), 20 * 8) == 0);
  const schema::Linear& query = *model.encoder().layers()->Get(0)->query();
  const TensorView weight = model.tensor(query.weight());
  CHECK(std::string(weight.name) == "layer.0.query.weight");
  CHECK(weight.layout == schema::Layout::Packed16x4);
  CHECK(weight.rows == 8);
  CHECK(weight.columns == 8);
  CHECK(weight.scales == nullptr);
  CHECK(PackedBlocks(weight.data, 8).Scale(6) == 0.011f);
  CHECK(memcmp(weight.data, file.bytes("layer.0.query.weight"), 16 * (4 + 8 + 4 + 4)) == 0);
  CHECK_FALSE(model.tensor(query.bias()).present());
  const TensorView gamma = model.tensor(model.encoder().layers()->Get(0)->ffn_norm()->gamma());
  CHECK(gamma.rows == 1);
  CHECK(gamma.columns == 8);
  CHECK(gamma.floats()[7] == file.values("layer.0.ffn_norm.gamma")[7]);
  CHECK(gamma.scales == nullptr);
  CHECK_FALSE(model.tensor(-1).present());
  CHECK(model.VerifyData().ok());
  test::ReadEverything(model);
}

TEST_CASE("the tiny file opens from memory at any 4-byte address") {
  const std::vector<uint8_t> bytes = TinyFile().Bytes();
  for (size_t offset : {0, 4, 20, 60}) {
    CAPTURE(offset);
    const Placed placed(bytes, offset);
    std::unique_ptr<Model> model;
    const Status status = Model::OpenMemory(placed.data(), placed.size(), {.verify_data = true}, &model);
    REQUIRE_MESSAGE(status.ok(), std::string(status.message()));
    CHECK(model->file_size() == bytes.size());
    CHECK(reinterpret_cast<uintptr_t>(model->tensor(0).data) % 64 == offset);
    CheckIsTiny(*model);
  }
}

TEST_CASE("memory at an odd address is the caller's mistake") {
  const std::vector<uint8_t> bytes = TinyFile().Bytes();
  std::unique_ptr<Model> model;
  for (size_t offset : {1, 2, 3}) {
    const Placed placed(bytes, offset);
    CHECK(Model::OpenMemory(placed.data(), placed.size(), {}, &model).code() == Code::kInvalidArgument);
  }
  CHECK(Model::OpenMemory(nullptr, 0, {}, &model).code() == Code::kInvalidArgument);
  CHECK(model == nullptr);
}

TEST_CASE("the tiny file opens by path and by descriptor, as a piece of a larger file") {
  const std::vector<uint8_t> bytes = TinyFile().Bytes();
  std::unique_ptr<Model> model;
  {
    const TemporaryFile file(bytes);
    REQUIRE(Model::OpenPath(file.path(), {.verify_data = true}, &model).ok());
    CheckIsTiny(*model);
    REQUIRE(Model::OpenDescriptor(file.descriptor(), 0, 0, {}, &model).ok());
  }
  CheckIsTiny(*model);  // the file is closed and unlinked; the mapping stays
  for (size_t offset : {4, 20, 60, 4096, 4096 + 20, 65536 + 60}) {
    for (size_t behind : {0, 1, 100}) {
      CAPTURE(offset);
      std::vector<uint8_t> package(offset, 0xA5);
      package.insert(package.end(), bytes.begin(), bytes.end());
      package.insert(package.end(), behind, 0x5A);
      const TemporaryFile file(package);
      const Status status =
          Model::OpenDescriptor(file.descriptor(), offset, bytes.size(), {.verify_data = true}, &model);
      REQUIRE_MESSAGE(status.ok(), std::string(status.message()));
      CHECK(reinterpret_cast<uintptr_t>(model->tensor(0).data) % 64 == offset % 64);
      CheckIsTiny(*model);
      CHECK(Model::OpenDescriptor(file.descriptor(), offset, 0, {}, &model).ok() == (behind == 0));
    }
  }
}

TEST_CASE("an fp32 file opens too") {
  const Placed placed(TinyFile(schema::TensorType::F32).Bytes(), 4);
  std::unique_ptr<Model> model;
  const Status status = Model::OpenMemory(placed.data(), placed.size(), {.verify_data = true}, &model);
  REQUIRE_MESSAGE(status.ok(), std::string(status.message()));
  CHECK(model->tensor(0).scales == nullptr);
  CHECK(model->tensor(0).rows == 20);
  test::ReadEverything(*model);
}

TEST_CASE("an error by path names the file, and leaves the caller's model as it was") {
  std::vector<uint8_t> bytes = TinyFile().Bytes();
  bytes.resize(bytes.size() - 64);
  const TemporaryFile file(bytes);
  std::unique_ptr<Model> model;
  const Status status = Model::OpenPath(file.path(), {}, &model);
  CHECK(status.code() == Code::kBadFile);
  CHECK(std::string(status.message()).find(std::string(file.path()) + ": header: ") == 0);
  CHECK(model == nullptr);
  CHECK(Model::OpenPath("/nonexistent/x.pbert", {}, &model).code() == Code::kIo);
}

TEST_CASE("a model takes as many tokens as it has positions; model_max_length is where truncation cuts") {
  TinyFile file;
  file.model.tokenizer->max_tokens = 7;
  std::unique_ptr<Model> model;
  const Placed shorter(file.Bytes(), 0);
  REQUIRE(Model::OpenMemory(shorter.data(), shorter.size(), {}, &model).ok());
  CHECK(model->max_tokens() == TinyFile::kPositions);
  CHECK(model->truncation_tokens() == 7);
  file.model.tokenizer->max_tokens = 0xFFFFFFFFu;
  const Placed longer(file.Bytes(), 0);
  REQUIRE(Model::OpenMemory(longer.data(), longer.size(), {}, &model).ok());
  CHECK(model->truncation_tokens() == TinyFile::kPositions);
}

// As sentence-transformers' encode() does, unasked.
TEST_CASE("a sentence embedding's text is always cut at model_max_length") {
  TinyFile file;
  file.model.tokenizer->max_tokens = 7;
  file.model.heads[0]->task = schema::Task::FeatureExtraction;
  file.model.heads[0]->rows = schema::RowChoice::All;
  file.model.heads[0]->pooling = schema::Pooling::Mean;
  std::unique_ptr<Model> model;
  const Placed bytes(file.Bytes(), 0);
  REQUIRE(Model::OpenMemory(bytes.data(), bytes.size(), {}, &model).ok());
  CHECK(model->max_tokens() == 7);
}

}  // namespace
}  // namespace pbert
