// Where the time of a request goes, for whoever wants to know.
#ifndef POCKETBERT_ENGINE_PROFILE_H_
#define POCKETBERT_ENGINE_PROFILE_H_

#include <cstdint>

namespace pbert {

// What a request consists of. The tokenizer runs before the network and so never is announced by it.
enum class OpKind : uint8_t {
  kTokenizer,
  kEmbedding,  // rows of the tables, their norm, the projection where there is one
  kQkv,
  kAttention,
  kAttentionOutput,
  kNorm,   // LayerNorm, residual addition, and quantization of what a product reads next
  kFfnIn,  // with the activation
  kFfnOut,
  kHead,
};
inline constexpr int kOpKindCount = 9;

// Told on the calling thread that a part begins and so the one before it ends. The engine has no clock; who listens
// has one. Costs a comparison with null for each part when nobody does.
struct ProfileHook {
  void (*begin)(void* context, OpKind kind) = nullptr;
  void* context = nullptr;
};

}  // namespace pbert

#endif  // POCKETBERT_ENGINE_PROFILE_H_
