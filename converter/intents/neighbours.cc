#include "converter/intents/neighbours.h"

#include <algorithm>

#include "converter/evaluate/parallel.h"
#include "converter/intents/dense.h"

namespace pbert::converter {
namespace {

constexpr size_t kBlock = 256;  // sentences whose cosines to all others are in memory at once

DenseMatrix LastLayer(const SentenceFeatures& features, size_t begin, size_t end) {
  DenseMatrix matrix(end - begin, features.hidden_size);
  for (size_t i = begin; i < end; ++i) {
    std::copy_n(features.part(i, features.layers.size() - 1), features.hidden_size, matrix.row(i - begin));
  }
  return matrix;
}

// Puts it where it belongs among the nearest so far; of equal ones the first stays first.
void Insert(const Neighbour& neighbour, std::span<Neighbour> nearest) {
  if (nearest.empty() || neighbour.cosine <= nearest.back().cosine) return;
  size_t place = nearest.size() - 1;
  for (; place > 0 && nearest[place - 1].cosine < neighbour.cosine; --place) nearest[place] = nearest[place - 1];
  nearest[place] = neighbour;
}

}  // namespace

Neighbours FindNeighbours(const SentenceFeatures& features, std::span<const uint32_t> labels, size_t count,
                          size_t threads, const ProgressCallback& progress) {
  const size_t total = labels.size();
  Neighbours found;
  found.count = total == 0 ? 0 : std::min(count, total - 1);
  found.nearest.resize(total * found.count);
  found.strange.resize(total);
  const DenseMatrix all = LastLayer(features, 0, total);
  for (size_t begin = 0; begin < total; begin += kBlock) {
    if (progress) progress("comparing", static_cast<double>(begin) / static_cast<double>(total));
    const DenseMatrix block = LastLayer(features, begin, std::min(begin + kBlock, total));
    DenseMatrix cosines(block.rows, total);
    MultiplyByTransposed(block, all, threads, &cosines);
    ForEachExample(block.rows, WorkersFor(block.rows, threads), nullptr, [&](size_t, size_t row) {
      const size_t i = begin + row;
      for (size_t j = 0; j < total; ++j) {
        if (j == i) continue;
        const Neighbour other = {static_cast<uint32_t>(j), cosines.row(row)[j]};
        Insert(other, {found.nearest.data() + i * found.count, found.count});
        if (labels[j] != labels[i]) Insert(other, {&found.strange[i], 1});
      }
    });
  }
  return found;
}

}  // namespace pbert::converter
