#include "platforms/cli/profiler.h"

#include "base/port.h"

namespace pbert::cli {

const char* PartName(int part) {
  constexpr const char* kNames[kPartCount] = {
      "tokenizer",     "embedding",       "qkv",  "attention", "attention_output",
      "norm_quantize", "ffn1_activation", "ffn2", "head"};
  return kNames[part];
}

Profiler::Profiler(Network* network) : network_(network) {
  network_->SetProfileHook({[](void* self, Part part) { static_cast<Profiler*>(self)->Enter(part); }, this});
}

Profiler::~Profiler() { network_->SetProfileHook({}); }

void Profiler::Enter(Part part) {
  const uint64_t now = MonotonicNanoseconds();
  parts_[static_cast<int>(part_)] += static_cast<double>(now - since_) * 1e-6;
  part_ = part;
  since_ = now;
}

void Profiler::Start() {
  parts_ = {};
  part_ = Part::kTokenizer;
  since_ = MonotonicNanoseconds();
}

Parts Profiler::Stop() {
  Enter(Part::kTokenizer);
  return parts_;
}

}  // namespace pbert::cli
