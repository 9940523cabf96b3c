// The bound on a session's memory that SECURITY.md states, over shapes far apart. What would break it: a buffer that
// grows with something else than the formula names.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "tests/engine/network_file.h"
#include "tests/engine/test_network.h"

namespace pbert::test {
namespace {

// N of SECURITY.md: tokens t, hidden h, embedding e, feed-forward f, attention head d, widest head output w, threads p,
// products q (of all layers and heads, each cut into slices of at most 512 KB).
// The scratch memory of a thread is attention's and the products', and may share its place with other buffers.
uint64_t Formula(uint64_t t, uint64_t h, uint64_t e, uint64_t f, uint64_t d, uint64_t w, uint64_t p, uint64_t q) {
  const uint64_t scratch = 4 * (t + 16) * (2 * d + 24) + 32 * std::max({h, e, f, w}) + 200'000;
  return t * (30 * h + 5 * e + 64) + 640 * f + 9 * w + p * scratch + 2048 * q + (1 << 20);
}

TEST_CASE("network memory: the formula of SECURITY.md") {
  struct Shape {
    uint32_t hidden, heads, ffn, embedding, layers, tokens;
  };
  for (const Shape& s : {Shape{8, 2, 16, 0, 1, 12}, Shape{64, 1, 32, 0, 2, 3}, Shape{32, 4, 1024, 0, 1, 100},
                         Shape{16, 2, 8, 256, 2, 60}, Shape{128, 8, 64, 16, 2, 40}, Shape{16, 2, 16, 0, 1, 1500},
                         Shape{32, 32, 64, 0, 20, 100}}) {
    NetworkShape shape;
    shape.hidden = s.hidden;
    shape.heads = s.heads;
    shape.ffn = s.ffn;
    shape.embedding = s.embedding;
    shape.layers = s.layers;
    shape.tokens = s.tokens;
    shape.random = false;
    for (const schema::TensorType type : {schema::TensorType::I8, schema::TensorType::F32}) {
      const OpenNetworkFile file(shape.With(type));
      for (const BackendKind backend : {BackendKind::kAuto, BackendKind::kXnnpack, BackendKind::kReference}) {
        std::unique_ptr<PackedModel> packed;  // not packed: memory is only counted
        REQUIRE(PackedModel::Create(file.model(), backend, &packed).ok());
        for (const uint32_t threads : {1u, 16u}) {
          // Each alone, and all together.
          for (const uint32_t heads :
               {1u << kClassifier, 1u << kTagger, 1u << kLanguage, 1u << kFeatures, 1u << kManySteps, 0x1Fu}) {
            const uint64_t widest = std::max({2 * s.hidden, uint32_t{kVocabulary}, 5u});
            // A matrix is cut for each thread, and into slices.
            const uint64_t matrices = 5 * s.layers + 1 + 8;
            const uint64_t cut = threads + 4 * uint64_t{std::max(s.ffn, 3 * s.hidden)} * s.hidden / (512 * 1024);
            const uint64_t most =
                Formula(s.tokens, s.hidden, s.embedding, s.ffn, s.hidden / s.heads, widest, threads, matrices * cut);
            const uint64_t needed = MemoryFor(*packed, {.max_tokens = s.tokens, .threads = threads, .heads = heads});
            INFO("hidden ", s.hidden, ", tokens ", s.tokens, ", threads ", threads, ", heads ", heads);
            CHECK(needed <= most);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace pbert::test
