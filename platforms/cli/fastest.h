// The number of threads that is fastest, by a measurement that somebody else makes.
#ifndef POCKETBERT_PLATFORMS_CLI_FASTEST_H_
#define POCKETBERT_PLATFORMS_CLI_FASTEST_H_

#include <cstdint>
#include <functional>

namespace pbert::cli {

// Tries 1 to `most` threads. A thread more has to be worth it, by 3 %; after two in a row that were not, no further
// ones are tried.
inline uint32_t FastestCount(uint32_t most, const std::function<double(uint32_t threads)>& measure) {
  constexpr double kWorthIt = 0.97;
  uint32_t best = 1;
  double least = measure(1);
  for (uint32_t threads = 2; threads <= most && threads <= best + 2; ++threads) {
    const double time = measure(threads);
    if (time < kWorthIt * least) best = threads, least = time;
  }
  return best;
}

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_FASTEST_H_
