// The least time that a request can take on this machine.
#ifndef POCKETBERT_PLATFORMS_CLI_ROOFLINE_H_
#define POCKETBERT_PLATFORMS_CLI_ROOFLINE_H_

#include <cstdint>

#include "model/model.h"
#include "platforms/cli/peak.h"

namespace pbert::cli {

// What the matrix products of one request are made of; the rest of a layer is not counted.
struct Work {
  double macs = 0;
  double weight_bytes = 0;  // read once
};

// Of a text of `tokens` tokens, when the first head reads what it says that it reads.
Work WorkOf(const Model& model, uint32_t tokens);
// DistilBERT-base with a classifier of 150 labels, for want of a model.
Work WorkOfDistilBertBase(uint32_t tokens);

// A buffer to measure the bandwidth with: 64 MB, or as large as the weights where they are less, because those may
// stay in a cache that 64 MB do not fit into.
size_t RooflineBuffer(const Work& work);

// The larger of the arithmetic's time at the peak and of the time to read the weights, in milliseconds.
double LimitMs(const Work& work, const Peak& peak);
bool BoundByMemory(const Work& work, const Peak& peak);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_ROOFLINE_H_
