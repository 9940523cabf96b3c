// One linear layer of a session: its products, cut along the output columns among threads.
#ifndef POCKETBERT_ENGINE_BOUND_LINEAR_H_
#define POCKETBERT_ENGINE_BOUND_LINEAR_H_

#include <cstddef>
#include <cstdint>

#include "base/arena.h"
#include "base/status.h"
#include "engine/packed_model.h"

namespace pbert {

// Each thread computes a range of output columns for all rows. Where a backend goes over all of a product's
// weights once per tile of some rows (XNNPACK: seven), a thread works through its range in slices of weights
// that fit into its L2 cache together with the rows: from L2 that is several times faster than from further
// away. After Bind, threads t < threads may call Run at the same time.
class BoundLinear {
 public:
  // An absent linear binds to nothing. With a counting arena it only counts.
  Status Bind(const PackedLinear& linear, uint32_t output_stride, uint32_t threads, Arena* arena);
  void Release();

  // y: the output of the first row at the linear's first column. scratch: the thread's own, of
  // the backend's ScratchBytes.
  Status Run(uint32_t thread, size_t rows, const LinearInput& x, float* y, void* scratch) const;

  bool present() const { return outputs_ != 0; }
  bool quantized() const { return quantized_; }
  uint32_t inputs() const { return inputs_; }
  uint32_t outputs() const { return outputs_; }

 private:
  LinearOp** products_ = nullptr;
  uint32_t* thread_starts_ = nullptr;  // [threads + 1], into products_
  uint32_t count_ = 0;
  uint32_t inputs_ = 0;
  uint32_t outputs_ = 0;
  bool quantized_ = false;
};

}  // namespace pbert

#endif  // POCKETBERT_ENGINE_BOUND_LINEAR_H_
