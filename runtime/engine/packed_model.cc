#include "engine/packed_model.h"

#include <new>

#include "base/arena.h"
#include "base/port.h"
#include "kernels/int8_product.h"
#include "model/layer_linears.h"

namespace pbert {
namespace {

// What packing may ask for: floats of one column grow most, from 4 bytes a row to 8.
constexpr uint64_t kPackedPerFileByte = 3;
constexpr uint64_t kPackedSlack = 2 << 20;  // for small models, whose few rows become whole blocks

// The best backend for a matrix. What is also an embedding table (a masked language model's output layer) is row-major
// for the embedding: packing it would make a second copy of the largest matrix. XNNPACK takes what our own products
// decline, and is not even started where nothing needs it. Row-major code takes what both decline, or what XNNPACK
// would have taken if it had started, which it does not without /proc; and the reference takes the rest.
Status ChooseBackend(BackendKind kind, bool is_embedding_table, const LinearWeights& weights, const Backend** chosen) {
  auto accepts = [&](const Backend* backend) {
    if (backend == nullptr || !backend->Accepts(weights)) return false;
    *chosen = backend;
    return true;
  };
  if (kind != BackendKind::kReference) {
    if (is_embedding_table && accepts(&RowMajorBackend())) return Status();
    if (kind == BackendKind::kNative && accepts(NativeBackend())) return Status();
    const Backend* xnnpack = nullptr;
    if (Status status = XnnBackend(&xnnpack); status.code() == Code::kNoMemory) return status;
    if (accepts(xnnpack) || accepts(&RowMajorBackend())) return Status();
  }
  if (accepts(&ReferenceBackend())) return Status();
  return Status::Error(Code::kUnsupported, "%s: no backend computes weights of this type and layout",
                       weights.weight.name);
}

}  // namespace

PackedModel::~PackedModel() { FreePages(own_memory_, own_memory_size_); }

Status PackedModel::Create(const Model& model, BackendKind backend, std::unique_ptr<PackedModel>* packed) {
  std::unique_ptr<PackedModel> made(new (std::nothrow) PackedModel);
  const Status no_memory = Status::Error(Code::kNoMemory, "cannot allocate the model's tables");
  if (made == nullptr) return no_memory;
  made->model_ = &model;
  if (backend == BackendKind::kNative && NativeBackend() == nullptr) {
    return Status::Error(Code::kUnsupported,
                         "backend: native matrix products: this build has none for this CPU; use auto or xnnpack");
  }
  if (backend == BackendKind::kXnnpack) {
    const Backend* xnnpack = nullptr;
    PBERT_RETURN_IF_ERROR(XnnBackend(&xnnpack));  // who asks for it by name is told
  }
  made->backend_ = backend != BackendKind::kAuto ? backend
                   : Int8ProductIsFastest()      ? BackendKind::kNative
                                                 : BackendKind::kXnnpack;

  const schema::Encoder& encoder = model.encoder();
  made->layer_count_ = encoder.layers()->size();
  made->layers_.reset(new (std::nothrow) PackedLayer[made->layer_count_]);
  size_t steps = 0;
  for (size_t i = 0; i < model.head_count(); ++i) {
    const auto* head_steps = model.head(i).steps();
    steps += head_steps == nullptr ? 0 : head_steps->size();
  }
  made->head_linears_.reset(new (std::nothrow) PackedLinear[steps + 1]);
  made->head_starts_.reset(new (std::nothrow) size_t[model.head_count() + 1]);
  if (!made->layers_ || !made->head_linears_ || !made->head_starts_) return no_memory;

  PBERT_RETURN_IF_ERROR(made->Describe(encoder.embeddings()->projection(), &made->embedding_projection_));
  for (size_t i = 0; i < made->layer_count_; ++i) {
    const auto from = LinearsOf(*encoder.layers()->Get(i));
    const auto to = LinearsOf(made->layers_[i]);
    for (size_t k = 0; k < kLayerLinears; ++k) PBERT_RETURN_IF_ERROR(made->Describe(from[k], to[k]));
  }
  size_t at = 0;
  for (size_t i = 0; i < model.head_count(); ++i) {
    made->head_starts_[i] = at;
    const auto* head_steps = model.head(i).steps();
    for (size_t s = 0; head_steps != nullptr && s < head_steps->size(); ++s) {
      PBERT_RETURN_IF_ERROR(made->Describe(head_steps->Get(s)->linear(), &made->head_linears_[at++]));
    }
  }
  made->head_starts_[model.head_count()] = at;

  PBERT_RETURN_IF_ERROR(made->PlanPacked());
  *packed = std::move(made);
  return Status();
}

// Each matrix is packed once, however many layers have it. What then is larger than the file explains comes from
// matrices that overlap in it, of which a small file can have many.
Status PackedModel::PlanPacked() {
  uint64_t total = 0;
  PBERT_RETURN_IF_ERROR(ForEachLinear([&](PackedLinear* linear) {
    const PackedLinear* first = FirstAlike(*linear);
    linear->packs = first == linear;
    if (!linear->packs) {
      linear->packed_bytes = first->packed_bytes;
      linear->packed_offset = first->packed_offset;
      return Status();
    }
    PBERT_RETURN_IF_ERROR(linear->backend->PackedSize(linear->weights, &linear->packed_bytes));
    linear->packed_offset = total;
    total += RoundUp(uint64_t{linear->packed_bytes}, kCacheLine);
    return Status();
  }));
  const uint64_t most = kPackedPerFileByte * model_->file_size() + kPackedSlack;
  if (total > most) {
    return Status::Error(Code::kBadFile,
                         "its matrices would take %llu bytes when packed, of a file of %llu: they overlap",
                         static_cast<unsigned long long>(total), static_cast<unsigned long long>(model_->file_size()));
  }
  if (total > SIZE_MAX - kCacheLine) {
    return Status::Error(Code::kNoMemory, "its packed weights, %llu bytes, are larger than the address space",
                         static_cast<unsigned long long>(total));
  }
  packed_bytes_ = total == 0 ? 0 : static_cast<size_t>(total) + kCacheLine;
  return Status();
}

// The first linear that the same backend computes from the same bytes.
const PackedLinear* PackedModel::FirstAlike(const PackedLinear& linear) {
  const PackedLinear* found = nullptr;
  const auto same = [](const LinearWeights& a, const LinearWeights& b) {
    return a.weight.data == b.weight.data && a.weight.scales == b.weight.scales && a.weight.type == b.weight.type &&
           a.weight.layout == b.weight.layout && a.weight.columns == b.weight.columns &&
           a.weight.rows == b.weight.rows && a.bias.data == b.bias.data;
  };
  (void)ForEachLinear([&](PackedLinear* other) {
    if (found == nullptr && other->backend == linear.backend && same(other->weights, linear.weights)) found = other;
    return Status();
  });
  return found;
}

Status PackedModel::Describe(const schema::Linear* linear, PackedLinear* out) {
  if (linear == nullptr || linear->weight() < 0) return Status();
  LinearWeights weights;
  weights.weight = model_->tensor(linear->weight());
  weights.bias = model_->tensor(linear->bias());
  out->weights = weights;

  return ChooseBackend(backend_, linear->weight() == model_->encoder().embeddings()->token(), weights, &out->backend);
}

template <typename Visitor>
Status PackedModel::ForEachLinear(Visitor visit) {
  if (embedding_projection_.present()) PBERT_RETURN_IF_ERROR(visit(&embedding_projection_));
  for (size_t i = 0; i < layer_count_; ++i) {
    for (PackedLinear* linear : LinearsOf(layers_[i])) PBERT_RETURN_IF_ERROR(visit(linear));
  }
  for (size_t i = 0; i < head_starts_[model_->head_count()]; ++i) {
    if (head_linears_[i].present()) PBERT_RETURN_IF_ERROR(visit(&head_linears_[i]));
  }
  return Status();
}

Status PackedModel::Pack(void* memory, size_t size) {
  if (memory == nullptr && packed_bytes_ > 0) {
    own_memory_ = memory = AllocatePages(packed_bytes_);
    own_memory_size_ = size = packed_bytes_;
    if (memory == nullptr) {
      return Status::Error(Code::kNoMemory, "cannot allocate %zu bytes for packed weights", packed_bytes_);
    }
    AdviseHugePages(memory, packed_bytes_);
  }
  if (size < packed_bytes_) {
    return Status::Error(Code::kNoMemory, "memory for packed weights: %zu bytes given, %zu needed", size,
                         packed_bytes_);
  }
  uint8_t* start = reinterpret_cast<uint8_t*>(RoundUp(reinterpret_cast<uintptr_t>(memory), kCacheLine));
  PBERT_RETURN_IF_ERROR(ForEachLinear([&](PackedLinear* linear) {
    if (linear->packed_bytes == 0) {
      const TensorView& weight = linear->weights.weight;
      if (linear->weights.in_blocks()) AdviseWillRead(weight.data, weight.bytes);
      return Status();
    }
    uint8_t* packed = start + static_cast<size_t>(linear->packed_offset);
    if (linear->packs) PBERT_RETURN_IF_ERROR(linear->backend->Pack(linear->weights, packed, linear->packed_bytes));
    linear->packed = packed;
    return Status();
  }));
  is_packed_ = true;
  return Status();
}

const char* PackedModel::backend_name() const {
  switch (backend_) {
    case BackendKind::kNative:
      return "native";
    case BackendKind::kReference:
      return "reference";
    default:
      return "xnnpack";
  }
}

const Backend& PackedModel::MostUsedBackend() const {
  const Backend* most = nullptr;
  uint64_t most_weights = 0;
  for (const Backend* backend : {layers_[0].query.backend, layers_[0].ffn_in.backend, layers_[0].ffn_out.backend}) {
    uint64_t weights = 0;
    for (size_t i = 0; i < layer_count_; ++i) {
      for (const PackedLinear* linear : LinearsOf(layers_[i])) {
        if (linear->backend == backend) weights += uint64_t{linear->weights.inputs()} * linear->weights.outputs();
      }
    }
    if (weights > most_weights) most = backend, most_weights = weights;
  }
  return *most;
}

const char* PackedModel::products_name() const { return MostUsedBackend().name(); }

const char* PackedModel::isa_name() const {
  if (backend_ == BackendKind::kReference) return ScalarKernels().name;
  return &MostUsedBackend() == NativeBackend() ? BestInt8Product()->name : BestKernels().name;
}

const PackedLinear& PackedModel::head_linear(size_t head, size_t step) const {
  return head_linears_[head_starts_[head] + step];
}

}  // namespace pbert
