// Products by XNNPACK's fully connected operators: int8 weights per output channel with activations
// quantized per row at run time (qd8_f32_qc8w), and plain floats (f32).
//
// Operators are created from weights that were packed once for the whole model, so creating one costs a
// descriptor of about a kilobyte and no packing. XNNPACK packs output channels in blocks (8 or 16 of them,
// by CPU) which do not depend on each other; an operator for the columns from c on is therefore one that
// starts c * (bytes per column) further into the packed weights. That is how a matrix is cut into slices
// for threads, and for the L2 cache, without being packed twice.
//
// Where XNNPACK's kernel for int8 weights wants blocks of 16 by 4 (ARM with dot products), the file's own bytes are its
// packed weights, and nothing is packed. Elsewhere they are unpacked some columns at a time, and packed its way.
#include <xnnpack.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <new>

#include "base/cpu.h"
#include "base/port.h"
#include "engine/backend.h"
#include "engine/xnn_runtime.h"

namespace pbert {
namespace {

// RowQuant stands in for it without anyone but this file knowing.
static_assert(sizeof(RowQuant) == sizeof(xnn_quantization_params));
static_assert(offsetof(RowQuant, zero_point) == offsetof(xnn_quantization_params, zero_point));
static_assert(offsetof(RowQuant, scale) == offsetof(xnn_quantization_params, scale));
static_assert(kInputPadding >= XNN_EXTRA_BYTES);

struct Sizes {
  uint32_t inputs;
  uint32_t outputs;
  uint32_t output_stride;
};

// Weight pointers may be null when `cache` already holds the packed form.
xnn_status CreateOperator(const LinearWeights& weights, const Sizes& sizes, const float* scales, const void* kernel,
                          const float* bias, XnnWeights* cache, xnn_operator_t* op) {
  if (weights.quantized()) {
    return xnn_create_fully_connected_nc_qd8_f32_qc8w(
        sizes.inputs, sizes.outputs, sizes.inputs, sizes.output_stride, scales, static_cast<const int8_t*>(kernel),
        bias, -INFINITY, INFINITY, /*flags=*/0, /*code_cache=*/nullptr, cache->cache(), op);
  }
  return xnn_create_fully_connected_nc_f32(sizes.inputs, sizes.outputs, sizes.inputs, sizes.output_stride,
                                           static_cast<const float*>(kernel), bias, -INFINITY, INFINITY, /*flags=*/0,
                                           /*code_cache=*/nullptr, cache->cache(), op);
}

// Asks XNNPACK how many bytes it would pack `outputs` columns into, and what a descriptor takes, by
// refusing it the memory.
Status Probe(const LinearWeights& weights, uint32_t outputs, size_t* packed_bytes, size_t* operator_bytes) {
  XnnWeights cache = XnnWeights::ToPack(nullptr, 0);
  XnnAllocationScope scope(nullptr);
  xnn_operator_t op = nullptr;
  const xnn_status status =
      CreateOperator(weights, {weights.inputs(), outputs, outputs}, nullptr, nullptr, nullptr, &cache, &op);
  if (cache.needed() == 0 && status == xnn_status_out_of_memory) {
    return Status::Error(Code::kNoMemory, "%s: XNNPACK: no memory for a descriptor", weights.weight.name);
  }
  if (cache.needed() == 0) {
    return Status::Error(Code::kUnsupported, "%s: XNNPACK cannot compute this product: %s", weights.weight.name,
                         XnnStatusName(status));
  }
  *packed_bytes = cache.needed();
  *operator_bytes = scope.bytes();
  return Status();
}

// Bytes per output column in packed form, taken over a whole number of blocks.
Status ColumnBytes(const LinearWeights& weights, size_t* bytes, size_t* operator_bytes) {
  size_t one = 0, two = 0;
  PBERT_RETURN_IF_ERROR(Probe(weights, kColumnBlock, &one, operator_bytes));
  PBERT_RETURN_IF_ERROR(Probe(weights, 2 * kColumnBlock, &two, operator_bytes));
  if (two != 2 * one) {
    return Status::Error(Code::kUnsupported, "%s: XNNPACK packs in blocks that do not divide %u columns",
                         weights.weight.name, kColumnBlock);
  }
  *bytes = one / kColumnBlock;
  return Status();
}

Status PackColumns(const LinearWeights& weights, uint32_t outputs, const float* scales, const void* kernel,
                   const float* bias, void* packed, size_t bytes) {
  XnnWeights cache = XnnWeights::ToPack(packed, bytes);
  XnnAllocationScope scope(nullptr);
  xnn_operator_t op = nullptr;
  const xnn_status status =
      CreateOperator(weights, {weights.inputs(), outputs, outputs}, scales, kernel, bias, &cache, &op);
  xnn_delete_operator(op);
  if (status == xnn_status_success) return Status();
  return Status::Error(Code::kNoMemory, "%s: XNNPACK cannot pack it: %s", weights.weight.name, XnnStatusName(status));
}

// Blocks of the file to XNNPACK's, kColumnBlock columns at a time, which are in row-major order in between.
Status PackBlocks(const LinearWeights& weights, uint8_t* packed, size_t bytes) {
  size_t column_bytes = 0, operator_bytes = 0;
  PBERT_RETURN_IF_ERROR(ColumnBytes(weights, &column_bytes, &operator_bytes));
  // Its vector code reads a few bytes behind the last row.
  const size_t row_bytes = size_t{std::min(kColumnBlock, weights.outputs())} * weights.inputs() + XNN_EXTRA_BYTES;
  void* memory = AllocatePages(row_bytes);
  if (memory == nullptr) {
    return Status::Error(Code::kNoMemory, "%s: cannot allocate %zu bytes to pack it", weights.weight.name, row_bytes);
  }
  int8_t* rows = static_cast<int8_t*>(memory);
  const PackedBlocks blocks(weights.weight.data, weights.inputs());
  Status status;
  for (uint32_t first = 0; first < weights.outputs() && status.ok(); first += kColumnBlock) {
    const uint32_t count = std::min(kColumnBlock, weights.outputs() - first);
    float scales[kColumnBlock], bias[kColumnBlock];
    for (uint32_t c = 0; c < count; ++c) {
      blocks.CopyRow(first + c, rows + c * size_t{weights.inputs()});
      scales[c] = blocks.Scale(first + c);
      bias[c] = blocks.Bias(first + c);
    }
    const size_t offset = first * column_bytes;
    status = PackColumns(weights, count, scales, rows, bias, packed + offset, bytes - offset);
  }
  FreePages(memory, row_bytes);
  return status;
}

// Whether a small matrix that XNNPACK has packed reads like one of the file's. XNNPACK does not say which kernel it
// chose, and so how it packs.
Status TryPacking(bool* same) {
  *same = false;
  constexpr uint32_t kInputs = 22, kOutputs = 2 * kColumnBlock;
  constexpr size_t kBytes = static_cast<size_t>(PackedBytes(kInputs, kOutputs));
  int8_t kernel[kOutputs * kInputs + XNN_EXTRA_BYTES];
  float scales[kOutputs], bias[kOutputs];
  for (uint32_t i = 0; i < kOutputs * kInputs; ++i) kernel[i] = static_cast<int8_t>(i * 37 % 255 - 127);
  for (uint32_t c = 0; c < kOutputs; ++c) scales[c] = 1.0f + static_cast<float>(c), bias[c] = -scales[c];

  LinearWeights weights;
  weights.weight.name = "probe";
  weights.weight.type = schema::TensorType::I8;
  weights.weight.columns = kInputs;
  alignas(kCacheLine) uint8_t packed[2 * kBytes];
  size_t bytes = 0, operator_bytes = 0;
  PBERT_RETURN_IF_ERROR(Probe(weights, kOutputs, &bytes, &operator_bytes));
  if (RoundUp(bytes, kCacheLine) != kBytes) return Status();
  PBERT_RETURN_IF_ERROR(PackColumns(weights, kOutputs, scales, kernel, bias, packed, sizeof(packed)));
  const PackedBlocks blocks(packed, kInputs);
  for (uint32_t c = 0; c < kOutputs; ++c) {
    int32_t sum = 0;
    for (uint32_t i = 0; i < kInputs; ++i) {
      sum += kernel[c * kInputs + i];
      if (blocks.Weight(c, i) != kernel[c * kInputs + i]) return Status();
    }
    if (blocks.MinusSum(c) != -sum || blocks.Scale(c) != scales[c] || blocks.Bias(c) != bias[c]) return Status();
  }
  *same = true;
  return Status();
}

// Tries until it is known: there may be no memory the first time.
Status PacksAsTheFile(bool* same) {
  enum Answer : uint8_t { kUnknown, kNo, kYes };
  static std::atomic<Answer> known{kUnknown};
  Answer answer = known.load(std::memory_order_relaxed);
  if (answer == kUnknown) {
    PBERT_RETURN_IF_ERROR(TryPacking(same));
    answer = *same ? kYes : kNo;
    known.store(answer, std::memory_order_relaxed);
  }
  *same = answer == kYes;
  return Status();
}

class XnnProduct final : public LinearOp {
 public:
  XnnProduct(const void* packed, bool quantized, const Sizes& sizes, uint32_t first_column)
      : cache_(XnnWeights::Packed(packed)), sizes_(sizes), quantized_(quantized), first_column_(first_column) {}

  Status Create(const LinearWeights& weights, Arena* arena) {
    XnnAllocationScope scope(arena);
    // Never read, but XNNPACK wants a weights pointer to look up.
    static const char kNoKernel = 0;
    return Check(CreateOperator(weights, sizes_, nullptr, &kNoKernel, nullptr, &cache_, &operator_));
  }

  // Where rows are not a multiple of a kernel's tile (up to 16 of them), its last tile computes the last row
  // several times over, each time with the next entry of the parameters, and the last of these results stays. So
  // the entries behind the last row's must equal it, while the caller's may belong to further rows: they are
  // copied, a few kilobytes at a time.
  Status Run(size_t rows, const LinearInput& x, float* y, void*) override {
    y += first_column_;
    if (!quantized_) return rows == 0 ? Status() : RunFloats(rows, x.values, y);
    RowQuant params[kRowsAtOnce + XNN_EXTRA_QUANTIZATION_PARAMS];
    for (size_t first = 0; first < rows; first += kRowsAtOnce) {
      const size_t count = std::min(kRowsAtOnce, rows - first);
      std::copy_n(x.params + first, count, params);
      std::fill_n(params + count, XNN_EXTRA_QUANTIZATION_PARAMS, params[count - 1]);
      PBERT_RETURN_IF_ERROR(
          RunInt8(count, x.quantized + first * sizes_.inputs, params, y + first * size_t{sizes_.output_stride}));
    }
    return Status();
  }

  void Release() override { xnn_delete_operator(operator_); }

 private:
  static Status Check(xnn_status status) {
    if (status == xnn_status_success) return Status();
    const Code code = status == xnn_status_out_of_memory ? Code::kNoMemory : Code::kUnsupported;
    return Status::Error(code, "XNNPACK operator: %s", XnnStatusName(status));
  }

  static constexpr size_t kRowsAtOnce = 512;  // 4 KB of parameters on the stack

  Status RunFloats(size_t rows, const float* x, float* y) {
    xnn_status status = xnn_reshape_fully_connected_nc_f32(operator_, rows, nullptr);
    if (status == xnn_status_success) status = xnn_setup_fully_connected_nc_f32(operator_, x, y);
    if (status == xnn_status_success) status = xnn_run_operator(operator_, nullptr);
    return Check(status);
  }

  Status RunInt8(size_t rows, const int8_t* x, const RowQuant* params, float* y) {
    xnn_status status = xnn_reshape_fully_connected_nc_qd8_f32_qc8w(operator_, rows, nullptr);
    if (status == xnn_status_success) {
      status = xnn_setup_fully_connected_nc_qd8_f32_qc8w(operator_, x, y,
                                                         reinterpret_cast<const xnn_quantization_params*>(params));
    }
    if (status == xnn_status_success) status = xnn_run_operator(operator_, nullptr);
    return Check(status);
  }

  XnnWeights cache_;
  xnn_operator_t operator_ = nullptr;
  Sizes sizes_;
  bool quantized_;
  uint32_t first_column_;
};

class Xnn final : public Backend {
 public:
  const char* name() const override { return "xnnpack"; }

  bool Accepts(const LinearWeights& weights) const override { return weights.in_blocks() || !weights.quantized(); }

  Status PackedSize(const LinearWeights& weights, size_t* bytes) const override {
    *bytes = 0;
    if (weights.in_blocks()) {
      bool same = false;
      PBERT_RETURN_IF_ERROR(PacksAsTheFile(&same));
      if (same) return Status();
    }
    size_t operator_bytes = 0;
    PBERT_RETURN_IF_ERROR(Probe(weights, weights.outputs(), bytes, &operator_bytes));
    *bytes = RoundUp(*bytes, kCacheLine);  // XNNPACK's own alignment is 16 on ARM
    return Status();
  }

  Status Pack(const LinearWeights& weights, void* packed, size_t bytes) const override {
    if (!weights.quantized()) {
      return PackColumns(weights, weights.outputs(), nullptr, weights.weight.data, weights.bias_data(), packed, bytes);
    }
    return PackBlocks(weights, static_cast<uint8_t*>(packed), bytes);
  }

  Status Bind(const LinearWeights& weights, const void* packed, const ProductShape& shape, Arena* arena,
              LinearOp** product) const override {
    *product = nullptr;
    size_t column_bytes = 0, operator_bytes = 0;
    PBERT_RETURN_IF_ERROR(ColumnBytes(weights, &column_bytes, &operator_bytes));
    void* place = arena->TakeBytes(sizeof(XnnProduct));
    if (arena->counting()) {
      arena->TakeBytes(operator_bytes);
      return Status();
    }
    if (place == nullptr) return Status::Error(Code::kNoMemory, "session memory is too small");
    if (packed == nullptr) packed = weights.weight.data;
    const void* first = static_cast<const uint8_t*>(packed) + shape.first_column * column_bytes;
    const Sizes sizes = {weights.inputs(), shape.columns, shape.output_stride};
    auto* bound = new (place) XnnProduct(first, weights.quantized(), sizes, shape.first_column);
    PBERT_RETURN_IF_ERROR(bound->Create(weights, arena));
    *product = bound;
    return Status();
  }
};

}  // namespace

Status XnnBackend(const Backend** backend) {
  static constexpr Xnn kXnn;
  PBERT_RETURN_IF_ERROR(InitializeXnn());
  *backend = &kXnn;
  return Status();
}

}  // namespace pbert
