// Products as a textbook writes them: one loop per index, from the file's own bytes. Slow, and obviously
// right: what the other backends are tested against.
#include "engine/unpacked_backend.h"

namespace pbert {
namespace {

class ReferenceProduct final : public LinearOp {
 public:
  ReferenceProduct(const LinearWeights& weights, const ProductShape& shape) : weights_(weights), shape_(shape) {}

  Status Run(size_t rows, const LinearInput& x, float* y, void*) override {
    for (size_t r = 0; r < rows; ++r) {
      for (uint32_t c = shape_.first_column; c < shape_.first_column + shape_.columns; ++c) {
        const float product = weights_.quantized() ? Int8Product(x, r, c) : FloatProduct(x, r, c);
        y[r * shape_.output_stride + c] = product + Bias(c);
      }
    }
    return Status();
  }

 private:
  PackedBlocks blocks() const { return {weights_.weight.data, weights_.inputs()}; }

  int8_t Weight(uint32_t c, size_t i) const {
    return weights_.in_blocks() ? blocks().Weight(c, i) : weights_.weight.int8s()[c * size_t{weights_.inputs()} + i];
  }
  float Scale(uint32_t c) const { return weights_.in_blocks() ? blocks().Scale(c) : weights_.weight.scales[c]; }
  float Bias(uint32_t c) const {
    if (weights_.in_blocks()) return blocks().Bias(c);
    return weights_.bias.present() ? weights_.bias.floats()[c] : 0.0f;
  }

  // sum (q - zero_point) w, exact in integers, times both scales.
  float Int8Product(const LinearInput& x, size_t r, uint32_t c) const {
    const size_t inputs = weights_.inputs();
    const int8_t* q = x.quantized + r * inputs;
    const RowQuant params = x.params[r];
    int32_t sum = 0;
    for (size_t i = 0; i < inputs; ++i) sum += (q[i] - params.zero_point) * Weight(c, i);
    return static_cast<float>(sum) * params.scale * Scale(c);
  }

  float FloatProduct(const LinearInput& x, size_t r, uint32_t c) const {
    const size_t inputs = weights_.inputs();
    const float* w = weights_.weight.floats() + c * inputs;
    const float* values = x.values + r * inputs;
    double sum = 0;
    for (size_t i = 0; i < inputs; ++i) sum += double{values[i]} * w[i];
    return static_cast<float>(sum);
  }

  LinearWeights weights_;
  ProductShape shape_;
};

class Reference final : public UnpackedBackend<ReferenceProduct> {
 public:
  const char* name() const override { return "reference"; }
  bool Accepts(const LinearWeights&) const override { return true; }
};

}  // namespace

const Backend& ReferenceBackend() {
  static constexpr Reference kReference;
  return kReference;
}

}  // namespace pbert
