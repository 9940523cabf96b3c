#include "c_api/packed_models.h"

#include <utility>

namespace pbert {
namespace {

size_t Index(BackendKind backend) { return static_cast<size_t>(backend); }

}  // namespace

const PackedModel* PackedModels::Find(BackendKind backend) const {
  return ready_[Index(backend)].load(std::memory_order_acquire);
}

Status PackedModels::Get(const Model& model, BackendKind backend, const PackedModel** packed) {
  if (Find(backend) == nullptr) PBERT_RETURN_IF_ERROR(Pack(model, backend, nullptr, 0));
  *packed = Find(backend);
  return Status();
}

Status PackedModels::PackInto(const Model& model, BackendKind backend, void* memory, size_t size) {
  return Pack(model, backend, memory, size);
}

// Making a PackedModel is cheap and tells which backend kAuto stands for; packing is what must happen once.
Status PackedModels::Pack(const Model& model, BackendKind backend, void* memory, size_t size) {
  std::unique_ptr<PackedModel> fresh;
  PBERT_RETURN_IF_ERROR(PackedModel::Create(model, backend, &fresh));
  if (memory != nullptr && size < fresh->packed_bytes()) {
    return Status::Error(Code::kNoMemory, "packed weights: %zu bytes were given, %zu are needed (pbert_model_memory)",
                         size, fresh->packed_bytes());
  }

  const MutexLock lock(&mutex_);
  std::unique_ptr<PackedModel>& kept = owned_[Index(fresh->backend())];
  if (kept == nullptr) {
    PBERT_RETURN_IF_ERROR(fresh->Pack(memory, size));
    kept = std::move(fresh);
  } else if (memory != nullptr) {
    return Status::Error(
        Code::kInvalidArgument,
        "packed weights: those of backend %s are already there; give memory before the first session is made",
        kept->backend_name());
  }
  ready_[Index(kept->backend())].store(kept.get(), std::memory_order_release);
  ready_[Index(backend)].store(kept.get(), std::memory_order_release);
  return Status();
}

}  // namespace pbert
