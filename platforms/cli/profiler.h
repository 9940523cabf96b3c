// The clock behind the engine's profile hook.
#ifndef POCKETBERT_PLATFORMS_CLI_PROFILER_H_
#define POCKETBERT_PLATFORMS_CLI_PROFILER_H_

#include <array>
#include <cstdint>

#include "engine/network.h"
#include "engine/profile.h"

namespace pbert::cli {

using Parts = std::array<double, kOpKindCount>;  // milliseconds

const char* PartName(int kind);

// Listens to a network for as long as it lives. One thread.
class Profiler {
 public:
  explicit Profiler(Network* network);  // must outlive this
  ~Profiler();
  Profiler(const Profiler&) = delete;
  Profiler& operator=(const Profiler&) = delete;

  void Start();  // just before a request, which begins with the tokenizer
  Parts Stop();

 private:
  void Enter(OpKind kind);

  Network* network_;
  OpKind kind_ = OpKind::kTokenizer;
  uint64_t since_ = 0;
  Parts parts_{};
};

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_PROFILER_H_
