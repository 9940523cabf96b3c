// Our own int8 products, from weights packed in blocks of 16 outputs by 4 inputs; see kernels/int8_product.h.
#include <new>

#include "engine/backend.h"
#include "kernels/int8_product.h"

namespace pbert {
namespace {

class NativeProduct final : public LinearOp {
 public:
  NativeProduct(const Int8Product& product, size_t inputs, const uint8_t* packed, const ProductShape& shape)
      : multiply_(product.multiply), inputs_(inputs), packed_(packed), shape_(shape) {}

  Status Run(size_t rows, const LinearInput& x, float* y, void* scratch) override {
    multiply_(x.quantized, x.params, rows, inputs_, packed_, shape_.columns, y + shape_.first_column,
              shape_.output_stride, scratch);
    return Status();
  }

 private:
  decltype(Int8Product::multiply) multiply_;
  size_t inputs_;
  const uint8_t* packed_;  // of the first column's block
  ProductShape shape_;
};

// Exists only where there is a best product.
class Native final : public Backend {
 public:
  const char* name() const override { return "native"; }

  bool Accepts(const LinearWeights& weights) const override {
    const Int8Product& product = *BestInt8Product();
    return weights.quantized() && weights.weight.layout == schema::Layout::RowMajor &&
           weights.inputs() <= product.max_inputs && !(product.wraps_minus_128 && weights.HoldMinus128());
  }

  Status PackedSize(const LinearWeights& weights, size_t* bytes) const override {
    *bytes = PackedBytes(weights.inputs(), weights.outputs());
    return Status();
  }

  Status Pack(const LinearWeights& weights, void* packed, size_t) const override {
    PackInt8Weights(weights.int8s(), weights.weight.scales + weights.first_row, weights.bias_data(), weights.inputs(),
                    weights.outputs(), static_cast<uint8_t*>(packed));
    return Status();
  }

  Status Bind(const LinearWeights& weights, const void* packed, const ProductShape& shape, Arena* arena,
              LinearOp** product) const override {
    static_assert(kColumnBlock % kPackedColumns == 0);
    *product = nullptr;
    void* place = arena->TakeBytes(sizeof(NativeProduct));
    if (arena->counting()) return Status();
    if (place == nullptr) return Status::Error(Code::kNoMemory, "session memory is too small");
    const size_t block = shape.first_column / kPackedColumns;
    const uint8_t* first = static_cast<const uint8_t*>(packed) + block * PackedBlockBytes(weights.inputs());
    *product = new (place) NativeProduct(*BestInt8Product(), weights.inputs(), first, shape);
    return Status();
  }

  size_t ScratchBytes(const LinearWeights& weights, size_t rows) const override {
    return BestInt8Product()->ScratchBytes(rows, weights.inputs());
  }

  bool rereads_weights() const override { return BestInt8Product()->rereads_weights; }
};

}  // namespace

const Backend* NativeBackend() {
  static constexpr Native kNative;
  return BestInt8Product() == nullptr ? nullptr : &kNative;
}

}  // namespace pbert
