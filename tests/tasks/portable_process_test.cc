// The embedding of a text by the portable instruction set: one vector, bit by bit, from every build and on every
// machine. In a process of its own, since it settles which instruction set that is.
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/checksum.h"
#include "kernels/instruction_set.h"
#include "tests/support/skip.h"
#include "tests/tasks/session_fixture.h"

namespace pbert::test {
namespace {

constexpr uint32_t kHidden = 72, kHeads = 3, kFfn = 150, kMostTokens = 40;

bool UsePortable() {
  if (KernelsFor(Isa::kPortable) == nullptr) {
    Skip("this build has no portable kernels (POCKETBERT_PORTABLE_KERNELS)");
    return false;
  }
  REQUIRE(UseInstructionSet("portable"));
  return true;
}

// Two layers of int8 with an embedding head of no steps. Widths are no multiples of anyone's vectors.
TinyFile EmbeddingFile(schema::Activation activation, schema::Pooling pooling) {
  constexpr auto kInt8 = schema::TensorType::I8;
  TinyFile file = TinyTextFile();
  schema::EncoderT& encoder = *file.model.encoder;
  encoder.hidden_size = encoder.embedding_size = kHidden;
  encoder.head_count = kHeads;
  encoder.ffn_size = kFfn;
  encoder.max_tokens = kMostTokens;
  encoder.activation = activation;
  encoder.embeddings->token = file.AddMatrix("token", 20, kHidden, kInt8);
  encoder.embeddings->position = file.AddMatrix("position", kMostTokens, kHidden, schema::TensorType::F32);
  encoder.embeddings->norm = file.AddNorm("norm", kHidden);
  encoder.layers.clear();
  for (const std::string name : {"first.", "second."}) {
    auto layer = std::make_unique<schema::LayerT>();
    layer->query = file.AddLinear(name + "query", kHidden, kHidden, kInt8);
    layer->key = file.AddLinear(name + "key", kHidden, kHidden, kInt8);
    layer->value = file.AddLinear(name + "value", kHidden, kHidden, kInt8);
    layer->attention_output = file.AddLinear(name + "attention_output", kHidden, kHidden, kInt8);
    layer->attention_norm = file.AddNorm(name + "attention_norm", kHidden);
    layer->ffn_in = file.AddLinear(name + "ffn_in", kFfn, kHidden, kInt8);
    layer->ffn_out = file.AddLinear(name + "ffn_out", kHidden, kFfn, kInt8);
    layer->ffn_norm = file.AddNorm(name + "ffn_norm", kHidden);
    encoder.layers.push_back(std::move(layer));
  }
  schema::HeadT& head = *file.model.heads[0];
  head.task = schema::Task::FeatureExtraction;
  head.rows = schema::RowChoice::All;
  head.labels.clear();
  head.steps.clear();
  head.pooling = pooling;
  head.normalize = true;
  return file;
}

// Of the embeddings of texts from nothing to more than fits.
uint64_t ChecksumOf(const TinyFile& file, uint32_t threads) {
  const OpenModel model(file);
  pbert_session* session = NewSession(model, Options(0, threads, PBERT_AUTO));
  Xxh64 sum;
  std::string text;
  for (int words = 0; words < 50; words += 1 + words / 3) {
    for (const pbert_pooling pooling : {PBERT_POOL_MODEL, PBERT_POOL_TOKENS, PBERT_POOL_CLS}) {
      const pbert_input input = Text(text);
      pbert_embedding result = PBERT_EMBEDDING;
      REQUIRE(pbert_embed(session, &input, pooling, pooling == PBERT_POOL_CLS, &result) == PBERT_OK);
      sum.Update(result.values, size_t{result.rows} * result.columns * sizeof(float));
    }
    text.clear();
    for (int i = 0; i <= words; ++i) text += i % 3 == 0 ? "singing " : i % 3 == 1 ? "Hello, " : "b ";
  }
  pbert_session_destroy(session);
  return sum.Finish();
}

TEST_CASE("portable: it is used once it is asked for, and stays") {
  if (!UsePortable()) return;
  CHECK(std::string(UsedInstructionSet().name) == "portable");
  CHECK(&BestKernels() == KernelsFor(Isa::kPortable));
  CHECK(Int8ProductIsFastest());
  CHECK_FALSE(UseInstructionSet("scalar"));
  CHECK_FALSE(UseInstructionSet("mmx"));
  CHECK(UseInstructionSet("portable"));
  CHECK(std::string(WantedInstructionSet()) == "portable");
}

TEST_CASE("portable: embeddings are these bits, however many threads there are") {
  if (!UsePortable()) return;
  const struct {
    schema::Activation activation;
    schema::Pooling pooling;
    uint64_t checksum;
  } cases[] = {
      {schema::Activation::GeluErf, schema::Pooling::Mean, 0xDA93D5B45A625D33u},
      {schema::Activation::GeluTanh, schema::Pooling::MeanSqrtLength, 0xA577EC0EE96C61AAu},
      {schema::Activation::Relu, schema::Pooling::Max, 0x855F2F12BD10958Fu},
  };
  for (const auto& one : cases) {
    const TinyFile file = EmbeddingFile(one.activation, one.pooling);
    for (const uint32_t threads : {1u, 2u}) {
      CAPTURE(static_cast<int>(one.activation));
      CHECK(ChecksumOf(file, threads) == one.checksum);
    }
  }
}

}  // namespace
}  // namespace pbert::test
