// The memory plan against what a network really touches.
//
// Between two steps the test overwrites every byte of the planned block that no buffer carries over from the step
// before. So what reads a buffer outside of its lifetime, or before it is filled, reads nonsense and gives another
// answer; and what writes where no buffer is alive leaves a trace. That this would be seen is tried as well: with each
// lifetime shortened by each of its steps the same watch must find something. Thus no lifetime is longer than it must
// be, either.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <string>
#include <vector>

#include "base/arena.h"
#include "engine/memory_plan.h"
#include "tests/engine/network_file.h"
#include "tests/engine/test_network.h"

#ifdef PBERT_REDZONES
#include <sanitizer/asan_interface.h>
#endif

namespace pbert::test {
namespace {

using schema::TensorType;

// What a cache line is overwritten with: NaN in each float and each scale, another one for each place, so that nonsense
// which is copied from one place to another shows as well.
struct Poison {
  explicit Poison(size_t line) {
    for (size_t i = 0; i < std::size(words); ++i) {
      words[i] = 0xFFC00000u | static_cast<uint32_t>(line * std::size(words) + i + 1);
    }
  }
  uint32_t words[kCacheLine / sizeof(uint32_t)];
};

class Watch {
 public:
  // `alive` in place of the plan's own lifetimes, in its order. `forbid`: under the address sanitizer even reading what
  // is not alive ends the test, with the line that did it.
  Watch(const MemoryPlan& plan, std::vector<StepSet> alive, bool forbid)
      : plan_(plan),
        alive_(std::move(alive)),
        forbid_(forbid),
        forbidden_(plan.bytes() / kCacheLine, false),
        kept_(plan.bytes() / kCacheLine, false) {}

  static void Begin(void* self, Step step) { static_cast<Watch*>(self)->Enter(step); }

  void Enter(Step step) {
    Look();
    std::fill(forbidden_.begin(), forbidden_.end(), true);
    std::fill(kept_.begin(), kept_.end(), false);
    for (size_t i = 0; i < alive_.size(); ++i) {
      if (!alive_[i].Has(step)) continue;
      const PlannedBuffer& buffer = plan_.buffers()[i];
      const auto begin = static_cast<ptrdiff_t>(buffer.offset / kCacheLine);
      const auto lines = static_cast<ptrdiff_t>(buffer.bytes / kCacheLine);
      std::fill_n(forbidden_.begin() + begin, lines, false);
      if (!seen_.empty() && alive_[i].Has(last_)) std::fill_n(kept_.begin() + begin, lines, true);
    }
    for (size_t line = 0; line < kept_.size(); ++line) {
      if (kept_[line]) continue;
      const Poison poison(line);
      memcpy(plan_.block() + line * kCacheLine, &poison, kCacheLine);
    }
    seen_ = seen_ | StepSet::Of(step);
    last_ = step;
#ifdef PBERT_REDZONES
    for (size_t line = 0; line < forbidden_.size() && forbid_; ++line) {
      if (forbidden_[line]) __asan_poison_memory_region(plan_.block() + line * kCacheLine, kCacheLine);
    }
#endif
  }

  // Whether the step that just ended left alone what is not alive in it.
  void Look() {
#ifdef PBERT_REDZONES
    __asan_unpoison_memory_region(plan_.block(), plan_.bytes());
#endif
    for (size_t line = 0; line < forbidden_.size() && trespass_.empty(); ++line) {
      const Poison poison(line);
      if (!forbidden_[line] || memcmp(plan_.block() + line * kCacheLine, &poison, kCacheLine) == 0) continue;
      trespass_ = std::string(kStepNames[static_cast<size_t>(last_)]) + " writes to line " + std::to_string(line);
    }
  }

  const std::string& trespass() const { return trespass_; }
  StepSet seen() const { return seen_; }

 private:
  const MemoryPlan& plan_;
  const std::vector<StepSet> alive_;
  [[maybe_unused]] const bool forbid_;
  // Of each cache line: nobody is alive there; and: its content comes from the step before.
  std::vector<uint8_t> forbidden_, kept_;
  Step last_ = Step::kEmbed;
  StepSet seen_;
  std::string trespass_;
};

struct Question {
  std::vector<int32_t> ids;
  RowSelection rows;
  uint32_t heads;  // asked one after the other
};

struct Answer {
  std::vector<Matrix> outputs;
  Matrix hidden;
};

Answer Ask(TestNetwork* network, const Question& question) {
  network->Encode(question.ids, question.rows);
  std::vector<Matrix> outputs;
  for (uint32_t left = question.heads; left != 0; left &= left - 1) {
    (*network)->UseHead(static_cast<uint32_t>(std::countr_zero(left)));
    outputs.push_back(network->Head());
  }
  return {std::move(outputs), network->Hidden()};
}

bool Same(const Answer& a, const Answer& b) {
  bool same = WorstDifference(a.hidden, b.hidden) == 0;
  for (size_t i = 0; i < a.outputs.size(); ++i) same = same && WorstDifference(a.outputs[i], b.outputs[i]) == 0;
  return same;
}

struct Seen {
  std::string trespass;
  bool same;
  StepSet steps;
};

Seen AskWatched(TestNetwork* network, const MemoryPlan& plan, const std::vector<StepSet>& alive,
                const Question& question, const Answer& expected, bool forbid) {
  Watch watch(plan, alive, forbid);
  (*network)->SetStepHook({Watch::Begin, &watch});
  const bool same = Same(Ask(network, question), expected);
  watch.Look();
  (*network)->SetStepHook({});
  return {watch.trespass(), same, watch.seen()};
}

// Other processors are emulated here, and slow; of the plan only the products' scratch differs with them.
#if defined(__x86_64__)
constexpr bool kEmulated = false;
#else
constexpr bool kEmulated = true;
#endif

// The trials are left out where they would only be slow: their steps are the same with several threads, and by the
// reference's products.
void CheckPlan(const PackedModel& packed, const NetworkOptions& options, const RowSelection& rows) {
  CAPTURE(options.heads);
  CAPTURE(options.threads);
  MemoryPlan plan;
  TestNetwork network(packed, options, &plan);
  REQUIRE(plan.block() != nullptr);
  const Question question = {SomeIds(options.max_tokens), rows, options.heads};
  const Answer expected = Ask(&network, question);

  std::vector<StepSet> alive;
  for (const PlannedBuffer& buffer : plan.buffers()) alive.push_back(buffer.alive);
  const Seen planned = AskWatched(&network, plan, alive, question, expected, true);
  CHECK(planned.trespass == "");
  CHECK(planned.same);

  const bool trials = !kEmulated && options.threads == 1 && packed.backend() != BackendKind::kReference;
  for (size_t i = 0; trials && i < alive.size(); ++i) {
    CAPTURE(plan.buffers()[i].name);
    CHECK(!(alive[i] & planned.steps).empty());
    for (uint32_t step = 0; step < kStepCount; ++step) {
      if (!(alive[i] & planned.steps).Has(step)) continue;
      CAPTURE(kStepNames[step]);
      std::vector<StepSet> shorter = alive;
      shorter[i] = shorter[i].Without(StepSet::Of(step));
      const Seen seen = AskWatched(&network, plan, shorter, question, expected, false);
      const bool found = seen.trespass != "" || !seen.same;
      CHECK(found);
    }
  }
  // What the trials have left behind disturbs nobody.
  CHECK(Same(Ask(&network, question), expected));
}

// Which weights are int8: all, none, one layer's, or every second matrix, so that each buffer meets both kinds.
std::vector<NetworkShape> Shapes(const NetworkShape& shape) {
  std::vector<NetworkShape> shapes = {shape.With(TensorType::I8), shape.With(TensorType::F32)};
  const auto some = [&shapes, &shape](auto int8) {
    shapes.push_back(shape);
    shapes.back().type = [int8](const std::string& name) { return int8(name) ? TensorType::I8 : TensorType::F32; };
  };
  if (kEmulated) return shapes;
  some([](const std::string& name) { return name.starts_with("layer.0"); });
  some([](const std::string& name) { return name.find("ffn_in") != name.npos; });
  some([](const std::string& name) { return name.find("ffn_out") != name.npos || name.find("qkv") != name.npos; });
  return shapes;
}

TEST_CASE("memory touch: nothing is touched outside of its lifetime, and every step of a lifetime is needed") {
  static constexpr uint32_t kListed[] = {1, 4, 5, 17};
  const RowSelection some_rows = {schema::RowChoice::Listed, kListed};
  const NetworkShape plain = {.layers = 2, .tokens = 20};
  const NetworkShape projecting = {.hidden = 40, .heads = 5, .ffn = 70, .embedding = 33};
  for (const NetworkShape& base : {plain, projecting}) {
    for (const NetworkShape& shape : Shapes(base)) {
      const OpenNetworkFile file(shape);
      for (const BackendKind backend : kBackends) {
        CAPTURE(static_cast<int>(backend));
        const auto packed = Prepare(file.model(), backend);
        for (const uint32_t threads : {1u, 3u}) {
          CheckPlan(*packed, {.max_tokens = 20, .threads = threads, .heads = 1u << kTagger}, kAllRows);
          CheckPlan(*packed, {.max_tokens = 20, .threads = threads, .heads = 1u << kLanguage}, some_rows);
        }
        CheckPlan(*packed, {.max_tokens = 20, .threads = 1, .heads = 1u << kClassifier}, kFirstRow);
        CheckPlan(*packed, {.max_tokens = 20, .threads = 1, .heads = 1u << kFeatures}, kAllRows);
        CheckPlan(*packed, {.max_tokens = 20, .threads = 1, .heads = 1u << kManySteps}, kFirstRow);
        CheckPlan(*packed, {.max_tokens = 20, .threads = 1, .heads = 0x1F}, kAllRows);
      }
    }
  }
}

// More rows than one tile of the feed-forward, whose steps are repeated.
TEST_CASE("memory touch: several tiles") {
  for (const NetworkShape& shape : Shapes({.layers = 2, .tokens = 150})) {
    const OpenNetworkFile file(shape);
    for (const BackendKind backend : kBackends) {
      const auto packed = Prepare(file.model(), backend);
      for (const uint32_t threads : {1u, 2u}) {
        CheckPlan(*packed, {.max_tokens = 150, .threads = threads, .heads = 1u << kTagger}, kAllRows);
      }
    }
  }
}

TEST_CASE("memory touch: counting gives the same plan, without a block") {
  const OpenNetworkFile file(NetworkShape{}.With(TensorType::I8));
  const auto packed = Prepare(file.model(), BackendKind::kAuto);
  const NetworkOptions options = {.max_tokens = 20, .threads = 2, .heads = 1u << kTagger};
  MemoryPlan real, counted;
  TestNetwork network(*packed, options, &real);
  Arena counting;
  Network* none = nullptr;
  REQUIRE(Network::Create(*packed, options, &counting, &none, &counted).ok());
  CHECK(counted.block() == nullptr);
  CHECK(counted.bytes() == real.bytes());
  REQUIRE(counted.buffers().size() == real.buffers().size());
  for (size_t i = 0; i < real.buffers().size(); ++i) {
    CHECK(counted.buffers()[i].name == std::string(real.buffers()[i].name));
    CHECK(counted.buffers()[i].offset == real.buffers()[i].offset);
  }
  // Each name once.
  for (size_t i = 1; i < real.buffers().size(); ++i) {
    for (size_t j = 0; j < i; ++j) CHECK(real.buffers()[i].name != std::string(real.buffers()[j].name));
  }
}

}  // namespace
}  // namespace pbert::test
