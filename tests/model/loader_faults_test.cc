// Ten kinds of fault that loaders of other runtimes (LiteRT, ONNX Runtime, ExecuTorch, llama.cpp) had in 2025 and 2026,
// tried on ours: here those of a .pbert file; tests/converter/loader_faults_test.cc has those of a checkpoint. A count
// into a fixed array and the answer finder's special tokens are in tests/tasks.
#include "tests/support/validate_cases.h"

namespace pbert::test {
namespace {

// Says where it was refused, whatever the reason was.
void Refused(const std::function<void(TinyFile&)>& change) {
  TinyFile file;
  change(file);
  const Status status = OpenWhole(file);
  INFO(std::string(status.message()));
  CHECK_FALSE(status.ok());
}

TEST_CASE("loader fault 1: offset and size together wrap") {
  Refused([](TinyFile& f) { Query(f).data_block = 0xFFFFFFFF; });
  Refused([](TinyFile& f) { Token(f).scales_block = 0xFFFFFFFF; });
  Refused([](TinyFile& f) { Query(f).data_block = 0xFFFFFFFFu / 64; });  // wraps in 32 bits of bytes
}

TEST_CASE("loader fault 2: the product of dimensions wraps") {
  Refused([](TinyFile& f) { Query(f).shape = {0x10000, 0x10000}; });  // 0 in 32 bits
  Refused([](TinyFile& f) {
    Query(f).shape = {0x10000, 0x10001};
    Query(f).data_bytes = 0x10000;  // what a wrapped product would be
  });
}

TEST_CASE("loader fault 3: rounding up to an alignment wraps") {
  Refused([](TinyFile& f) { Query(f).data_bytes = 0xFFFFFFFF; });
  Refused([](TinyFile& f) {
    Query(f).data_bytes = 0xFFFFFFC1;
    Query(f).data_block = 1;
  });
}

TEST_CASE("loader fault 4: a count larger than the array it goes into") {
  Refused([](TinyFile& f) {  // a session keeps the frame's special tokens without asking
    for (int i = 0; i < 40; ++i) {
      f.model.tokenizer->frame_single.push_back(
          std::make_unique<FramePieceT>(*f.model.tokenizer->frame_single.front()));
    }
  });
  Refused([](TinyFile& f) { Encoder(f).order.assign(300, 0); });
}

TEST_CASE("loader fault 5: text of the vocabulary used as an index") {
  Refused([](TinyFile& f) { Words(f).piece_ends.back() += 1000; });
  Refused([](TinyFile& f) { Words(f).unknown_id = 0x7FFFFFFF; });
  Refused([](TinyFile& f) { Words(f).mask_id = 20; });
  Refused([](TinyFile& f) { Words(f).added_tokens[0]->id = 0x7FFFFFFF; });
}

TEST_CASE("loader fault 6: a shape that its bytes or its rank contradict") {
  Refused([](TinyFile& f) { Query(f).shape = {}; });
  Refused([](TinyFile& f) { Query(f).shape = {8}; });
  Refused([](TinyFile& f) { Query(f).shape = {1, 8, 8}; });
  Refused([](TinyFile& f) { Query(f).shape = {8, 24}; });
  Refused([](TinyFile& f) { Query(f).data_bytes -= 1; });
}

TEST_CASE("loader fault 7: a path that is not verified, or not aligned") {
  std::vector<uint8_t> bytes = TinyFile().Bytes();
  std::unique_ptr<pbert::Model> model;
  for (const size_t shift : {1, 2, 3}) {  // memory of the caller's at any address
    const Placed placed(bytes, shift);
    CHECK_FALSE(pbert::Model::OpenMemory(placed.data(), placed.size(), {}, &model).ok());
  }
  // The root's offset leads behind the metadata, under a checksum that is right.
  FileHeader header;
  memcpy(&header, bytes.data(), sizeof(header));
  for (const uint32_t root : {0u, 1u, header.data_offset, 0x7FFFFFFFu, 0xFFFFFFFCu}) {
    const Placed placed(bytes, 0);
    memcpy(placed.data(), &root, sizeof(root));
    converter::SealMetadata(placed.data(), header.data_offset);
    CHECK_FALSE(pbert::Model::OpenMemory(placed.data(), placed.size(), {}, &model).ok());
  }
}

// A label list that holds one string many times: 4 kB to read for each four bytes of the file.
TEST_CASE("loader fault 8: a small file that takes much") {
  TinyFile file;
  Head0(file).labels.assign(1000, "");
  Head0(file).labels[0] = std::string(4096, 'x');
  std::vector<uint8_t> bytes = file.Bytes();
  FileHeader header;
  memcpy(&header, bytes.data(), sizeof(header));
  const auto& labels = *schema::GetModel(bytes.data())->heads()->Get(0)->labels();
  const auto place = [&](const void* address) {
    return static_cast<uint32_t>(static_cast<const uint8_t*>(address) - bytes.data());
  };
  const uint32_t text = place(labels.Get(0));
  for (uint32_t i = 0; i < labels.size(); ++i) {
    const uint32_t entry = place(labels.Data()) + 4 * i, offset = text - entry;  // relative to the entry itself
    memcpy(bytes.data() + entry, &offset, sizeof(offset));
  }
  converter::SealMetadata(bytes.data(), header.data_offset);
  const Placed placed(bytes, 4);
  std::unique_ptr<pbert::Model> model;
  const Status status = pbert::Model::OpenMemory(placed.data(), placed.size(), {}, &model);
  CHECK(strstr(status.message(), "share bytes") != nullptr);
}

// A path inside a model, and a pickle that is more than data, are a checkpoint's: a .pbert has neither.

}  // namespace
}  // namespace pbert::test
