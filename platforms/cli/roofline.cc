#include "platforms/cli/roofline.h"

#include <algorithm>

namespace pbert::cli {
namespace {

constexpr double kLargestBuffer = 64 << 20;
constexpr double kSmallestBuffer = 64 << 10;

// One encoder's shape; `layers` counts passes, so a shared layer as often as it runs.
struct Shape {
  double hidden, ffn, layers;
};

// Keys and values of all rows, everything else of the rows that are read, in the last layer.
double LayerMacs(const Shape& shape, double rows, double read) {
  const double h = shape.hidden;
  return rows * 2 * h * h + read * (2 * h * h + 2 * h * shape.ffn);
}

double EncoderMacs(const Shape& shape, double tokens, double read) {
  return (shape.layers - 1) * LayerMacs(shape, tokens, tokens) + LayerMacs(shape, tokens, read);
}

}  // namespace

Work WorkOf(const Model& model, uint32_t tokens) {
  const schema::Encoder& encoder = model.encoder();
  const schema::Head& head = model.head(0);
  const double passes = encoder.order() == nullptr ? encoder.layers()->size() : encoder.order()->size();
  const Shape shape = {static_cast<double>(encoder.hidden_size()), static_cast<double>(encoder.ffn_size()), passes};
  const double read = head.rows() == schema::RowChoice::All ? tokens : 1;  // a listed row at least
  Work work;
  work.macs = EncoderMacs(shape, tokens, read);
  const auto bytes_of = [&](const schema::Linear* linear) {
    return model.tensor(linear->weight()).type == schema::TensorType::I8 ? 1.0 : sizeof(float);
  };
  const auto* layers = encoder.layers();
  work.weight_bytes = layers->size() * LayerMacs(shape, 1, 1) * bytes_of(layers->Get(0)->ffn_in());
  if (head.steps() != nullptr) {
    for (const schema::HeadStep* step : *head.steps()) {
      if (step->linear() == nullptr) continue;
      const TensorView weight = model.tensor(step->linear()->weight());
      const double cells = static_cast<double>(weight.rows) * weight.columns;
      work.macs += read * cells;
      work.weight_bytes += cells * bytes_of(step->linear());
    }
  }
  return work;
}

Work WorkOfDistilBertBase(uint32_t tokens) {
  const Shape shape = {768, 3072, 6};
  const double head = 768.0 * (768 + 150);
  return {EncoderMacs(shape, tokens, 1) + head, shape.layers * (4 * 768.0 * 768 + 2 * 768.0 * 3072) + head};
}

size_t RooflineBuffer(const Work& work) {
  return static_cast<size_t>(std::clamp(work.weight_bytes, kSmallestBuffer, kLargestBuffer));
}

bool BoundByMemory(const Work& work, const Peak& peak) {
  return work.weight_bytes / peak.gbytes > work.macs / peak.gmacs;
}

double LimitMs(const Work& work, const Peak& peak) {
  return 1e-6 * std::max(work.weight_bytes / peak.gbytes, work.macs / peak.gmacs);
}

}  // namespace pbert::cli
