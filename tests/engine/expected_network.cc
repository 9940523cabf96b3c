#include "tests/engine/expected_network.h"

#include <algorithm>
#include <cmath>

#include "base/packed_block.h"

namespace pbert::test {
namespace {

double Weight(const TensorView& tensor, size_t row, size_t column) {
  if (tensor.layout == schema::Layout::Packed16x4) {
    const PackedBlocks blocks(tensor.data, tensor.columns);
    return blocks.Weight(row, column) * static_cast<double>(blocks.Scale(row));
  }
  const size_t at = row * tensor.columns + column;
  return tensor.type == schema::TensorType::I8 ? tensor.int8s()[at] * static_cast<double>(tensor.scales[row])
                                               : tensor.floats()[at];
}

void Normalize(const Model& model, const schema::Norm& norm, Matrix* x) {
  const float* gamma = model.tensor(norm.gamma()).floats();
  const float* beta = model.tensor(norm.beta()).floats();
  const double n = static_cast<double>(x->columns);
  for (size_t r = 0; r < x->rows; ++r) {
    double* row = x->row(r);
    double mean = 0, variance = 0;
    for (size_t i = 0; i < x->columns; ++i) mean += row[i] / n;
    for (size_t i = 0; i < x->columns; ++i) variance += (row[i] - mean) * (row[i] - mean) / n;
    const double deviation = std::sqrt(variance + model.encoder().norm_epsilon());
    for (size_t i = 0; i < x->columns; ++i) row[i] = (row[i] - mean) / deviation * gamma[i] + beta[i];
  }
}

double Activate(schema::Activation activation, double x) {
  switch (activation) {
    case schema::Activation::GeluErf:
      return x * (1 + std::erf(x / std::sqrt(2.0))) / 2;
    case schema::Activation::GeluTanh:
      return x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x))) / 2;
    case schema::Activation::Relu:
      return std::max(x, 0.0);
    case schema::Activation::Tanh:
      return std::tanh(x);
    default:
      return x;
  }
}

void Activate(schema::Activation activation, Matrix* x) {
  for (double& value : x->values) value = Activate(activation, value);
}

Matrix Sum(const Matrix& a, const Matrix& b) {
  Matrix sum = a;
  for (size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += b.values[i];
  return sum;
}

// Each [tokens, hidden]; 1/sqrt(d) is in the query's weights.
Matrix Attention(const Matrix& query, const Matrix& key, const Matrix& value, size_t heads) {
  const size_t tokens = query.rows, hidden = query.columns, size = hidden / heads;
  Matrix context(tokens, hidden);
  std::vector<double> share(tokens);
  for (size_t head = 0; head < heads; ++head) {
    for (size_t t = 0; t < tokens; ++t) {
      const double* q = query.row(t) + head * size;
      double total = 0, highest = -1e300;
      for (size_t s = 0; s < tokens; ++s) {
        const double* k = key.row(s) + head * size;
        share[s] = 0;
        for (size_t i = 0; i < size; ++i) share[s] += q[i] * k[i];
        highest = std::max(highest, share[s]);
      }
      for (double& each : share) total += each = std::exp(each - highest);
      for (size_t s = 0; s < tokens; ++s) {
        const double* v = value.row(s) + head * size;
        for (size_t i = 0; i < size; ++i) context.row(t)[head * size + i] += share[s] / total * v[i];
      }
    }
  }
  return context;
}

Matrix Embeddings(const Model& model, std::span<const int32_t> ids, std::span<const uint8_t> types) {
  const schema::Embeddings& embeddings = *model.encoder().embeddings();
  const TensorView token = model.tensor(embeddings.token());
  const TensorView position = model.tensor(embeddings.position());
  const TensorView type = model.tensor(embeddings.token_type());
  // As create_position_ids_from_input_ids of the reference: padding has the row before the first place and takes none.
  std::vector<size_t> places;
  size_t place = embeddings.position_offset();
  for (const int32_t id : ids)
    places.push_back(id == embeddings.uncounted_id() ? embeddings.position_offset() - 1 : place++);
  Matrix x(ids.size(), token.columns);
  for (size_t r = 0; r < x.rows; ++r) {
    for (size_t c = 0; c < x.columns; ++c) {
      double& cell = x.row(r)[c];
      cell = Weight(token, static_cast<size_t>(ids[r]), c) + Weight(position, places[r], c);
      if (type.present()) cell += Weight(type, types.empty() ? 0 : types[r], c);
    }
  }
  Normalize(model, *embeddings.norm(), &x);
  return embeddings.projection() == nullptr ? x : ExpectedLinear(model, *embeddings.projection(), x);
}

}  // namespace

std::vector<double> ExpectedQuantized(std::span<const double> row) {
  std::vector<float> x(row.begin(), row.end());
  float low = 0, high = 0;
  for (const float value : x) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const float range = high - low;
  std::vector<double> seen(x.size());
  if (range < 1e-36f) return seen;
  const float scale = range / 255.0f, inverse = 255.0f / range;
  const float zero = std::clamp(std::nearbyint(-128.0f - low * inverse), -128.0f, 127.0f);
  for (size_t i = 0; i < x.size(); ++i) {
    const float step = std::clamp(std::nearbyint(x[i] * inverse) + zero, -128.0f, 127.0f);
    seen[i] = static_cast<double>(step - zero) * static_cast<double>(scale);
  }
  return seen;
}

Matrix ExpectedLinear(const Model& model, const schema::Linear& linear, const Matrix& x) {
  const TensorView weight = model.tensor(linear.weight());
  const TensorView bias = model.tensor(linear.bias());
  Matrix y(x.rows, weight.rows);
  for (size_t r = 0; r < x.rows; ++r) {
    std::vector<double> row(x.row(r), x.row(r) + x.columns);
    if (weight.type == schema::TensorType::I8) row = ExpectedQuantized(row);
    for (size_t o = 0; o < weight.rows; ++o) {
      double sum = bias.present() ? bias.floats()[o] : 0;
      if (weight.layout == schema::Layout::Packed16x4) sum = PackedBlocks(weight.data, weight.columns).Bias(o);
      for (size_t i = 0; i < x.columns; ++i) sum += row[i] * Weight(weight, o, i);
      y.row(r)[o] = sum;
    }
  }
  return y;
}

std::vector<Matrix> ExpectedHidden(const Model& model, std::span<const int32_t> ids, std::span<const uint8_t> types,
                                   std::vector<Matrix>* attention) {
  const schema::Encoder& encoder = model.encoder();
  std::vector<Matrix> states = {Embeddings(model, ids, types)};
  const size_t passes = encoder.order() == nullptr ? encoder.layers()->size() : encoder.order()->size();
  for (uint32_t i = 0; i < passes; ++i) {
    const schema::Layer& layer = *encoder.layers()->Get(encoder.order() == nullptr ? i : encoder.order()->Get(i));
    const Matrix& x = states.back();
    const Matrix context = Attention(ExpectedLinear(model, *layer.query(), x), ExpectedLinear(model, *layer.key(), x),
                                     ExpectedLinear(model, *layer.value(), x), encoder.head_count());
    Matrix middle = Sum(x, ExpectedLinear(model, *layer.attention_output(), context));
    Normalize(model, *layer.attention_norm(), &middle);
    if (attention != nullptr) attention->push_back(middle);
    Matrix wide = ExpectedLinear(model, *layer.ffn_in(), middle);
    Activate(encoder.activation(), &wide);
    Matrix result = Sum(middle, ExpectedLinear(model, *layer.ffn_out(), wide));
    Normalize(model, *layer.ffn_norm(), &result);
    states.push_back(result);
  }
  return states;
}

Matrix ExpectedHead(const Model& model, uint32_t head, const Matrix& hidden) {
  Matrix x = hidden;
  if (model.head(head).steps() == nullptr) return x;
  for (const schema::HeadStep* step : *model.head(head).steps()) {
    if (step->linear() != nullptr) x = ExpectedLinear(model, *step->linear(), x);
    Activate(step->activation(), &x);
    if (step->norm() != nullptr) Normalize(model, *step->norm(), &x);
  }
  return x;
}

}  // namespace pbert::test
