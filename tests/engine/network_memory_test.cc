// What a network takes, what it refuses, and that it keeps to its memory.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/arena.h"
#include "engine/network.h"
#include "tests/engine/network_file.h"
#include "tests/engine/test_network.h"

namespace pbert::test {
namespace {

using schema::TensorType;

constexpr NetworkOptions kOptions = {.max_tokens = 20, .threads = 2, .heads = 1u << kTagger};

// Everything that takes memory in one way or another: a projection, several heads' steps, threads, both kinds of
// weights.
NetworkShape SomeShape() {
  NetworkShape shape = {.hidden = 130, .heads = 5, .ffn = 200, .embedding = 33};
  shape.type = [](const std::string& name) { return name.starts_with("layer.0") ? TensorType::I8 : TensorType::F32; };
  return shape;
}

// The block is a little larger than what is given of it, and what lies outside must stay as it is.
TEST_CASE("network memory: the counted size is enough wherever the block begins, and no byte beyond is touched") {
  const OpenNetworkFile file(SomeShape());
  const std::vector<int32_t> ids = SomeIds(20);
  constexpr size_t kAround = 256;
  constexpr uint8_t kMark = 0xA5;
  for (const BackendKind backend : kBackends) {
    const auto packed = Prepare(file.model(), backend);
    TestNetwork plain(*packed, kOptions);
    const Matrix expected = plain.Encode(ids, kAllRows);
    const size_t needed = MemoryFor(*packed, kOptions);
    for (const size_t misaligned : {0, 1, 8, 33, 63, 64}) {
      CAPTURE(misaligned);
      std::vector<uint8_t> block(needed + 2 * kAround + kCacheLine, kMark);
      uint8_t* aligned = reinterpret_cast<uint8_t*>(RoundUp(reinterpret_cast<uintptr_t>(block.data()), kCacheLine));
      uint8_t* memory = aligned + kAround - kCacheLine + misaligned;
      Arena arena(memory, needed);
      Network* network = nullptr;
      const Status status = Network::Create(*packed, kOptions, &arena, &network);
      REQUIRE_MESSAGE(status.ok(), std::string(status.message()));
      CHECK(arena.used() == needed - kCacheLine);
      REQUIRE(network->Encode({ids, {}}, kAllRows).ok());
      Matrix hidden(network->rows(), network->hidden_size());
      std::copy_n(network->hidden(0), hidden.values.size(), hidden.values.begin());
      CHECK(WorstDifference(hidden, expected) == 0);
      const float* outputs = nullptr;
      CHECK(network->RunHead(0, 1, &outputs).ok());
      Network::Destroy(network);
      const auto marked = [](uint8_t byte) { return byte == kMark; };
      CHECK(std::all_of(block.data(), memory, marked));
      CHECK(std::all_of(memory + needed, block.data() + block.size(), marked));
    }
  }
}

// Whatever is missing, from the last cache line to everything: an error, nothing leaked (the leak check of the address
// sanitizer), and the answer of the next network is right.
TEST_CASE("network memory: less is refused") {
  const OpenNetworkFile file(SomeShape());
  for (const BackendKind backend : kBackends) {
    const auto packed = Prepare(file.model(), backend);
    const size_t used = MemoryFor(*packed, kOptions) - kCacheLine;
    std::vector<uint8_t> block(used + kCacheLine);
    uint8_t* aligned = reinterpret_cast<uint8_t*>(RoundUp(reinterpret_cast<uintptr_t>(block.data()), kCacheLine));
    Network* network = nullptr;
    for (size_t size = 0; size < used;
         size += size + kCacheLine < used ? std::max(kCacheLine, used / 97 / 64 * 64) : 1) {
      CAPTURE(size);
      Arena arena(aligned, size);
      const Status status = Network::Create(*packed, kOptions, &arena, &network);
      REQUIRE(status.code() == Code::kNoMemory);
      REQUIRE(std::string(status.message()) == "session memory is too small");
      REQUIRE(network == nullptr);
    }
    Arena arena(aligned, used);
    CHECK(Network::Create(*packed, kOptions, &arena, &network).ok());
    Network::Destroy(network);
  }
  Network::Destroy(nullptr);
}

// What the design promises: 3 MB for 128 tokens and 11 MB for 512, of which the tokenizer takes its part: 100 bytes a
// token and a little. Six layers are needed, as each has its operators in the arena; the values do not matter.
TEST_CASE("network memory: DistilBERT-base's shape") {
  const OpenNetworkFile file(
      NetworkShape{.hidden = 768, .heads = 12, .ffn = 3072, .layers = 6, .tokens = 512, .random = false}.With(
          TensorType::I8));
  std::unique_ptr<PackedModel> packed;
  REQUIRE(PackedModel::Create(file.model(), BackendKind::kXnnpack, &packed).ok());
  const size_t short_bytes = MemoryFor(*packed, {.max_tokens = 128, .threads = 1, .heads = 1u << kClassifier});
  const size_t long_bytes = MemoryFor(*packed, {.max_tokens = 512, .threads = 1, .heads = 1u << kClassifier});
  MESSAGE("128 tokens: " << short_bytes << " bytes, 512 tokens: " << long_bytes << " bytes");
  CHECK(short_bytes < 2'770'000);  // 2.62 MB on x86; descriptors of operators are larger on ARM, by 0.11 MB
  CHECK(long_bytes < 8'600'000);   // 8.41 MB
  // 42.5 million weights of the layers and 3 million of the five heads, and 12 bytes for each output.
  CHECK(packed->packed_bytes() < 46'200'000);
}

TEST_CASE("network memory: weights are packed wherever the caller likes") {
  const OpenNetworkFile file(SomeShape());
  const std::vector<int32_t> ids = SomeIds(20);
  const auto plain = Prepare(file.model(), BackendKind::kXnnpack);
  TestNetwork expecting(*plain, kOptions);
  const Matrix expected = expecting.Encode(ids, kAllRows);
  for (const size_t misaligned : {0, 1, 4, 63}) {
    CAPTURE(misaligned);
    std::unique_ptr<PackedModel> packed;
    REQUIRE(PackedModel::Create(file.model(), BackendKind::kXnnpack, &packed).ok());
    const size_t size = packed->packed_bytes();
    CHECK(size > 0);
    std::vector<uint8_t> memory(size + misaligned);  // of exactly the size, for the address sanitizer
    CHECK(packed->Pack(memory.data() + misaligned, size - 1).code() == Code::kNoMemory);
    CHECK(!packed->packed());
    REQUIRE(packed->Pack(memory.data() + misaligned, size).ok());
    CHECK(packed->packed());
    TestNetwork network(*packed, kOptions);
    CHECK(WorstDifference(network.Encode(ids, kAllRows), expected) == 0);
  }
  std::unique_ptr<PackedModel> reference;
  REQUIRE(PackedModel::Create(file.model(), BackendKind::kReference, &reference).ok());
  CHECK(reference->packed_bytes() == 0);
}

TEST_CASE("network memory: impossible options are refused, counting or not") {
  const OpenNetworkFile file(SomeShape());
  const auto packed = Prepare(file.model(), BackendKind::kXnnpack);
  std::vector<uint8_t> memory(MemoryFor(*packed, kOptions));
  const NetworkOptions impossible[] = {
      {.max_tokens = 0, .threads = 1, .heads = 1u << 0},
      {.max_tokens = 21, .threads = 1, .heads = 1u << 0},
      {.max_tokens = UINT32_MAX, .threads = 1, .heads = 1u << 0},
      {.max_tokens = 20, .threads = 1, .heads = 1u << 5},
      {.max_tokens = 20, .threads = 1, .heads = 0},
      {.max_tokens = 20, .threads = kMaxThreads + 1, .heads = 1u << 0},
      {.max_tokens = 20, .threads = UINT32_MAX, .heads = 1u << 0},
  };
  for (const NetworkOptions& options : impossible) {
    CAPTURE(options.max_tokens);
    CAPTURE(options.threads);
    Arena counting, arena(memory.data(), memory.size());
    Network* network = nullptr;
    CHECK(Network::Create(*packed, options, &counting, &network).code() == Code::kInvalidArgument);
    CHECK(Network::Create(*packed, options, &arena, &network).code() == Code::kInvalidArgument);
    CHECK(network == nullptr);
  }
  std::unique_ptr<PackedModel> unpacked;
  REQUIRE(PackedModel::Create(file.model(), BackendKind::kXnnpack, &unpacked).ok());
  Arena arena(memory.data(), memory.size());
  Network* network = nullptr;
  CHECK(Network::Create(*unpacked, kOptions, &arena, &network).code() == Code::kInvalidArgument);
}

TEST_CASE("network memory: impossible inputs are refused and the next one is answered") {
  const OpenNetworkFile file(NetworkShape{.types = 2}.With(TensorType::I8));
  const auto packed = Prepare(file.model(), BackendKind::kXnnpack);
  TestNetwork network(*packed, {.max_tokens = 10, .threads = 2, .heads = 1u << kTagger});
  const float* outputs = nullptr;
  CHECK(network->RunHead(0, 1, &outputs).code() == Code::kInvalidArgument);  // nothing encoded yet

  const std::vector<int32_t> good = SomeIds(10);
  const Matrix expected = network.Encode(good, kAllRows);
  auto refused = [&](const std::vector<int32_t>& ids, const std::vector<uint8_t>& types,
                     const std::vector<uint32_t>& listed) {
    const RowSelection rows = {listed.empty() ? schema::RowChoice::All : schema::RowChoice::Listed, listed};
    const Status status = network->Encode({ids, types}, rows);
    CHECK(status.code() == Code::kInvalidArgument);
    CHECK(std::string(status.message()) != "");
  };
  refused({}, {}, {});
  refused(SomeIds(11), {}, {});
  refused({1, 2, static_cast<int32_t>(kVocabulary)}, {}, {});
  refused({1, -1}, {}, {});
  refused({INT32_MIN}, {}, {});
  refused({1, 2}, {0}, {});
  refused({1, 2}, {0, 1, 0}, {});
  refused({1, 2}, {0, 2}, {});
  refused({1, 2}, {}, {2});
  refused({1, 2}, {}, {1, 0});
  refused({1, 2}, {}, {0, 0});
  refused({1, 2}, {}, {UINT32_MAX});
  CHECK(WorstDifference(network.Encode(good, kAllRows), expected) == 0);

  CHECK(network->RunHead(0, 0, &outputs).code() == Code::kInvalidArgument);
  CHECK(network->RunHead(10, 1, &outputs).code() == Code::kInvalidArgument);
  CHECK(network->RunHead(5, 6, &outputs).code() == Code::kInvalidArgument);
  CHECK(network->RunHead(SIZE_MAX, 2, &outputs).code() == Code::kInvalidArgument);
  CHECK(network->RunHead(0, network->max_head_rows() + 1, &outputs).code() == Code::kInvalidArgument);
  CHECK(network->RunHead(9, 1, &outputs).ok());
  // A head of the first row computes one at a time, whatever was encoded.
  TestNetwork classifier(*packed, {.max_tokens = 10, .threads = 1, .heads = 1u << kClassifier});
  classifier.Encode(good, kAllRows);
  CHECK(classifier->max_head_rows() == 1);
  CHECK(classifier->RunHead(0, 2, &outputs).code() == Code::kInvalidArgument);
}

}  // namespace
}  // namespace pbert::test
