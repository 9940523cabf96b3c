#include "platforms/cli/memory_view.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include "converter/support/error.h"
#include "engine/network.h"
#include "platforms/cli/table.h"
#include "tasks/session.h"
#include "text/tokenizer.h"

namespace pbert::cli {
namespace {

using converter::ThrowIfError;

const char* NameOf(Step step) { return kStepNames[static_cast<size_t>(step)]; }

// The letter over a step's column.
std::string Letter(size_t column) { return std::string(1, static_cast<char>('a' + column)); }
static_assert(kStepCount <= 26);

uint64_t AliveBytes(const SessionMemory& memory, Step step) {
  return memory.plan.AliveBytes(static_cast<uint32_t>(step));
}

uint64_t MostAlive(const SessionMemory& memory) {
  uint64_t most = 0;
  for (const Step step : memory.steps) most = std::max(most, AliveBytes(memory, step));
  return most;
}

}  // namespace

SessionMemory CountMemory(const Model& model, const MemoryOptions& options) {
  std::unique_ptr<PackedModel> packed;
  ThrowIfError(PackedModel::Create(model, options.backend, &packed));
  Tokenizer tokenizer;
  ThrowIfError(Tokenizer::Open(model, &tokenizer));
  SessionMemory memory{.max_tokens = options.max_tokens == 0 ? model.max_tokens() : options.max_tokens,
                       .threads = options.threads,
                       .backend = packed->products_name(),
                       .arena_bytes = 0,
                       .plan = {},
                       .steps = {}};
  size_t bytes = 0;
  ThrowIfError(
      Session::MemoryNeeded(*packed, tokenizer, {.max_tokens = memory.max_tokens, .threads = memory.threads}, &bytes));
  memory.arena_bytes = bytes;
  Arena counting;
  Network* none = nullptr;
  uint32_t heads = 0;
  ThrowIfError(ChooseHeads(model, 0, &heads));
  ThrowIfError(Network::Create(*packed, {.max_tokens = memory.max_tokens, .threads = memory.threads, .heads = heads},
                               &counting, &none, &memory.plan));
  const auto buffers = memory.plan.buffers();
  const bool quantizes = std::any_of(buffers.begin(), buffers.end(), [](const PlannedBuffer& buffer) {
    return buffer.name == std::string_view("context int8");
  });
  for (uint32_t i = 0; i < kStepCount; ++i) {
    const Step step = static_cast<Step>(i);
    if (step == Step::kProject && !packed->embedding_projection().present()) continue;
    if (step == Step::kQuantize && !quantizes) continue;
    memory.steps.push_back(step);
  }
  return memory;
}

Json MemoryJson(const SessionMemory& memory) {
  Json object = {{"max_tokens", memory.max_tokens},
                 {"threads", memory.threads},
                 {"backend", memory.backend},
                 {"arena_bytes", memory.arena_bytes},
                 {"planned_bytes", memory.plan.bytes()},
                 {"most_alive_bytes", MostAlive(memory)},
                 {"buffers", Json::array()},
                 {"steps", Json::array()}};
  for (const PlannedBuffer& buffer : memory.plan.buffers()) {
    Json alive = Json::array();
    for (const Step step : memory.steps) {
      if (buffer.alive.Has(step)) alive.push_back(NameOf(step));
    }
    object["buffers"].push_back(
        {{"name", buffer.name}, {"bytes", buffer.bytes}, {"offset", buffer.offset}, {"alive", alive}});
  }
  for (const Step step : memory.steps) {
    object["steps"].push_back({{"name", NameOf(step)}, {"alive_bytes", AliveBytes(memory, step)}});
  }
  return object;
}

std::string MemoryPicture(const SessionMemory& memory) {
  std::string text =
      Format("a session for %u tokens on %u thread%s, backend %s: %s bytes\n", memory.max_tokens, memory.threads,
             memory.threads == 1 ? "" : "s", memory.backend.c_str(), Grouped(memory.arena_bytes).c_str());
  text += Format("  %s planned, where buffers that are never alive together share space\n",
                 Grouped(memory.plan.bytes()).c_str());
  text += Format("  %s for the tokenizer, tokens, results and what describes products and threads, all the time\n\n",
                 Grouped(memory.arena_bytes - memory.plan.bytes()).c_str());

  std::string letters;
  for (size_t i = 0; i < memory.steps.size(); ++i) letters += Letter(i) + " ";
  Table lives("lrrl", {"buffer", "bytes", "offset", letters});
  for (const PlannedBuffer& buffer : memory.plan.buffers()) {
    std::string life;
    for (const Step step : memory.steps) life += buffer.alive.Has(step) ? "██" : "· ";
    lives.Add({buffer.name, Grouped(buffer.bytes), Grouped(buffer.offset), life});
  }
  text += lives.Print() + "\n";

  const uint64_t most = MostAlive(memory);
  Table sums("llrl", {"", "step", "alive, bytes", ""});
  for (size_t i = 0; i < memory.steps.size(); ++i) {
    const uint64_t alive = AliveBytes(memory, memory.steps[i]);
    sums.Add({Letter(i), NameOf(memory.steps[i]), Grouped(alive),
              Bar(static_cast<float>(static_cast<double>(alive) / static_cast<double>(memory.plan.bytes()))) +
                  (alive == most ? "  the most" : "")});
  }
  return text + sums.Print();
}

}  // namespace pbert::cli
