#include "c_api/prepared_models.h"

#include <utility>

#include "base/port_thread.h"

namespace pbert {
namespace {

size_t Index(BackendKind backend) { return static_cast<size_t>(backend); }

class LockGuard {
 public:
  explicit LockGuard(std::atomic_flag* lock) : lock_(lock) {
    while (lock_->test_and_set(std::memory_order_acquire)) YieldThread();
  }
  ~LockGuard() { lock_->clear(std::memory_order_release); }
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;

 private:
  std::atomic_flag* const lock_;
};

}  // namespace

const PreparedModel* PreparedModels::Find(BackendKind backend) const {
  return ready_[Index(backend)].load(std::memory_order_acquire);
}

Status PreparedModels::Get(const Model& model, BackendKind backend, const PreparedModel** prepared) {
  if (Find(backend) == nullptr) PBERT_RETURN_IF_ERROR(Pack(model, backend, nullptr, 0));
  *prepared = Find(backend);
  return Status();
}

Status PreparedModels::PackInto(const Model& model, BackendKind backend, void* memory, size_t size) {
  return Pack(model, backend, memory, size);
}

// Making a PreparedModel is cheap and tells which backend kAuto stands for; packing is what must happen once.
Status PreparedModels::Pack(const Model& model, BackendKind backend, void* memory, size_t size) {
  std::unique_ptr<PreparedModel> fresh;
  PBERT_RETURN_IF_ERROR(PreparedModel::Create(model, backend, &fresh));
  if (memory != nullptr && size < fresh->packed_bytes()) {
    return Status::Error(Code::kNoMemory, "packed weights: %zu bytes were given, %zu are needed (pbert_model_memory)",
                         size, fresh->packed_bytes());
  }

  const LockGuard guard(&lock_);
  std::unique_ptr<PreparedModel>& kept = owned_[Index(fresh->backend())];
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
