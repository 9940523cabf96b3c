// The scalar twin: what the vector code is compared with, and what runs where there is none. Loops over
// <cmath> in the order of the formulas, sums in double.
#include <cmath>

#include "kernels/kernels.h"
#include "kernels/row_quant.h"

namespace pbert {
namespace {

// Clamped while still a float, so that the conversion is defined for whatever x is.
int8_t QuantizeValue(float x, const RowScaling& scaling) {
  const float shifted = std::nearbyint(x * scaling.inverse) + static_cast<float>(scaling.params.zero_point);
  return static_cast<int8_t>(shifted >= -128 ? (shifted <= 127 ? shifted : 127) : -128);
}

void QuantizeRow(const float* x, size_t columns, int8_t* quantized, RowQuant* params) {
  float min = 0, max = 0;
  for (size_t i = 0; i < columns; ++i) {
    min = x[i] < min ? x[i] : min;
    max = x[i] > max ? x[i] : max;
  }
  const RowScaling scaling = ScalingOf(min, max);
  for (size_t i = 0; i < columns; ++i) quantized[i] = QuantizeValue(x[i], scaling);
  *params = scaling.params;
}

void Quantize(const float* x, size_t rows, size_t columns, int8_t* quantized, RowQuant* params) {
  for (size_t r = 0; r < rows; ++r) QuantizeRow(x + r * columns, columns, quantized + r * columns, params + r);
}

void LayerNorm(const float* x, const float* residual, size_t rows, size_t columns, const float* gamma,
               const float* beta, float epsilon, const RowOutput& y) {
  for (size_t r = 0; r < rows; ++r) {
    const float* row = x + r * columns;
    const float* added = residual != nullptr ? residual + r * columns : nullptr;
    auto input = [row, added](size_t i) { return added != nullptr ? row[i] + added[i] : row[i]; };

    double sum = 0;
    for (size_t i = 0; i < columns; ++i) sum += input(i);
    const double mean = sum / static_cast<double>(columns);
    double squares = 0;
    for (size_t i = 0; i < columns; ++i) squares += (input(i) - mean) * (input(i) - mean);
    const double variance = squares / static_cast<double>(columns);
    const double inverse = 1 / std::sqrt(variance + static_cast<double>(epsilon));
    for (size_t i = 0; i < columns; ++i) {
      y.values[r * columns + i] = static_cast<float>((input(i) - mean) * inverse * static_cast<double>(gamma[i]) +
                                                     static_cast<double>(beta[i]));
    }
  }
  if (y.quantized != nullptr) Quantize(y.values, rows, columns, y.quantized, y.params);
}

float Activation(ActivationKind kind, float x) {
  switch (kind) {
    case ActivationKind::kGeluErf:
      return x * (1 + std::erf(x * 0.70710678118654752f)) / 2;  // 1 / sqrt 2
    case ActivationKind::kGeluTanh:
      return x * (1 + std::tanh(0.79788456080286536f * (x + 0.044715f * x * x * x))) / 2;  // sqrt(2 / pi)
    case ActivationKind::kRelu:
      return x > 0 ? x : 0;
    case ActivationKind::kTanh:
      return std::tanh(x);
    case ActivationKind::kSilu:
      return x / (1 + std::exp(-x));
    case ActivationKind::kQuickGelu:
      return x / (1 + std::exp(-1.702f * x));
    case ActivationKind::kNone:
      break;
  }
  return x;
}

void Activate(ActivationKind kind, float* x, size_t rows, size_t columns, const RowOutput& y) {
  float* values = y.values != nullptr ? y.values : x;
  for (size_t i = 0; i < rows * columns; ++i) values[i] = Activation(kind, x[i]);
  if (y.quantized != nullptr) Quantize(values, rows, columns, y.quantized, y.params);
}

void Softmax(float* x, size_t n) {
  if (n == 0) return;
  float max = x[0];
  for (size_t i = 1; i < n; ++i) max = x[i] > max ? x[i] : max;
  double sum = 0;
  for (size_t i = 0; i < n; ++i) {
    x[i] = std::exp(x[i] - max);
    sum += x[i];
  }
  for (size_t i = 0; i < n; ++i) x[i] = static_cast<float>(x[i] / sum);
}

void Attention(const float* q, size_t q_stride, size_t query_rows, const float* k, const float* v, size_t kv_stride,
               size_t key_rows, size_t head_size, float* scratch, float* out, size_t out_stride) {
  float* scores = scratch;
  for (size_t r = 0; r < query_rows; ++r) {
    for (size_t key = 0; key < key_rows; ++key) {
      double dot = 0;
      for (size_t i = 0; i < head_size; ++i) {
        dot += static_cast<double>(q[r * q_stride + i]) * static_cast<double>(k[key * kv_stride + i]);
      }
      scores[key] = static_cast<float>(dot);
    }
    Softmax(scores, key_rows);
    for (size_t i = 0; i < head_size; ++i) {
      double sum = 0;
      for (size_t key = 0; key < key_rows; ++key) {
        sum += static_cast<double>(scores[key]) * static_cast<double>(v[key * kv_stride + i]);
      }
      out[r * out_stride + i] = static_cast<float>(sum);
    }
  }
}

void AddInt8Row(const int8_t* row, float scale, size_t columns, float* sum) {
  for (size_t i = 0; i < columns; ++i) sum[i] += scale * static_cast<float>(row[i]);
}

void AddRow(const float* row, size_t columns, float* sum) {
  for (size_t i = 0; i < columns; ++i) sum[i] += row[i];
}

void DotInt8Rows(const int16_t* x, float x_scale, const int8_t* weights, const float* scales, const float* bias,
                 size_t inputs, size_t outputs, float* y) {
  for (size_t r = 0; r < outputs; ++r) {
    int32_t sum = 0;
    for (size_t i = 0; i < inputs; ++i) sum += x[i] * weights[r * inputs + i];
    y[r] = static_cast<float>(sum) * x_scale * scales[r] + (bias != nullptr ? bias[r] : 0.0f);
  }
}

void DotRows(const float* x, const float* weights, const float* bias, size_t inputs, size_t outputs, float* y) {
  for (size_t r = 0; r < outputs; ++r) {
    double sum = 0;
    for (size_t i = 0; i < inputs; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(weights[r * inputs + i]);
    y[r] = static_cast<float>(sum) + (bias != nullptr ? bias[r] : 0.0f);
  }
}

constexpr Kernels kTable = {Isa::kScalar, "scalar",   Quantize, LayerNorm,   Activate, Softmax,
                            Attention,    AddInt8Row, AddRow,   DotInt8Rows, DotRows};

}  // namespace

const Kernels& ScalarKernels() { return kTable; }

}  // namespace pbert
