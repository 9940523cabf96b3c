// What backends have in common that run from weights as they lie in the file.
#ifndef POCKETBERT_ENGINE_UNPACKED_BACKEND_H_
#define POCKETBERT_ENGINE_UNPACKED_BACKEND_H_

#include <new>

#include "engine/backend.h"

namespace pbert {

// Op: a LinearOp that is made of the weights and the shape, and holds nothing outside of the arena.
template <typename Op>
class UnpackedBackend : public Backend {
 public:
  Status PackedSize(const LinearWeights&, size_t* bytes) const final {
    *bytes = 0;
    return Status();
  }

  Status Pack(const LinearWeights&, void*, size_t) const final { return Status(); }

  Status Bind(const LinearWeights& weights, const void*, const ProductShape& shape, Arena* arena,
              LinearOp** product) const final {
    *product = nullptr;
    void* place = arena->TakeBytes(sizeof(Op));
    if (arena->counting()) return Status();
    if (place == nullptr) return Status::Error(Code::kNoMemory, "session memory is too small");
    *product = new (place) Op(weights, shape);
    return Status();
  }
};

}  // namespace pbert

#endif  // POCKETBERT_ENGINE_UNPACKED_BACKEND_H_
