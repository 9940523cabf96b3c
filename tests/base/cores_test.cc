// Which cores threads go to, by made-up trees of /sys.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/port_cores.h"
#include "base/team.h"
#include "tests/support/skip.h"

namespace pbert::test {
namespace {

namespace fs = std::filesystem;

class Tree {
 public:
  Tree() {
    char name[] = "/tmp/pocketbert-cores-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    root_ = name;
  }
  ~Tree() { fs::remove_all(root_); }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  Tree& Write(const std::string& name, const std::vector<std::string>& values) {
    for (size_t i = 0; i < values.size(); ++i) {
      const fs::path path = root_ / "sys/devices/system/cpu" / ("cpu" + std::to_string(i)) / name;
      fs::create_directories(path.parent_path());
      std::ofstream(path) << values[i] << '\n';
    }
    return *this;
  }
  CoreChoice Choose(const ProcessorSet& allowed, int wanted = 1, const ProcessorSet* small = nullptr) const {
    return ChooseCores(root_.c_str(), allowed, small, wanted);
  }

 private:
  fs::path root_;
};

ProcessorSet Range(uint32_t first, uint32_t last) {
  ProcessorSet set;
  for (uint32_t i = first; i <= last; ++i) set.Add(i);
  return set;
}

constexpr char kCapacity[] = "cpu_capacity", kFrequency[] = "cpufreq/cpuinfo_max_freq";

TEST_CASE("cores: by capacity, as the process's affinity leaves them") {
  Tree tree;
  tree.Write(kCapacity, {"325", "325", "325", "325", "1024", "1024", "1024", "1024"});
  tree.Write(kFrequency, {"3", "3", "3", "3", "1", "1", "1", "1"});  // not asked
  CoreChoice choice = tree.Choose(Range(0, 7));
  CHECK(choice.processors == Range(4, 7));
  CHECK(choice.cores == 4);
  CHECK(choice.by == CoresBy::kCapacity);
  CHECK(choice.LeavesSomeOut());
  CHECK(choice.most == 1024);
  CHECK(choice.least == 1024);
  CHECK(choice.others == 325);

  choice = tree.Choose(Range(2, 5));
  CHECK(choice.processors == Range(4, 5));
  choice = tree.Choose(Range(0, 2));  // the small ones are all that there is
  CHECK(choice.processors == Range(0, 2));
  CHECK(choice.cores == 3);
  CHECK_FALSE(choice.LeavesSomeOut());
}

TEST_CASE("cores: smaller ones only where more threads are wanted") {
  Tree tree;
  tree.Write(kCapacity, {"160", "160", "160", "160", "498", "498", "1024", "1024"});
  CHECK(tree.Choose(Range(0, 7)).processors == Range(6, 7));
  CHECK(tree.Choose(Range(0, 7), 2).processors == Range(6, 7));
  CHECK(tree.Choose(Range(0, 7), 3).processors == Range(4, 7));
  CHECK(tree.Choose(Range(0, 7), 4).processors == Range(4, 7));
  CHECK(tree.Choose(Range(0, 7), 5).processors == Range(0, 7));
  CHECK(tree.Choose(Range(0, 7), 64).processors == Range(0, 7));
}

TEST_CASE("cores: a prime core has company") {
  Tree tree;
  tree.Write(kCapacity, {"250", "250", "871", "871", "871", "1024"});
  const CoreChoice choice = tree.Choose(Range(0, 5));
  CHECK(choice.processors == Range(2, 5));
  CHECK(choice.least == 871);
}

TEST_CASE("cores: by name, then by frequency, then all") {
  const ProcessorSet small = Range(0, 1), none;
  Tree tree;
  CoreChoice choice = tree.Choose(Range(0, 3));
  CHECK(choice.by == CoresBy::kNothing);
  CHECK(choice.processors == Range(0, 3));
  CHECK(choice.cores == 4);
  tree.Write(kFrequency, {"1800000", "1800000", "1800000", "2840000"});
  CHECK(tree.Choose(Range(0, 3), 1, &small).processors == Range(2, 3));
  CHECK(tree.Choose(Range(0, 3), 1, &small).by == CoresBy::kName);
  choice = tree.Choose(Range(0, 3), 1, &none);
  CHECK(choice.by == CoresBy::kFrequency);
  CHECK(choice.processors == Range(3, 3));
  CHECK(choice.others == 1800000);
}

TEST_CASE("cores: what is not a number, or missing for one, tells nothing; hardware threads share a core") {
  Tree tree;
  tree.Write(kCapacity, {"1024", "what"}).Write("topology/thread_siblings_list", {"0,2", "1,3", "0,2", "1,3"});
  const CoreChoice choice = tree.Choose(Range(0, 3));
  CHECK(choice.by == CoresBy::kNothing);
  CHECK(choice.processors == Range(0, 3));
  CHECK(choice.cores == 2);
  CHECK(tree.Choose({}).cores == 0);
}

TEST_CASE("cores: a thread stays where it is kept") {
  ProcessorSet before;
  if (!AllowedProcessors(&before)) return;
  ProcessorSet one, now;
  uint32_t first = 0;
  while (!before.Has(first)) ++first;
  one.Add(first);
  KeepToProcessors(one);
  CHECK(AllowedProcessors(&now));
  KeepToProcessors(before);
  CHECK(now == one);
}

TEST_CASE("cores: a team's threads are kept to them, and the caller is not") {
  CoreChoice choice;
  if (!AllowedProcessors(&choice.allowed) || choice.allowed.Count() < 2) return Skip("one processor");
  uint32_t last = ProcessorSet::kMost - 1;
  while (!choice.allowed.Has(last)) --last;
  choice.processors.Add(last);

  const auto job = [](void* context, uint32_t thread) {
    AllowedProcessors(static_cast<ProcessorSet*>(context) + thread);
  };
  for (const bool keep : {true, false}) {
    if (!keep) choice.processors = choice.allowed;
    Arena counting;
    Team* team = nullptr;
    REQUIRE(Team::Create(3, &counting, &team, &choice).ok());
    std::vector<uint8_t> memory(counting.Needed());
    Arena arena(memory.data(), memory.size());
    REQUIRE(Team::Create(3, &arena, &team, &choice).ok());
    ProcessorSet seen[3];
    CHECK(team->Run(job, seen).ok());
    Team::Destroy(team);
    CHECK(seen[0] == choice.allowed);
    CHECK(seen[1] == choice.processors);
    CHECK(seen[2] == choice.processors);
  }
}

}  // namespace
}  // namespace pbert::test
