// Choices of a fuzz target: the input makes them as long as there is some of it, then a generator seeded by it does.
// The same on every machine, so that an input means the same wherever it is repeated.
#ifndef POCKETBERT_TESTS_FUZZ_CHANCE_H_
#define POCKETBERT_TESTS_FUZZ_CHANCE_H_

#include <cstdint>
#include <random>
#include <span>

namespace pbert::fuzz {

class Chance {
 public:
  explicit Chance(uint32_t seed, std::span<const uint8_t> input = {}) : generator_(seed), input_(input) {}

  // A number below `count`; 0 where there is no choice.
  uint32_t operator()(uint64_t count) {
    if (count <= 1) return 0;
    uint32_t number = 0;
    const size_t bytes = count <= 0x100 ? 1 : count <= 0x10000 ? 2 : 4;
    if (input_.size() < bytes) return static_cast<uint32_t>(generator_() % count);
    for (size_t i = 0; i < bytes; ++i) number = number << 8 | input_[i];
    input_ = input_.subspan(bytes);
    return static_cast<uint32_t>(number % count);
  }
  // Whether there is input left.
  bool HasInput() const { return !input_.empty(); }
  bool OneIn(uint32_t count) { return (*this)(count) == 0; }
  uint32_t Word() { return static_cast<uint32_t>(generator_()); }

 private:
  std::mt19937 generator_;
  std::span<const uint8_t> input_;
};

}  // namespace pbert::fuzz

#endif  // POCKETBERT_TESTS_FUZZ_CHANCE_H_
