// What this machine's cores can do at most: multiply int8 numbers, and read memory.
#ifndef POCKETBERT_PLATFORMS_CLI_PEAK_H_
#define POCKETBERT_PLATFORMS_CLI_PEAK_H_

#include <cstddef>
#include <cstdint>

#include "kernels/instruction_set.h"

namespace pbert::cli {

struct Peak {
  const char* dot_isa = "";  // of the instructions that were timed: "avx512vnni", "neoni8mm", ...
  double gmacs = 0;          // 10^9 int8 multiply-accumulates a second, all threads together
  double gbytes = 0;         // 10^9 bytes read a second, all threads together
};

// Measures with `threads` threads at once: the best of 20 runs of dot products into independent accumulators with the
// widest of these instructions, and the best of 20 reads of a buffer of `buffer_bytes` by the widest
// loads with prefetch. Takes about 0.2 s. Throws Error when memory or threads cannot be had.
Peak MeasurePeak(uint32_t threads, size_t buffer_bytes, const InstructionSet& instructions);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_PEAK_H_
