// Products from row-major weights, as a file holds them and an embedding table needs them. A few rows of input meet a
// large matrix (one masked token and a vocabulary), so the time is that of reading the matrix: there is nothing that
// another layout would save. The columns of a product are few enough for the L2 cache (see bound_linear.cc): further
// rows find the weights there.
#include <new>

#include "engine/backend.h"
#include "model/limits.h"

namespace pbert {
namespace {

class RowMajorProduct final : public LinearOp {
 public:
  RowMajorProduct(const LinearWeights& weights, const ProductShape& shape)
      : kernels_(BestKernels()), weights_(weights), shape_(shape) {}

  Status Run(size_t rows, const LinearInput& x, float* y, void*) override {
    const size_t inputs = weights_.inputs();
    const size_t first = weights_.first_row + shape_.first_column;
    const float* bias = weights_.bias.present() ? weights_.bias.floats() + first : nullptr;
    for (size_t r = 0; r < rows; ++r) {
      float* out = y + r * shape_.output_stride + shape_.first_column;
      if (!weights_.quantized()) {
        kernels_.dot_rows(x.values + r * inputs, weights_.weight.floats() + first * inputs, bias, inputs,
                          shape_.columns, out);
        continue;
      }
      // Without its zero point, so that nobody has to know the sums of the weights.
      int16_t centred[kLimits.hidden];
      const RowQuant params = x.params[r];
      const int8_t* quantized = x.quantized + r * inputs;
      for (size_t i = 0; i < inputs; ++i) centred[i] = static_cast<int16_t>(quantized[i] - params.zero_point);
      kernels_.dot_int8_rows(centred, params.scale, weights_.weight.int8s() + first * inputs,
                             weights_.weight.scales + first, bias, inputs, shape_.columns, out);
    }
    return Status();
  }

 private:
  const Kernels& kernels_;
  LinearWeights weights_;
  ProductShape shape_;
};

class RowMajor final : public Backend {
 public:
  const char* name() const override { return "rowmajor"; }

  bool Accepts(const LinearWeights& weights) const override {
    return weights.weight.layout == schema::Layout::RowMajor && weights.inputs() <= kLimits.hidden &&
           (weights.weight.type == schema::TensorType::I8 || weights.weight.type == schema::TensorType::F32);
  }

  Status PackedSize(const LinearWeights&, size_t* bytes) const override {
    *bytes = 0;
    return Status();
  }

  Status Pack(const LinearWeights&, void*, size_t) const override { return Status(); }

  Status Bind(const LinearWeights& weights, const void*, const ProductShape& shape, Arena* arena,
              LinearOp** product) const override {
    *product = nullptr;
    void* place = arena->TakeBytes(sizeof(RowMajorProduct));
    if (arena->counting()) return Status();
    if (place == nullptr) return Status::Error(Code::kNoMemory, "session memory is too small");
    *product = new (place) RowMajorProduct(weights, shape);
    return Status();
  }
};

}  // namespace

const Backend& RowMajorBackend() {
  static constexpr RowMajor kRowMajor;
  return kRowMajor;
}

}  // namespace pbert
