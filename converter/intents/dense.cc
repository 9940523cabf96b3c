#include "converter/intents/dense.h"

#include <algorithm>
#include <cstring>

#include "converter/evaluate/parallel.h"

// Clones for wider vectors: elementwise operations, and none is fused, so the bits are the same.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__clang__)
#define PBERT_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define PBERT_WIDE
#endif

namespace pbert::converter {
namespace {

// Eight floats, lowered to what the processor has. Loaded and stored through memcpy: rows may lie anywhere.
typedef float Eight __attribute__((vector_size(32)));
constexpr size_t kEight = 8;

inline __attribute__((always_inline)) void Load(const float* from, Eight* to) { memcpy(to, from, sizeof(*to)); }

constexpr size_t kRowTile = 4, kColumnTile = 2;
constexpr size_t kBlockRows = 256;  // of a sum over rows, so that a strip of them stays in the cache

// Loops over a tile are unrolled, or the sums would live in memory.
#define PBERT_UNROLL _Pragma("GCC unroll 8")

// out[i][j] = a[i] . b[j] for a tile.
PBERT_WIDE void TileOfTransposed(const float* const* a, const float* const* b, size_t stride, float* out) {
  Eight sums[kRowTile][kColumnTile] = {};
  for (size_t k = 0; k < stride; k += kEight) {
    Eight y[kColumnTile];
    PBERT_UNROLL
    for (size_t j = 0; j < kColumnTile; ++j) Load(b[j] + k, &y[j]);
    PBERT_UNROLL
    for (size_t i = 0; i < kRowTile; ++i) {
      Eight x;
      Load(a[i] + k, &x);
      PBERT_UNROLL
      for (size_t j = 0; j < kColumnTile; ++j) sums[i][j] += x * y[j];
    }
  }
  PBERT_UNROLL
  for (size_t i = 0; i < kRowTile; ++i) {
    PBERT_UNROLL
    for (size_t j = 0; j < kColumnTile; ++j) {
      const Eight& s = sums[i][j];
      out[i * kColumnTile + j] = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    }
  }
}

// out[i][16 columns] += sum over `rows` of a[row][i] * b[row][16 columns] for kRowTile i.
PBERT_WIDE void TileOfSums(const float* a, size_t a_stride, const float* b, size_t b_stride, size_t rows, float* out,
                           size_t out_stride) {
  Eight sums[kRowTile][2] = {};
  for (size_t row = 0; row < rows; ++row) {
    Eight y[2];
    Load(b + row * b_stride, &y[0]);
    Load(b + row * b_stride + kEight, &y[1]);
    PBERT_UNROLL
    for (size_t i = 0; i < kRowTile; ++i) {
      const float x = a[row * a_stride + i];
      sums[i][0] += y[0] * x;
      sums[i][1] += y[1] * x;
    }
  }
  PBERT_UNROLL
  for (size_t i = 0; i < kRowTile; ++i) {
    PBERT_UNROLL
    for (size_t half = 0; half < 2; ++half) {
      float* const to = out + i * out_stride + half * kEight;
      Eight before;
      Load(to, &before);
      before += sums[i][half];
      memcpy(to, &before, sizeof(before));
    }
  }
}

}  // namespace

DenseMatrix::DenseMatrix(size_t row_count, size_t column_count)
    : rows(row_count), columns(column_count), stride((column_count + kDenseStep - 1) / kDenseStep * kDenseStep) {
  values.resize(rows * stride);
}

void MultiplyByTransposed(const DenseMatrix& a, const DenseMatrix& b, size_t threads, DenseMatrix* out) {
  const size_t tiles = (a.rows + kRowTile - 1) / kRowTile;
  ForEachExample(tiles, WorkersFor(tiles, threads), nullptr, [&](size_t, size_t tile) {
    const float* x[kRowTile];
    const float* y[kColumnTile];
    float result[kRowTile * kColumnTile];
    for (size_t i = 0; i < kRowTile; ++i) x[i] = a.row(std::min(tile * kRowTile + i, a.rows - 1));
    for (size_t column = 0; column < b.rows; column += kColumnTile) {
      for (size_t j = 0; j < kColumnTile; ++j) y[j] = b.row(std::min(column + j, b.rows - 1));
      TileOfTransposed(x, y, a.stride, result);
      for (size_t i = 0; i < kRowTile && tile * kRowTile + i < a.rows; ++i) {
        for (size_t j = 0; j < kColumnTile && column + j < b.rows; ++j) {
          out->row(tile * kRowTile + i)[column + j] = result[i * kColumnTile + j];
        }
      }
    }
  });
}

void MultiplyTransposed(const DenseMatrix& a, const DenseMatrix& b, size_t threads, DenseMatrix* out, bool lower) {
  std::fill(out->values.begin(), out->values.end(), 0.0f);
  const size_t strips = b.stride / kDenseStep;
  ForEachExample(strips, WorkersFor(strips, threads), nullptr, [&](size_t, size_t strip) {
    const size_t column = strip * kDenseStep;
    float tail[kRowTile * kDenseStep];
    for (size_t first = 0; first < a.rows; first += kBlockRows) {
      const size_t rows = std::min(kBlockRows, a.rows - first);
      const size_t begin = lower ? column / kRowTile * kRowTile : 0;
      for (size_t i = begin; i < a.columns; i += kRowTile) {
        const float* const x = a.row(first) + i;
        if (i + kRowTile <= a.columns) {
          TileOfSums(x, a.stride, b.row(first) + column, b.stride, rows, out->row(i) + column, out->stride);
          continue;
        }
        std::fill_n(tail, kRowTile * kDenseStep, 0.0f);  // a's stride has zeros behind its columns
        TileOfSums(x, a.stride, b.row(first) + column, b.stride, rows, tail, kDenseStep);
        for (size_t r = 0; i + r < a.columns; ++r) {
          for (size_t c = 0; c < kDenseStep; ++c) out->row(i + r)[column + c] += tail[r * kDenseStep + c];
        }
      }
    }
  });
}

double Dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sums[4] = {};
  const size_t whole = a.size() / 4 * 4;
  for (size_t i = 0; i < whole; i += 4) {
    for (size_t j = 0; j < 4; ++j) sums[j] += static_cast<double>(a[i + j]) * static_cast<double>(b[i + j]);
  }
  for (size_t i = whole; i < a.size(); ++i) sums[0] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return (sums[0] + sums[2]) + (sums[1] + sums[3]);
}

}  // namespace pbert::converter
