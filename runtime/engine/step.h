// The steps of a request, as the memory plan and whoever watches a network count them.
#ifndef POCKETBERT_ENGINE_STEP_H_
#define POCKETBERT_ENGINE_STEP_H_

#include <cstdint>

namespace pbert {

// In the order in which a request runs them. From kQkv to kFfnNorm they are repeated for each layer, from kFfnIn to
// kFfnOut for each tile of rows. What one step writes, another step reads only behind a barrier.
enum class Step : uint8_t {
  kEmbed,
  kProject,  // only with a projection of the embeddings
  kQkv,
  kAttend,
  kQuantize,  // of attention's result; only where int8 weights meet it
  kAttentionOutput,
  kAttentionNorm,
  kFfnIn,
  kActivate,
  kFfnOut,
  kFfnNorm,
  kHead,
  kRead,  // the caller reads hidden states and the head's outputs
};
inline constexpr uint32_t kStepCount = 13;

inline constexpr const char* kStepNames[kStepCount] = {
    "embed",    "project", "qkv",      "attend", "quantize", "attention output", "attention norm", "ffn in",
    "activate", "ffn out", "ffn norm", "head",   "read"};

// Told on the calling thread that a step begins, while all other threads of the request wait. Nothing of an earlier
// step still runs then. Costs a comparison with null for each step when nobody listens.
struct StepHook {
  void (*begin)(void* context, Step step) = nullptr;
  void* context = nullptr;
};

}  // namespace pbert

#endif  // POCKETBERT_ENGINE_STEP_H_
