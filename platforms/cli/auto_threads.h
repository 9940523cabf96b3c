// --threads auto.
#ifndef POCKETBERT_PLATFORMS_CLI_AUTO_THREADS_H_
#define POCKETBERT_PLATFORMS_CLI_AUTO_THREADS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "converter/evaluate/model_handle.h"
#include "platforms/cli/bench_texts.h"

namespace pbert::cli {

// At most as many threads as there are cores of the highest capacity.
uint32_t MostThreads();

// For texts of which each has a core to itself: the hardware threads of those cores.
uint32_t MostTextsAtOnce();

// The number of threads that answers these texts, some for each length, fastest; lengths weigh alike. Takes a fraction
// of a second for each number.
uint32_t FastestThreads(const converter::ModelHandle& model, pbert_backend backend,
                        const std::vector<uint32_t>& lengths, const std::vector<std::vector<BenchText>>& texts);

// The same for bench's lengths up to `max_tokens` (0: all), with texts made here; prints the number to standard error.
// 1 where no texts can be made of the vocabulary.
uint32_t FastestThreadsOf(const std::string& path, pbert_backend backend, uint32_t max_tokens);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_AUTO_THREADS_H_
