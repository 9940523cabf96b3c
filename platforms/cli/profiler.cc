#include "platforms/cli/profiler.h"

#include "base/port.h"

namespace pbert::cli {

const char* PartName(int kind) {
  constexpr const char* kNames[kOpKindCount] = {
      "tokenizer",     "embedding",       "qkv",  "attention", "attention_output",
      "norm_quantize", "ffn1_activation", "ffn2", "head"};
  return kNames[kind];
}

Profiler::Profiler(Network* network) : network_(network) {
  network_->SetProfileHook({[](void* self, OpKind kind) { static_cast<Profiler*>(self)->Enter(kind); }, this});
}

Profiler::~Profiler() { network_->SetProfileHook({}); }

void Profiler::Enter(OpKind kind) {
  const uint64_t now = MonotonicNanoseconds();
  parts_[static_cast<int>(kind_)] += static_cast<double>(now - since_) * 1e-6;
  kind_ = kind;
  since_ = now;
}

void Profiler::Start() {
  parts_ = {};
  kind_ = OpKind::kTokenizer;
  since_ = MonotonicNanoseconds();
}

Parts Profiler::Stop() {
  Enter(OpKind::kTokenizer);
  return parts_;
}

}  // namespace pbert::cli
