// Our own int8 products, from blocks of 16 outputs by 4 inputs as they lie in the file; see kernels/int8_product.h.
#include "engine/unpacked_backend.h"
#include "kernels/int8_product.h"

namespace pbert {
namespace {

class NativeProduct final : public LinearOp {
 public:
  NativeProduct(const LinearWeights& weights, const ProductShape& shape)
      : multiply_(BestInt8Product()->multiply),
        inputs_(weights.inputs()),
        blocks_(static_cast<const uint8_t*>(weights.weight.data) +
                shape.first_column / kPackedColumns * PackedBlockBytes(inputs_)),
        shape_(shape) {}

  Status Run(size_t rows, const LinearInput& x, float* y, void* scratch) override {
    multiply_(x.quantized, x.params, rows, inputs_, blocks_, shape_.columns, y + shape_.first_column,
              shape_.output_stride, scratch);
    return Status();
  }

 private:
  decltype(Int8Product::multiply) multiply_;
  size_t inputs_;
  const uint8_t* blocks_;  // from the first column's on
  ProductShape shape_;
};

// Exists only where there is a best product.
class Native final : public UnpackedBackend<NativeProduct> {
 public:
  const char* name() const override { return "native"; }

  bool Accepts(const LinearWeights& weights) const override {
    return weights.in_blocks() && weights.inputs() <= BestInt8Product()->max_inputs;
  }

  size_t ScratchBytes(const LinearWeights& weights, size_t rows) const override {
    return BestInt8Product()->ScratchBytes(rows, weights.inputs());
  }

  uint32_t column_block() const override { return kPackedColumns; }

  bool rereads_weights() const override { return BestInt8Product()->rereads_weights; }
};

}  // namespace

const Backend* NativeBackend() {
  static constexpr Native kNative;
  return BestInt8Product() == nullptr ? nullptr : &kNative;
}

}  // namespace pbert
