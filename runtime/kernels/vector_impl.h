// Loops over vectors. Every instruction set's file defines
//
//   struct V {
//     using F;                                 // a vector of floats
//     static constexpr size_t kWidth;          // how many
//     static constexpr bool kByLane;           // the matrix product of attention takes lanes: FmaLane, Stay
//     static constexpr size_t kTileSums;       // its register tile; without lanes, and with Then:
//     static constexpr size_t kTileRows, kTileVectors;
//     static constexpr bool kInPairs;          // two neighbouring vectors are loaded or stored by one instruction
//     Set, Load, LoadPart(p, count, fill), Store, StorePart(p, x, count), LoadInt8
//     Add, Sub, Mul, Div, Min, Max, Abs, CopySign(magnitude, sign), Fma(a, b, c) = a * b + c, NegFma = c - a * b
//     Again(p, x)                              // p, but what is read through it for another x is read once more
//     PowerOfTwo(t)                            // 2^n from the float whose low nine bits are n + 127
//     Then(x, p)                               // orders reads through p after x, where registers are scarce
//     ReduceAdd, ReduceMin, ReduceMax
//     Transpose(F* rows)                       // kWidth x kWidth
//     Quantize16(x, inverse, zero_point, out)  // 16 floats to 16 int8
//     using I;                                 // a vector of int32
//     static constexpr size_t kDotStep;        // how many elements Dot takes
//     NoSum, Sum; Dot(I sum, const int16_t* x, const int8_t* w) = sum + x * w
//   };
//
// and the algorithms in the *_impl.h files are written once over it. All of it is in unnamed namespaces and
// uses no inline function of the standard library, so that nothing compiled for a large instruction set is
// ever linked into code for a small one. What must be inlined for speed says so, because -Os would not.
#ifndef POCKETBERT_KERNELS_VECTOR_IMPL_H_
#define POCKETBERT_KERNELS_VECTOR_IMPL_H_

#include <cstddef>
#include <cstdint>

#define PBERT_INLINE inline __attribute__((always_inline))
#define PBERT_INLINE_LAMBDA __attribute__((always_inline))

namespace pbert {
namespace {

// A compile-time number as a value, so that a lambda can index arrays of registers by it.
template <size_t kValue>
struct Index {
  PBERT_INLINE constexpr operator size_t() const { return kValue; }
};

// body(Index<0>) ... body(Index<kCount - 1>), with no loop left for the compiler to keep: an array indexed
// by these numbers is a set of registers.
template <size_t kCount, class Body>
PBERT_INLINE void Repeat(Body body) {
  if constexpr (kCount > 0) {
    Repeat<kCount - 1>(body);
    body(Index<kCount - 1>());
  }
}

// run(Index<8>()), of 4, 2 and 1 for so many rows at a time, until all `rows` are done; 8 only where kMax is that
// many.
template <size_t kMax, class Run>
PBERT_INLINE void ByRows(size_t rows, Run run) {
  if constexpr (kMax >= 8) {
    for (; rows >= 8; rows -= 8) run(Index<8>());
  }
  for (; rows >= 4; rows -= 4) run(Index<4>());
  if (rows >= 2) run(Index<2>());
  if (rows % 2 == 1) run(Index<1>());
}

// Access to a whole vector of memory, or to the first `count` elements of one. Elements that are not there
// read as `fill`.
template <class V>
struct Whole {
  PBERT_INLINE typename V::F Load(const float* p, float = 0) const { return V::Load(p); }
  PBERT_INLINE typename V::F LoadInt8(const int8_t* p) const { return V::LoadInt8(p); }
  PBERT_INLINE void Store(float* p, typename V::F x) const { V::Store(p, x); }
};

template <class V>
struct PartialVector {
  size_t count;
  PBERT_INLINE typename V::F Load(const float* p, float fill = 0) const { return V::LoadPart(p, count, fill); }
  PBERT_INLINE typename V::F LoadInt8(const int8_t* p) const {
    int8_t copy[V::kWidth] = {};
    for (size_t i = 0; i < count; ++i) copy[i] = p[i];
    return V::LoadInt8(copy);
  }
  PBERT_INLINE void Store(float* p, typename V::F x) const { V::StorePart(p, x, count); }
};

// out = row_scale * sum for a tile of a matrix product in registers. Its last vector may be partial, where fewer than
// its columns are left.
template <class V, size_t kRows, size_t kVectors>
PBERT_INLINE void StoreScaled(const typename V::F (&sum)[kRows][kVectors], const float* row_scale, float* out,
                              size_t out_stride, size_t columns) {
  Repeat<kRows>([&](auto r) PBERT_INLINE_LAMBDA {
    const typename V::F scale = V::Set(row_scale[r]);
    float* row = out + r * out_stride;
    Repeat<kVectors>([&](auto c) PBERT_INLINE_LAMBDA {
      const typename V::F value = V::Mul(sum[r][c], scale);
      const size_t left = columns - c * V::kWidth;
      if (c + 1 < kVectors || left >= V::kWidth) {
        V::Store(row + c * V::kWidth, value);
      } else {
        V::StorePart(row + c * V::kWidth, value, left);
      }
    });
  });
}

// Goes over n elements: body(offset, access, lane) once for each vector, the last one perhaps partial. Several
// at a time, with `lane` counting them, so that sums kept one per lane do not wait for each other. The body
// becomes code once for each lane and twice more: long ones ask for fewer lanes.
constexpr size_t kLanes = 4;

template <class V, size_t kAtOnce = kLanes, class Body>
PBERT_INLINE void Sweep(size_t n, Body body) {
  constexpr size_t kWidth = V::kWidth;
  size_t i = 0;
  for (; i + kAtOnce * kWidth <= n; i += kAtOnce * kWidth) {
    Repeat<kAtOnce>([&](auto lane) PBERT_INLINE_LAMBDA { body(i + lane * kWidth, Whole<V>(), lane); });
  }
  for (; i + kWidth <= n; i += kWidth) body(i, Whole<V>(), Index<0>());
  if (i < n) body(i, PartialVector<V>{n - i}, Index<0>());
}

// The same where the body returns what goes to out + offset. With loads and stores of pairs all of a round is stored
// after all of it is loaded: between loads stores, which might change what is loaded, keep them from joining.
template <class V, size_t kAtOnce = kLanes, class Body>
PBERT_INLINE void SweepTo(float* out, size_t n, Body body) {
  constexpr size_t kWidth = V::kWidth;
  size_t i = 0;
  if constexpr (V::kInPairs) {
    for (; i + kAtOnce * kWidth <= n; i += kAtOnce * kWidth) {
      typename V::F result[kAtOnce];
      Repeat<kAtOnce>([&](auto lane) PBERT_INLINE_LAMBDA { result[lane] = body(i + lane * kWidth, Whole<V>(), lane); });
      Repeat<kAtOnce>([&](auto lane) PBERT_INLINE_LAMBDA { V::Store(out + i + lane * kWidth, result[lane]); });
    }
  }
  Sweep<V, V::kInPairs ? 1 : kAtOnce>(
      n - i, [&](size_t j, auto io, auto lane) PBERT_INLINE_LAMBDA { io.Store(out + i + j, body(i + j, io, lane)); });
}

// One running sum (or minimum, or maximum) per lane.
template <class V>
struct Lanes {
  typename V::F lane[kLanes];

  PBERT_INLINE explicit Lanes(float start) {
    Repeat<kLanes>([&](auto i) PBERT_INLINE_LAMBDA { lane[i] = V::Set(start); });
  }
  PBERT_INLINE float Sum() const { return V::ReduceAdd(V::Add(V::Add(lane[0], lane[1]), V::Add(lane[2], lane[3]))); }
  PBERT_INLINE float Min() const { return V::ReduceMin(V::Min(V::Min(lane[0], lane[1]), V::Min(lane[2], lane[3]))); }
  PBERT_INLINE float Max() const { return V::ReduceMax(V::Max(V::Max(lane[0], lane[1]), V::Max(lane[2], lane[3]))); }
};

// The smallest and largest value seen, and 0: what a row is quantized by.
template <class V>
struct Range {
  Lanes<V> min{0}, max{0};

  template <class Lane>
  PBERT_INLINE void Add(typename V::F x, Lane i) {
    min.lane[i] = V::Min(min.lane[i], x);
    max.lane[i] = V::Max(max.lane[i], x);
  }
};

}  // namespace
}  // namespace pbert

#endif  // POCKETBERT_KERNELS_VECTOR_IMPL_H_
