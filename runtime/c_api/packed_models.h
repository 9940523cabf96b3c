// One model's packed weights, one copy for each backend that somebody uses.
#ifndef POCKETBERT_C_API_PACKED_MODELS_H_
#define POCKETBERT_C_API_PACKED_MODELS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>

#include "base/port_thread.h"
#include "base/status.h"
#include "engine/packed_model.h"
#include "model/model.h"

namespace pbert {

// Packs on demand and keeps what it packed until its end. Thread-safe.
class PackedModels {
 public:
  // Null as long as nobody has packed for `backend`.
  const PackedModel* Find(BackendKind backend) const;

  // Packs for `backend` into memory of the library's own, unless that was done before.
  Status Get(const Model& model, BackendKind backend, const PackedModel** packed);

  // Packs into the caller's memory, at any address. An error if that backend's weights are packed already.
  Status PackInto(const Model& model, BackendKind backend, void* memory, size_t size);

 private:
  static constexpr size_t kKinds = 4;  // of BackendKind

  Status Pack(const Model& model, BackendKind backend, void* memory, size_t size);

  // What each kind, kAuto included, resolved to. Set once, after packing.
  std::array<std::atomic<const PackedModel*>, kKinds> ready_{};
  // Of concrete kinds only, so that kAuto and what it stands for share one copy. Guarded by mutex_.
  std::array<std::unique_ptr<PackedModel>, kKinds> owned_;
  Mutex mutex_;
};

}  // namespace pbert

#endif  // POCKETBERT_C_API_PACKED_MODELS_H_
