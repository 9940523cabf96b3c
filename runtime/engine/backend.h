// What the encoder asks of a matrix product, whoever computes it.
#ifndef POCKETBERT_ENGINE_BACKEND_H_
#define POCKETBERT_ENGINE_BACKEND_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/arena.h"
#include "base/packed_block.h"
#include "base/status.h"
#include "kernels/kernels.h"
#include "model/model.h"

namespace pbert {

// y = x W^T + b: `rows` of the weight are the product's output channels, `columns` its input channels.
struct LinearWeights {
  TensorView weight;
  TensorView bias;  // absent where there is none, and where it lies in the weight's blocks

  uint32_t inputs() const { return weight.columns; }
  uint32_t outputs() const { return weight.rows; }
  // int8 weights take int8 activations, quantized per row by Kernels; float weights take floats.
  bool quantized() const { return weight.type == schema::TensorType::I8; }
  bool in_blocks() const { return weight.layout == schema::Layout::Packed16x4; }
  const float* bias_data() const { return bias.present() ? bias.floats() : nullptr; }
};

// Backends may read this many bytes behind the last row of an input, whatever is there; XNNPACK asks for 16.
inline constexpr size_t kInputPadding = 64;

// The rows that go into a product, next to each other: `values` for float weights, else the other two.
struct LinearInput {
  const float* values = nullptr;
  const int8_t* quantized = nullptr;
  const RowQuant* params = nullptr;
};

// A product over some of the output columns, bound to one session and used by one thread at a time.
class LinearOp {
 public:
  // y points at the output of the first row and of the linear's first column (not of this product's);
  // rows of y are output_stride apart, as given to Bind. scratch: the backend's ScratchBytes for as many rows, of the
  // calling thread. Allocates nothing.
  virtual Status Run(size_t rows, const LinearInput& x, float* y, void* scratch) = 0;
  // Gives back what lies outside of the arena.
  virtual void Release() {}

 protected:
  ~LinearOp() = default;
};

// What Bind needs to know besides the weights.
struct ProductShape {
  uint32_t first_column = 0;  // a multiple of the backend's column_block()
  uint32_t columns = 0;       // likewise, or up to the last column
  uint32_t output_stride = 0;
};

// Products may be cut along the output columns at multiples of this many, unless their backend allows finer cuts.
inline constexpr uint32_t kColumnBlock = 64;
static_assert(kColumnBlock % kPackedColumns == 0);

// A way to compute products. Stateless; thread-safe.
class Backend {
 public:
  virtual const char* name() const = 0;
  // False: this backend declines the weights' type or layout, and the next one is asked.
  virtual bool Accepts(const LinearWeights& weights) const = 0;
  // Bytes that Pack will write, a multiple of kCacheLine; 0 if the file's own bytes serve.
  virtual Status PackedSize(const LinearWeights& weights, size_t* bytes) const = 0;
  // Writes the weights in the backend's own form to `packed`, aligned to kCacheLine.
  virtual Status Pack(const LinearWeights& weights, void* packed, size_t bytes) const = 0;
  // Makes a product that reads `packed`, or the file's own bytes where nothing is packed. With a counting arena it only
  // takes the memory and *product is null.
  virtual Status Bind(const LinearWeights& weights, const void* packed, const ProductShape& shape, Arena* arena,
                      LinearOp** product) const = 0;
  // What Run needs of a thread's memory, aligned to kCacheLine, while it runs. Grows with rows.
  virtual size_t ScratchBytes(const LinearWeights&, size_t rows) const {
    (void)rows;
    return 0;
  }
  // A product may be cut at multiples of this many columns. The finer, the more even are the shares of threads.
  virtual uint32_t column_block() const { return kColumnBlock; }
  // Whether a product goes over its weights again for every few rows, so that they had better fit into L2.
  virtual bool rereads_weights() const { return true; }

 protected:
  ~Backend() = default;
};

// Null with an error when XNNPACK cannot run here.
Status XnnBackend(const Backend** backend);
// Our own int8 products. Null where this CPU has none.
const Backend* NativeBackend();
const Backend& ReferenceBackend();
// Runs from row-major weights as they lie in the file, with vector code. It serves weights that are also an embedding
// table, which the embedding reads row by row. It reads all weights once for each row of the input, so it is meant for
// a few rows at a time.
const Backend& RowMajorBackend();

}  // namespace pbert

#endif  // POCKETBERT_ENGINE_BACKEND_H_
