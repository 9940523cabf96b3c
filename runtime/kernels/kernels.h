// The vector code of a transformer layer, everything but the matrix products.
//
// Each instruction set implements the same table of functions in a file of its own
// (kernels_avx2.cc, kernels_avx512.cc, kernels_neon.cc, ...); kernels_scalar.cc is the twin that the
// tests compare all others with: plain loops over <cmath>, written to be read.
//
// Conventions:
//  1. Matrices are row-major. A row is `columns` floats; rows lie `stride` floats apart where a
//     stride is given, and next to each other where none is.
//  2. Pointers have at least the alignment of their element type and may have no more: loads and
//     stores are unaligned. No function reads or writes outside its rows.
//  3. Any columns >= 1 and rows >= 0 are allowed; no multiple of a vector is assumed.
//  4. Functions neither allocate nor fail. They are pure: thread-safe on disjoint outputs.
//  5. All inputs are finite, and so is the range of a row that is quantized. Whatever they are, nothing
//     outside the rows is touched; with NaN or infinity the numbers mean nothing.
//  6. Exact: exp within 1e-6 of the value, tanh within 1e-6, GELU within 1e-6 * (1 + |x|). Quantized
//     values and their parameters are the same bits from every instruction set for the same floats; floats
//     differ by rounding, because sums are taken in another order. Those of "portable" are the same bits on every
//     machine.
#ifndef POCKETBERT_KERNELS_KERNELS_H_
#define POCKETBERT_KERNELS_KERNELS_H_

#include <cstddef>
#include <cstdint>

namespace pbert {

// real value = (quantized - zero_point) * scale. Same layout as xnn_quantization_params.
struct RowQuant {
  int32_t zero_point;
  float scale;
};

// Where a kernel leaves its rows: as floats, as int8 with one RowQuant per row, or both.
// Either pointer may be null, not both. `quantized` rows are next to each other.
struct RowOutput {
  float* values = nullptr;      // [rows, columns]
  int8_t* quantized = nullptr;  // [rows, columns]
  RowQuant* params = nullptr;   // [rows], with `quantized`
};

enum class ActivationKind : uint8_t {
  kNone = 0,
  kGeluErf = 1,
  kGeluTanh = 2,
  kRelu = 3,
  kTanh = 4,
  kSilu = 5,
  kQuickGelu = 6
};

enum class Isa : uint8_t { kScalar = 0, kNeon = 1, kAvx2 = 2, kAvx512 = 3, kWasmSimd = 4, kPortable = 5 };

struct Kernels {
  Isa isa;
  const char* name;  // "scalar", "neon", "avx2", "avx512", "wasm-simd", "portable"

  // Asymmetric per-row quantization to int8, as XNNPACK's qd8 operators expect it. In float arithmetic,
  // every operation rounded on its own, round() to nearest with ties to even:
  //   min = min(0, row), max = max(0, row), range = max - min
  //   scale = range / 255, inverse = 255 / range      (scale 1, inverse 0 where range < 1e-36)
  //   zero_point = clamp(round(-128 - min * inverse), -128, 127)
  //   q = clamp(round(x * inverse) + zero_point, -128, 127)
  // 0 is always in the range, and becomes zero_point exactly.
  void (*quantize)(const float* x, size_t rows, size_t columns, int8_t* quantized, RowQuant* params);

  // y = LayerNorm(x + residual) with gamma, beta [columns]; residual may be null. y.values is needed
  // (whatever follows adds to it) and may be x or residual. Takes the mean first and the variance from it (not from a
  // sum of squares, which cancels).
  void (*layer_norm)(const float* x, const float* residual, size_t rows, size_t columns, const float* gamma,
                     const float* beta, float epsilon, const RowOutput& y);

  // y = activation(x); y.values may be x. Where y.values is null, x is overwritten. (GeluErf: x * (1 + erf(x / sqrt 2))
  // / 2; GeluTanh: x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2.)
  void (*activate)(ActivationKind kind, float* x, size_t rows, size_t columns, const RowOutput& y);

  // x = softmax(x) over n values, shifted by their maximum.
  void (*softmax)(float* x, size_t n);

  // One head of scaled dot-product attention (the scale is already in q):
  // out[r] = sum over keys of softmax(q[r] . k[.]) * v[.]. q has query_rows rows of head_size floats,
  // q_stride apart; k and v have key_rows rows, kv_stride apart; out rows are out_stride apart.
  // Scores are never written out whole: `scratch` holds AttentionScratch(key_rows, head_size) floats.
  // key_rows >= 1. out overlaps nothing else.
  void (*attention)(const float* q, size_t q_stride, size_t query_rows, const float* k, const float* v,
                    size_t kv_stride, size_t key_rows, size_t head_size, float* scratch, float* out, size_t out_stride);

  // sum[i] += scale * row[i]: adds one row of an int8 embedding table.
  void (*add_int8_row)(const int8_t* row, float scale, size_t columns, float* sum);
  // sum[i] += row[i].
  void (*add_row)(const float* row, size_t columns, float* sum);

  // One row times a row-major matrix of [outputs, inputs]:
  // y[o] = (sum over i of x[i] * weights[o][i]) * x_scale * scales[o] + bias[o], multiplied and added in this order
  // after an exact sum, so that every instruction set gives the same bits. x has its zero point taken off: |x| <= 255.
  // inputs <= 2^15. bias may be null.
  void (*dot_int8_rows)(const int16_t* x, float x_scale, const int8_t* weights, const float* scales, const float* bias,
                        size_t inputs, size_t outputs, float* y);
  // The same of floats.
  void (*dot_rows)(const float* x, const float* weights, const float* bias, size_t inputs, size_t outputs, float* y);
};

// Floats of scratch that `attention` may use, enough for every instruction set. Grows with key_rows.
size_t AttentionScratch(size_t key_rows, size_t head_size);

const Kernels& ScalarKernels();
// Null when this build or this CPU does not have the instruction set.
const Kernels* KernelsFor(Isa isa);
// That of the instruction set in use, see instruction_set.h: the best that this CPU can run, or the one that
// POCKETBERT_ISA names. KernelsFor does not care for that variable.
const Kernels& BestKernels();

}  // namespace pbert

#endif  // POCKETBERT_KERNELS_KERNELS_H_
