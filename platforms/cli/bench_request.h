// What bench times, for those who measure something with it.
#ifndef POCKETBERT_PLATFORMS_CLI_BENCH_REQUEST_H_
#define POCKETBERT_PLATFORMS_CLI_BENCH_REQUEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platforms/cli/bench_texts.h"
#include "pocketbert/pocketbert.h"

namespace pbert::cli {

inline constexpr uint32_t kBenchLengths[] = {8, 16, 32, 64, 128};

// One request of the model's own task, as an application makes it. Throws Error, also when it was not of `tokens`.
void AskBenchText(pbert_session* session, uint32_t task, const BenchText& text, uint32_t tokens);

// The milliseconds from a file's path to the first answer, by a process that has not opened it: a child of this one.
// `drop_cache`: its pages leave the page cache before. Nothing where that, or the child, does not succeed. No other
// thread may run, and nobody map the file.
std::optional<double> FirstAnswerMs(const std::string& path, const pbert_session_options& options,
                                    const BenchText& text, uint32_t tokens, bool drop_cache);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_BENCH_REQUEST_H_
