// Products from row-major weights, as a file holds them and an embedding table needs them. A few rows of input meet a
// large matrix (one masked token and a vocabulary), so the time is that of reading the matrix: there is nothing that
// another layout would save. The columns of a product are few enough for the L2 cache (see bound_linear.cc): further
// rows find the weights there.
#include "engine/unpacked_backend.h"
#include "model/limits.h"

namespace pbert {
namespace {

class RowMajorProduct final : public LinearOp {
 public:
  RowMajorProduct(const LinearWeights& weights, const ProductShape& shape)
      : kernels_(BestKernels()), weights_(weights), shape_(shape) {}

  Status Run(size_t rows, const LinearInput& x, float* y, void*) override {
    const size_t inputs = weights_.inputs();
    const size_t first = shape_.first_column;
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

class RowMajor final : public UnpackedBackend<RowMajorProduct> {
 public:
  const char* name() const override { return "rowmajor"; }

  bool Accepts(const LinearWeights& weights) const override {
    return !weights.in_blocks() && weights.inputs() <= kLimits.hidden;
  }
};

}  // namespace

const Backend& RowMajorBackend() {
  static constexpr RowMajor kRowMajor;
  return kRowMajor;
}

}  // namespace pbert
