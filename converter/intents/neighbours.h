// Which sentences are nearest to each other, by the cosine of what the encoder makes of them.
#ifndef POCKETBERT_CONVERTER_INTENTS_NEIGHBOURS_H_
#define POCKETBERT_CONVERTER_INTENTS_NEIGHBOURS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "converter/intents/sentence_features.h"
#include "converter/support/callbacks.h"

namespace pbert::converter {

struct Neighbour {
  uint32_t sentence = 0;
  float cosine = -2;  // below -1: there is none
};

struct Neighbours {
  size_t count = 0;                // of each sentence; fewer than asked for where there are not so many
  std::vector<Neighbour> nearest;  // [sentences, count], the nearest first
  std::vector<Neighbour> strange;  // [sentences]: the nearest one with another label

  std::span<const Neighbour> of(size_t sentence) const { return {nearest.data() + sentence * count, count}; }
};

// Of the first labels.size() sentences of `features`, by their last layer. Nobody is a neighbour of itself.
Neighbours FindNeighbours(const SentenceFeatures& features, std::span<const uint32_t> labels, size_t count,
                          size_t threads, const ProgressCallback& progress);

}  // namespace pbert::converter

#endif  // POCKETBERT_CONVERTER_INTENTS_NEIGHBOURS_H_
