#include "engine/bound_linear.h"

#include <algorithm>

namespace pbert {
namespace {

// Weights of one slice. Half of the smallest L2 of the CPUs we care for that have one to themselves
// (1 MB on Cortex-A72 and x86 before 2017, 512 KB on A76), a quarter on newer x86.
constexpr size_t kSliceBytes = 512 * 1024;

// The share of `blocks` that comes before part `index` of `parts`.
uint32_t ShareStart(uint32_t blocks, uint32_t index, uint32_t parts) {
  return static_cast<uint32_t>(uint64_t{blocks} * index / parts);
}

}  // namespace

Status BoundLinear::Bind(const PackedLinear& linear, uint32_t output_stride, uint32_t threads, Arena* arena) {
  if (!linear.present()) return Status();
  const LinearWeights& weights = linear.weights;
  const size_t column_bytes = size_t{weights.inputs()} * (weights.quantized() ? 1 : sizeof(float));
  // Whole blocks of columns; what is left over goes with the last.
  const uint32_t block = linear.backend->column_block();
  const uint32_t blocks = std::max(1u, weights.outputs() / block);
  const uint32_t slice_blocks = linear.backend->rereads_weights()
                                    ? static_cast<uint32_t>(std::max<size_t>(1, kSliceBytes / (column_bytes * block)))
                                    : blocks;
  auto slices_of = [&](uint32_t thread) {
    const uint32_t share = ShareStart(blocks, thread + 1, threads) - ShareStart(blocks, thread, threads);
    return (share + slice_blocks - 1) / slice_blocks;
  };

  uint32_t count = 0;
  for (uint32_t t = 0; t < threads; ++t) count += slices_of(t);
  LinearOp** products = arena->Take<LinearOp*>(count);
  uint32_t* starts = arena->Take<uint32_t>(threads + 1);
  if (!arena->counting() && arena->overflowed()) return Status::Error(Code::kNoMemory, "session memory is too small");

  uint32_t at = 0;
  for (uint32_t t = 0; t < threads; ++t) {
    if (starts != nullptr) starts[t] = at;
    const uint32_t first = ShareStart(blocks, t, threads);
    const uint32_t share = ShareStart(blocks, t + 1, threads) - first;
    const uint32_t slices = slices_of(t);
    for (uint32_t s = 0; s < slices; ++s) {
      const uint32_t begin = (first + ShareStart(share, s, slices)) * block;
      const uint32_t end_block = first + ShareStart(share, s + 1, slices);
      const uint32_t end = end_block == blocks ? weights.outputs() : end_block * block;
      LinearOp* product;
      PBERT_RETURN_IF_ERROR(
          linear.backend->Bind(weights, linear.packed, {begin, end - begin, output_stride}, arena, &product));
      if (products != nullptr) {
        products[at] = product;
        products_ = products;
        count_ = at + 1;  // so that Release finds what exists if a later one fails
      }
      ++at;
    }
  }
  if (starts != nullptr) starts[threads] = at;
  thread_starts_ = starts;
  inputs_ = weights.inputs();
  outputs_ = weights.outputs();
  quantized_ = weights.quantized();
  return Status();
}

void BoundLinear::Release() {
  for (uint32_t i = 0; i < count_; ++i) products_[i]->Release();
  count_ = 0;
}

Status BoundLinear::Run(uint32_t thread, size_t rows, const LinearInput& x, float* y, void* scratch) const {
  for (uint32_t i = thread_starts_[thread]; i < thread_starts_[thread + 1]; ++i) {
    PBERT_RETURN_IF_ERROR(products_[i]->Run(rows, x, y, scratch));
  }
  return Status();
}

}  // namespace pbert
