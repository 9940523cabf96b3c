// A model with its weights ready for one backend: what all sessions of that model and backend share.
#ifndef POCKETBERT_ENGINE_PREPARED_MODEL_H_
#define POCKETBERT_ENGINE_PREPARED_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/status.h"
#include "engine/backend.h"
#include "model/model.h"

namespace pbert {

// Same numbers as pbert_backend in pocketbert.h.
enum class BackendKind : uint8_t { kAuto = 0, kXnnpack = 1, kNative = 2, kReference = 3 };

// One product of the network and where its weights are.
struct PackedLinear {
  LinearWeights weights;
  const Backend* backend = nullptr;
  size_t packed_bytes = 0;  // 0: the backend runs from the file's own bytes
  uint64_t packed_offset = 0;
  bool packs = false;            // false where another linear has the same weights: one copy serves both
  const void* packed = nullptr;  // null until Pack

  bool present() const { return weights.weight.present(); }
};

struct PackedLayer {
  PackedLinear query, key, value, attention_output, ffn_in, ffn_out;
};

// In two steps, so that memory can be asked for before it is taken: Create chooses a backend for each
// matrix and adds up sizes; Pack fills the memory. Immutable and thread-safe after Pack.
class PackedModel {
 public:
  // Cheap: reads no weights. `model` must outlive the packed model.
  static Status Create(const Model& model, BackendKind backend, std::unique_ptr<PackedModel>* packed);
  ~PackedModel();
  PackedModel(const PackedModel&) = delete;
  PackedModel& operator=(const PackedModel&) = delete;

  // Bytes of memory that Pack needs: 0 where the file's layout serves as it is.
  size_t packed_bytes() const { return packed_bytes_; }
  // Packs into `memory` (at least packed_bytes(), at any address; the caller keeps it alive), or into
  // memory of its own when null. Call it once.
  Status Pack(void* memory, size_t size);
  bool packed() const { return is_packed_; }

  const Model& model() const { return *model_; }
  BackendKind backend() const { return backend_; }  // never kAuto
  const char* backend_name() const;                 // "xnnpack", "native", "reference"
  // The backend that computes most of the layers' products, which for floats is not the one asked for: "xnnpack", ...
  const char* products_name() const;
  const char* isa_name() const;  // of these products if they are ours, else of the other kernels: "avx512", ...

  size_t layer_count() const { return layer_count_; }  // distinct layers
  const PackedLayer& layer(size_t index) const { return layers_[index]; }
  const PackedLinear& embedding_projection() const { return embedding_projection_; }
  // The linear of a step of a head; not present() where the step has none.
  const PackedLinear& head_linear(size_t head, size_t step) const;

 private:
  PackedModel() = default;
  Status Describe(const schema::Linear* linear, PackedLinear* out);
  Status PlanPacked();
  const PackedLinear* FirstAlike(const PackedLinear& linear);
  template <typename Visitor>
  Status ForEachLinear(Visitor visit);
  const Backend& MostUsedBackend() const;

  const Model* model_ = nullptr;
  BackendKind backend_ = BackendKind::kAuto;
  std::unique_ptr<PackedLayer[]> layers_;
  size_t layer_count_ = 0;
  PackedLinear embedding_projection_;
  std::unique_ptr<PackedLinear[]> head_linears_;  // those of all heads, in order
  std::unique_ptr<size_t[]> head_starts_;         // [heads + 1], into head_linears_
  size_t packed_bytes_ = 0;
  bool is_packed_ = false;
  void* own_memory_ = nullptr;
  size_t own_memory_size_ = 0;
};

}  // namespace pbert

#endif  // POCKETBERT_ENGINE_PREPARED_MODEL_H_
