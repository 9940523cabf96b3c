// What this process uses, with POCKETBERT_ISA or without: tests/CMakeLists.txt runs this with several values of it.
#include "kernels/instruction_set.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <set>
#include <string>

namespace pbert::test {
namespace {

TEST_CASE("instruction sets: each has a name of its own, and the tables that are found by it") {
  std::set<std::string> names;
  for (const InstructionSet& set : InstructionSets()) {
    CAPTURE(set.name);
    CHECK(names.insert(set.name).second);
    if (!set.on_this_cpu) {
      CHECK(Int8ProductFor(set.name) == nullptr);
      continue;
    }
    CHECK(KernelsFor(set.kernels().isa) == &set.kernels());
    CHECK(Int8ProductFor(set.name) == (set.product == nullptr ? nullptr : &set.product()));
  }
  CHECK(names.contains("scalar"));
  CHECK(KernelsFor(Isa::kScalar) == &ScalarKernels());
  // What is never the best stands behind what every CPU has.
  const bool portable = names.contains("portable");
  const auto sets = InstructionSets();
  CHECK(std::string(sets[sets.size() - (portable ? 2 : 1)].name) == "scalar");
  if (portable) {
    CHECK(std::string(sets.back().name) == "portable");
    CHECK(sets.back().on_this_cpu);
    CHECK(BestInstructionSet().name != std::string("portable"));
    const Int8Product* best = nullptr;
    for (const InstructionSet& set : sets) {
      if (best == nullptr) best = Int8ProductFor(set.name);
    }
    CHECK(Int8ProductFor("portable") == best);
  }
  CHECK(Int8ProductFor("mmx") == nullptr);
}

TEST_CASE("instruction sets: the best one is used, or the one that POCKETBERT_ISA names") {
  const char* wanted = std::getenv("POCKETBERT_ISA");
  const InstructionSet* expected = nullptr;
  for (const InstructionSet& set : InstructionSets()) {
    if (set.on_this_cpu && expected == nullptr) expected = &set;
  }
  bool asked = false;
  for (const InstructionSet& set : InstructionSets()) {
    if (wanted == nullptr || !set.on_this_cpu || std::string(wanted) != set.name) continue;
    expected = &set;
    asked = true;
  }
  REQUIRE(&UsedInstructionSet() == expected);
  CHECK(&BestKernels() == &expected->kernels());
  const bool has_product = expected->product != nullptr && (asked || expected->name != std::string("scalar"));
  CHECK(BestInt8Product() == (has_product ? &expected->product() : nullptr));
  if (asked) CHECK(Int8ProductIsFastest() == has_product);
}

}  // namespace
}  // namespace pbert::test
