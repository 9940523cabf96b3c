// A session's memory plan, for machines and for people: `inspect --memory`.
#ifndef POCKETBERT_PLATFORMS_CLI_MEMORY_VIEW_H_
#define POCKETBERT_PLATFORMS_CLI_MEMORY_VIEW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "engine/memory_plan.h"
#include "engine/packed_model.h"
#include "engine/step.h"
#include "model/model.h"
#include "platforms/cli/json_output.h"

namespace pbert::cli {

struct MemoryOptions {
  uint32_t max_tokens = 0;  // 0: the model's
  uint32_t threads = 1;
  BackendKind backend = BackendKind::kAuto;
};

// What a session with these options would take. Only counted: nothing is packed, and no session is made.
struct SessionMemory {
  uint32_t max_tokens, threads;
  std::string backend;
  uint64_t arena_bytes;
  MemoryPlan plan;
  std::vector<Step> steps;  // that such a session runs
};

// Throws Error.
SessionMemory CountMemory(const Model& model, const MemoryOptions& options);

Json MemoryJson(const SessionMemory& memory);

// Buffers by steps, with a block where a buffer is alive, and under it the sum of each step.
std::string MemoryPicture(const SessionMemory& memory);

}  // namespace pbert::cli

#endif  // POCKETBERT_PLATFORMS_CLI_MEMORY_VIEW_H_
